"""What recognisers hear in clips that wait for people, and whether their drafts are worth showing."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from audio.recognise.file import RecognisedFile, RecognitionJob, recognise_file
from audio.sandbox import Sandbox
from catalog.config.recognisers import Recogniser
from catalog.ids import content_id
from catalog.tables import Clip
from flows.recogniser_service import RecogniserService, ServiceRefused, ServiceUnavailable
from flows.steps.batches import Batch, batches
from flows.steps.in_sandbox import Cause, FailedItem, ItemFailure, each_in_sandbox
from flows.steps.project_context import open_project_context
from flows.steps.recognisers import RecogniserMissing, fetch_model
from flows.steps.scratch import scratch_folder
from flows.workspace import Workspace
from transcription.drafts.keeping import HeardText, keep_draft, undrafted
from transcription.drafts.measuring import DraftFigures, draft_figures, keep_draft_figures, measure_drafts

AHEAD = 2_000
"""Clips of a language at most that one run hears: people write the first of the queue first."""
_IN_A_ROW = 3
"""Clips for which a service is away, before the run leaves the rest to the next."""


@dataclass(frozen=True, slots=True)
class WaitingClips:
    """Clips of one language without a draft, and the model that is to hear them."""

    language: str
    model: str
    batch: Batch


@dataclass(frozen=True, slots=True)
class DraftReport:
    """What became of one batch. unheard: clips of which the model can make nothing"""

    language: str
    drafted: int
    unheard: int
    failed: tuple[FailedItem, ...] = ()


@dataclass(frozen=True, slots=True)
class _Clip:
    id: str
    key: str
    sha256: str


def measure(workspace: Workspace) -> list[DraftFigures]:
    """Count anew what the drafts are worth; from here on the queue goes by it."""
    context = open_project_context(workspace)
    with workspace.catalog.reading() as session:
        figures = measure_drafts(session, context)
    workspace.catalog.write(
        lambda session: keep_draft_figures(session, context, figures, now=workspace.now())
    )
    return figures


def waiting_clips(workspace: Workspace) -> tuple[tuple[WaitingClips, ...], tuple[FailedItem, ...]]:
    """Clips to hear, by language; and languages whose recogniser can't be had. None where drafts are off."""
    found: list[WaitingClips] = []
    failed: list[FailedItem] = []
    if not workspace.project.prefill.drafts:
        return (), ()
    for language, recogniser in sorted(workspace.project.recognisers.items()):
        try:
            model = _model_name(workspace, recogniser)
        except RecogniserMissing as error:
            failed.append(FailedItem(language, "recogniser_missing", str(error)))
            continue
        with workspace.catalog.reading() as session:
            if any(
                each.off and (each.language, each.model) == (language, model)
                for each in draft_figures(session, workspace.project.name)
            ):
                continue
            query = undrafted(workspace.project.name, language, model).limit(AHEAD)
            clips = [(row.id, row.seconds) for row in session.execute(query)]
        found += [
            WaitingClips(language, model, batch) for batch in batches(clips, seconds=workspace.batch_seconds)
        ]
    return tuple(found), tuple(failed)


def draft_batch(
    workspace: Workspace, waiting: WaitingClips, progress: Callable[[int, int, str], None] | None = None
) -> DraftReport:
    """Hear each clip of a batch; those heard before are passed over.

    Raises RecogniserMissing, StoreUnavailable, CatalogUnavailable, SandboxUnavailable.
    """
    recogniser = workspace.project.recognisers[waiting.language]
    with workspace.catalog.reading() as session:
        query = undrafted(workspace.project.name, waiting.language, waiting.model)
        still = query.where(Clip.id.in_(waiting.batch.ids))
        clips = [_Clip(row.id, row.cut_key, row.cut_sha256) for row in session.execute(still)]
    ends: list[bool | FailedItem] = []
    with scratch_folder(workspace.scratch, f"draft-{content_id('batch', *waiting.batch.ids)}") as folder:
        hear = _by_service if recogniser.service is not None else _by_model
        for done, (clip, end) in enumerate(hear(workspace, waiting, recogniser, clips, folder), start=1):
            ends.append(end)
            if progress:
                progress(done, len(clips), clip.id)
    return DraftReport(
        language=waiting.language,
        drafted=ends.count(True),
        unheard=ends.count(False),
        failed=tuple(end for end in ends if isinstance(end, FailedItem)),
    )


def _model_name(workspace: Workspace, recogniser: Recogniser) -> str:
    """As drafts state it: another file, or another name at the service, is another model."""
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
    workspace: Workspace, waiting: WaitingClips, recogniser: Recogniser, clips: Sequence[_Clip], folder: Path
) -> Iterator[tuple[_Clip, bool | FailedItem]]:
    """Each clip in a limited child."""
    model = fetch_model(workspace, recogniser, folder)
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
    workspace: Workspace, waiting: WaitingClips, recogniser: Recogniser, clips: Sequence[_Clip], folder: Path
) -> Iterator[tuple[_Clip, bool | FailedItem]]:
    """One clip after the other, sent as it lies in the store; after some failures in a row the rest waits."""
    assert recogniser.service is not None
    service = _service(workspace)
    away = 0
    for clip in clips:
        path = folder / f"{clip.id}.flac"
        try:
            workspace.store.fetch(clip.key, path, sha256=clip.sha256)
            text = service.hear(path, model=recogniser.service, language=waiting.language.partition("-")[0])
            end: bool | FailedItem = _keep(workspace, waiting.model, clip, HeardText(" ".join(text.split())))
            away = 0
        except ServiceRefused as error:
            end = _keep(workspace, waiting.model, clip, HeardText("", fault=str(error)))
        except ServiceUnavailable as error:
            away += 1
            end = FailedItem(clip.id, "recogniser_away", str(error))
        finally:
            path.unlink(missing_ok=True)
        yield clip, end
        if away == _IN_A_ROW:
            return


def _settle(
    workspace: Workspace, model: str, clip: _Clip, found: RecognisedFile | ItemFailure
) -> bool | FailedItem:
    if isinstance(found, ItemFailure):
        if found.cause is Cause.THE_FILE:
            return _keep(workspace, model, clip, HeardText("", fault=f"{found.code}: {found.message}"))
        return FailedItem(clip.id, found.code, found.detail)
    if found.heard is None:
        return _keep(workspace, model, clip, HeardText("", fault=found.fault))
    return _keep(workspace, model, clip, HeardText(found.heard.text, found.heard.confidence))


def _keep(workspace: Workspace, model: str, clip: _Clip, heard: HeardText) -> bool:
    """Whether there is a draft now."""
    with workspace.catalog.writing() as session:
        keep_draft(session, clip.id, model, heard, now=workspace.now())
    return heard.fault is None
