"""Accepted texts to the times of their words, each in a limited child."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from sqlalchemy import Select, func, select
from sqlalchemy.exc import IntegrityError

from audio.align.file import AlignedFile, AlignmentJob, align_file
from audio.align.languages import NoVoiceError, nearest_voice
from audio.errors import UnusableRecording
from audio.sandbox import Sandbox
from catalog import audit
from catalog.ids import content_id
from catalog.states import AlignmentState, ClipState
from catalog.tables import Alignment, Clip, Transcript
from flows.steps.batches import Batch, batches
from flows.steps.in_order import in_order
from flows.steps.scratch import scratch_folder
from flows.workspace import Workspace

ACTOR = "flow:align"
ALIGNER = "dtw-espeak@1"
LOW_SCORE = 0.5
"""A mean word score below this is for a person to look at: 93 % of wrong texts lie below it, and 12 % of right ones."""


@dataclass(frozen=True, slots=True)
class AlignReport:
    """What became of one batch of accepted texts."""

    aligned: int
    low_score: int
    failed: int


@dataclass(frozen=True, slots=True)
class _Text:
    """One accepted text with the clip it belongs to."""

    clip_id: str
    transcript_id: str
    text: str
    language: str
    key: str
    sha256: str


def unaligned_clips(workspace: Workspace) -> tuple[Batch, ...]:
    """Clips whose newest accepted text has no word times yet."""
    with workspace.catalog.reading() as session:
        rows = session.execute(_unaligned(workspace).with_only_columns(Clip.id, Clip.seconds)).all()
    return batches(((row.id, row.seconds) for row in rows), seconds=workspace.batch_seconds)


def align_batch(
    workspace: Workspace, batch: Batch, progress: Callable[[int, int, str], None] | None = None
) -> AlignReport:
    """Find the words of each clip of a batch; those done before are passed over."""
    with workspace.catalog.reading() as session:
        texts = [
            _Text(row.id, row.transcript_id, row.normalised, row.language, row.cut_key, row.cut_sha256)
            for row in session.execute(_unaligned(workspace).where(Clip.id.in_(batch.ids)))
        ]
    states: list[AlignmentState] = []
    with (
        scratch_folder(workspace.scratch, f"align-{content_id('batch', *batch.ids)}") as folder,
        Sandbox(workspace.workers, workspace.limits, temp=folder) as sandbox,
    ):
        for done, (text, found) in enumerate(_align(workspace, sandbox, folder, texts), start=1):
            states.append(_keep(workspace, text, found))
            if progress:
                progress(done, len(texts), text.clip_id)
    return AlignReport(
        aligned=states.count(AlignmentState.ALIGNED),
        low_score=states.count(AlignmentState.LOW_SCORE),
        failed=states.count(AlignmentState.FAILED),
    )


def _unaligned(workspace: Workspace) -> Select[tuple[str, str, str, str, str, str]]:
    newest = (
        select(Transcript.clip_id, func.max(Transcript.version).label("version"))
        .group_by(Transcript.clip_id)
        .subquery()
    )
    done = select(Alignment.id).where(
        Alignment.transcript_id == Transcript.id, Alignment.aligner.startswith(f"{ALIGNER} ")
    )
    return (
        select(
            Clip.id,
            Transcript.id.label("transcript_id"),
            Transcript.normalised,
            Clip.language,
            Clip.cut_key,
            Clip.cut_sha256,
        )
        .join(newest, newest.c.clip_id == Clip.id)
        .join(Transcript, (Transcript.clip_id == Clip.id) & (Transcript.version == newest.c.version))
        .where(Clip.project_id == workspace.project.name, Clip.state == ClipState.ACCEPTED, ~done.exists())
        .order_by(Clip.id)
    )


def _align(
    workspace: Workspace, sandbox: Sandbox, folder: Path, texts: Sequence[_Text]
) -> Iterator[tuple[_Text, AlignedFile]]:
    voiced: dict[AlignmentJob, _Text] = {}
    for text in texts:
        try:
            voice = nearest_voice(text.language)
        except NoVoiceError as error:
            yield text, AlignedFile((), str(error))
        else:
            voiced[AlignmentJob(folder / f"{text.clip_id}.flac", text.text, voice)] = text

    def fetched() -> Iterator[AlignmentJob]:
        for job, text in voiced.items():
            workspace.store.fetch(text.key, job.path, sha256=text.sha256)
            yield job

    jobs = list(voiced)
    for outcome in in_order(jobs, sandbox.map(partial(align_file, limits=workspace.limits), fetched())):
        if outcome.error is None:
            yield voiced[outcome.job], outcome.result()
        elif isinstance(outcome.error, UnusableRecording):
            yield voiced[outcome.job], AlignedFile((), str(outcome.error))
        else:
            raise outcome.error
        outcome.job.path.unlink()


def _keep(workspace: Workspace, text: _Text, found: AlignedFile) -> AlignmentState:
    score = sum(word.score for word in found.words) / len(found.words) if found.words else None
    if found.fault is not None:
        state = AlignmentState.FAILED
    elif score is not None and score < LOW_SCORE:
        state = AlignmentState.LOW_SCORE
    else:
        state = AlignmentState.ALIGNED
    voice = "none" if found.fault else nearest_voice(text.language)
    with suppress(IntegrityError), workspace.catalog.writing() as session:  # another run may be as far
        alignment_id = content_id("alignment", text.transcript_id, ALIGNER)
        if session.get(Alignment, alignment_id) is None:
            session.add(
                Alignment(
                    id=alignment_id,
                    clip_id=text.clip_id,
                    transcript_id=text.transcript_id,
                    aligner=f"{ALIGNER} {voice}",
                    state=state,
                    score=score,
                    words=[asdict(word) for word in found.words],
                    detail=found.fault,
                    at=workspace.now(),
                )
            )
            audit.record(
                session,
                at=workspace.now(),
                actor=ACTOR,
                action=f"clip.{state}",
                subject=("clip", text.clip_id),
            )
    return state
