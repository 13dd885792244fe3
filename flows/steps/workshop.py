"""The rooms of people, opened for a project."""

from flows.workspace import Workspace
from transcription.guideline import load_guidelines
from transcription.workshop import Workshop


def open_workshop(workspace: Workspace) -> Workshop:
    """Where the project's clips are given out, written down and judged. Raises ConfigurationError."""
    guidelines = load_guidelines(
        workspace.configs, workspace.languages, workspace.project.transcription.guideline
    )
    return Workshop(workspace.catalog, workspace.project, guidelines)
