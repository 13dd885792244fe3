"""The rooms of people, opened for a project."""

from flows.workspace import Workspace
from transcription.context import ProjectContext
from transcription.decisions.language_models import LanguageModels
from transcription.decisions.learnt_spellings import learnt
from transcription.rules.guideline import load_guidelines, with_learnt


def open_project_context(workspace: Workspace) -> ProjectContext:
    """Where the project's clips are given out, written down and judged. Raises ConfigurationError."""
    guidelines = load_guidelines(
        workspace.configs, workspace.languages, workspace.project.transcription.guideline
    )
    project = workspace.project
    models = LanguageModels(workspace.catalog, project.name, dict(guidelines), workspace.now)
    with workspace.catalog.reading() as session:
        for code in project.languages:
            guidelines[code] = with_learnt(guidelines[code], learnt(session, project.name, code))
    return ProjectContext(workspace.catalog, project, guidelines, models)
