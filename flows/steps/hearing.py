"""What a recogniser hears in clips, kept clip by clip: a brought model in confined children, or a service elsewhere."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from audio.recognise.file import RecognisedFile, RecognitionJob, recognise_file
from audio.sandbox import Sandbox
from catalog.config.recognisers import Recogniser
from flows.recogniser_service import RecogniserService, ServiceRefused, ServiceUnavailable
from flows.steps.in_sandbox import Cause, FailedItem, ItemFailure, each_in_sandbox
from flows.steps.recognisers import RecogniserMissing, fetch_model
from flows.steps.scratch import scratch_folder
from flows.workspace import Workspace
from transcription.drafts.keeping import HeardText, keep_draft

_IN_A_ROW = 3
"""Clips for which a service is away, before the run leaves the rest to the next."""
Heard = bool | FailedItem
"""Whether the recogniser made something of a clip, or why nobody knows yet."""


@dataclass(frozen=True, slots=True)
class ClipToHear:
    """A clip, and where its sound lies."""

    id: str
    key: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Ear:
    """A recogniser at work in a language. model: its name, as drafts state it"""

    language: str
    model: str
    recogniser: Recogniser


def hear(
    workspace: Workspace, ear: Ear, clips: Sequence[ClipToHear], folder: Path
) -> Iterator[tuple[ClipToHear, Heard]]:
    """Each clip with what became of it, kept already. folder: of the step's own

    Raises RecogniserMissing, StoreUnavailable, CatalogUnavailable, SandboxUnavailable.
    """
    by = _by_service if ear.recogniser.service is not None else _by_model
    return by(workspace, ear, clips, folder)


def model_name(workspace: Workspace, recogniser: Recogniser) -> str:
    """As drafts state it: another file, or another name at the service, is another model. Raises RecogniserMissing."""
    if recogniser.service is not None:
        _service(workspace)
        return f"service:{recogniser.service}"
    with scratch_folder(workspace.scratch, "recogniser") as folder:
        return fetch_model(workspace, recogniser, folder).name


def _service(workspace: Workspace) -> RecogniserService:
    if workspace.recogniser_service is None:
        raise RecogniserMissing(
            "the project names a recogniser at a service, and BOLI_RECOGNISER_URL names none.\n"
            "Set it, or bring a model as `onnx`."
        )
    return workspace.recogniser_service


def _by_model(
    workspace: Workspace, ear: Ear, clips: Sequence[ClipToHear], folder: Path
) -> Iterator[tuple[ClipToHear, Heard]]:
    """Each clip in a limited child."""
    model = fetch_model(workspace, ear.recogniser, folder)
    jobs = {RecognitionJob(folder / f"{clip.id}.flac", model.files): clip for clip in clips}
    with Sandbox(workspace.workers, workspace.limits, temp=folder) as sandbox:
        yield from each_in_sandbox(
            sandbox,
            jobs,
            partial(recognise_file, limits=workspace.limits),
            fetch=lambda job: workspace.store.fetch(jobs[job].key, job.path, sha256=jobs[job].sha256),
            settle=lambda clip, found: _settle(workspace, model.name, clip, found),
            tidy=lambda job: job.path.unlink(missing_ok=True),
        )


def _by_service(
    workspace: Workspace, ear: Ear, clips: Sequence[ClipToHear], folder: Path
) -> Iterator[tuple[ClipToHear, Heard]]:
    """One clip after the other, sent as it lies in the store; after some failures in a row the rest waits."""
    assert ear.recogniser.service is not None
    service = _service(workspace)
    away = 0
    for clip in clips:
        path = folder / f"{clip.id}.flac"
        try:
            workspace.store.fetch(clip.key, path, sha256=clip.sha256)
            text = service.hear(path, model=ear.recogniser.service, language=ear.language.partition("-")[0])
            end: Heard = _keep(workspace, ear.model, clip, HeardText(" ".join(text.split())))
            away = 0
        except ServiceRefused as error:
            end = _keep(workspace, ear.model, clip, HeardText("", fault=str(error)))
        except ServiceUnavailable as error:
            away += 1
            end = FailedItem(clip.id, "recogniser_away", str(error))
        finally:
            path.unlink(missing_ok=True)
        yield clip, end
        if away == _IN_A_ROW:
            return


def _settle(workspace: Workspace, model: str, clip: ClipToHear, found: RecognisedFile | ItemFailure) -> Heard:
    if isinstance(found, ItemFailure):
        if found.cause is Cause.THE_FILE:
            return _keep(workspace, model, clip, HeardText("", fault=f"{found.code}: {found.message}"))
        return FailedItem(clip.id, found.code, found.detail)
    if found.heard is None:
        return _keep(workspace, model, clip, HeardText("", fault=found.fault))
    return _keep(workspace, model, clip, HeardText(found.heard.text, found.heard.confidence))


def _keep(workspace: Workspace, model: str, clip: ClipToHear, heard: HeardText) -> bool:
    """Whether there is a draft now."""
    with workspace.catalog.writing() as session:
        keep_draft(session, clip.id, model, heard, now=workspace.now())
    return heard.fault is None
