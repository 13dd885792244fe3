"""The rooms of people, opened for a project."""

from flows.workspace import Workspace
from transcription.context import ProjectContext
from transcription.decisions.learnt_spellings import learnt
from transcription.decisions.suspicion import language_models_of
from transcription.rules.guideline import load_guidelines, with_learnt


def open_project_context(workspace: Workspace) -> ProjectContext:
    """Where the project's clips are given out, written down and judged. Raises ConfigurationError."""
    guidelines = load_guidelines(
        workspace.configs, workspace.languages, workspace.project.transcription.guideline
    )
    project = workspace.project
    ours = {code: guidelines[code] for code in project.languages}
    with workspace.catalog.reading() as session:
        for code in project.languages:
            guidelines[code] = with_learnt(guidelines[code], learnt(session, project.name, code))
        language_models = language_models_of(session, project.name, ours)
    return ProjectContext(workspace.catalog, project, guidelines, language_models)
