"""The rooms of people, opened for a project."""

from flows.workspace import Workspace
from transcription.context import ProjectContext
from transcription.decisions.language_models import LanguageModels
from transcription.rules.guideline import load_guidelines


def open_project_context(workspace: Workspace) -> ProjectContext:
    """Where the project's clips are given out, written down and judged. Raises ConfigurationError."""
    guidelines = load_guidelines(
        workspace.configs, workspace.languages, workspace.project.transcription.guideline
    )
    models = LanguageModels(workspace.catalog, workspace.project.name, guidelines, workspace.now)
    return ProjectContext(workspace.catalog, workspace.project, guidelines, models)
