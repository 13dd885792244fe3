"""The rooms of people, opened for a project."""

from flows.workspace import Workspace
from transcription.context import ProjectContext
from transcription.decisions.suspicion import language_models_of
from transcription.rules.guideline import load_guidelines


def open_project_context(workspace: Workspace) -> ProjectContext:
    """Where the project's clips are given out, written down and judged. Raises ConfigurationError."""
    guidelines = load_guidelines(
        workspace.configs, workspace.languages, workspace.project.transcription.guideline
    )
    project = workspace.project
    ours = {code: guidelines[code] for code in project.languages}
    with workspace.catalog.reading() as session:
        language_models = language_models_of(session, project.name, ours)
    return ProjectContext(workspace.catalog, project, guidelines, language_models)
