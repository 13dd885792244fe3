"""The rooms of people, opened for a project."""

from flows.workspace import Workspace
from transcription.context import Workshop
from transcription.decisions.suspicion import fits_of
from transcription.rules.guideline import load_guidelines


def open_workshop(workspace: Workspace) -> Workshop:
    """Where the project's clips are given out, written down and judged. Raises ConfigurationError."""
    guidelines = load_guidelines(
        workspace.configs, workspace.languages, workspace.project.transcription.guideline
    )
    project = workspace.project
    ours = {code: guidelines[code] for code in project.languages}
    with workspace.catalog.reading() as session:
        fits = fits_of(session, project.name, ours)
    return Workshop(workspace.catalog, project, guidelines, fits)
