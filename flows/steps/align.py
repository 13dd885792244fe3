"""Accepted texts to the times of their words, each in a limited child."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import Select, exists, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from audio.align.features import RATE
from audio.align.file import AlignedFile, AlignmentJob
from audio.align.languages import NoVoiceError, nearest_voice
from audio.recognise.file import BroughtAlignmentJob, ModelFiles, align_clip
from audio.sandbox import Sandbox
from catalog import audit
from catalog.alignments import LOW_SCORE
from catalog.figures import keep_figure, kept_figure
from catalog.ids import content_id
from catalog.states import AlignmentState, ClipState
from catalog.tables import Alignment, Clip, Transcript
from flows.steps.aligners import (
    REFERENCE,
    LanguageAligner,
    aligners_of,
    is_aligned_by,
    with_recognisers,
)
from flows.steps.batches import Batch, batches, refuse_unknown
from flows.steps.in_sandbox import Cause, FailedItem, ItemFailure, each_in_sandbox
from flows.steps.recognisers import aligning_recognisers, fetch_model
from flows.steps.scratch import scratch_folder
from flows.workspace import Workspace

ACTOR = "flow:align"
_MARGIN = timedelta(hours=1)
"""A text is accepted a moment before others see it."""
_MOST_NEW = 10_000
"""Texts accepted since: with more of them, everything is looked at."""
_SWEPT_EVERY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class AlignReport:
    """What became of one batch of accepted texts.

    unaligned: texts that can't be laid on their sound
    failed:    clips that nobody could align: set aside, or left for the next run
    """

    aligned: int
    low_score: int
    unaligned: int
    failed: tuple[FailedItem, ...] = ()


@dataclass(frozen=True, slots=True)
class _Text:
    """One accepted text with the clip it belongs to, and its language's model, where it has one."""

    clip_id: str
    transcript_id: str
    text: str
    language: str
    key: str
    sha256: str
    model: LanguageAligner | None

    @property
    def aligner(self) -> str:
        return self.model.name if self.model else REFERENCE


@dataclass(frozen=True, slots=True)
class _AllAligned:
    """Everything accepted before `up_to` had its times by these rules. swept_at: when all of it was looked at last"""

    rules: str
    up_to: datetime
    swept_at: datetime

    def holds(self, rules: str, now: datetime) -> bool:
        return self.rules == rules and now - self.swept_at < _SWEPT_EVERY


def unaligned_clips(workspace: Workspace) -> tuple[Batch, ...]:
    """Clips whose newest accepted text has no word times yet by the aligner that its language uses.

    Of what was accepted since all had theirs; once a day, and where aligners or the code changed, of everything.
    Languages whose recogniser can't be had wait for it.
    """
    project, now = workspace.project.name, workspace.now()
    ready = aligning_recognisers(workspace)
    with workspace.catalog.reading() as session:
        aligners = with_recognisers(aligners_of(session, project), ready.found)
        rules = content_id("aligners", workspace.version, *(repr(each) for each in sorted(aligners.items())))
        kept = kept_figure(session, project, "aligned", _AllAligned)
        before = kept.value if kept is not None and kept.value.holds(rules, now) else None
        query = _unaligned(workspace, aligners).where(Clip.language.not_in(sorted(ready.missing)))
        if before is not None:
            # first which they are: in one statement SQLite begins with all clips of the project
            since = select(Transcript.id).where(Transcript.accepted_at >= before.up_to)
            new = session.scalars(since.limit(_MOST_NEW + 1)).all()
            query = query.where(Transcript.id.in_(new)) if len(new) <= _MOST_NEW else query
        rows = session.execute(query.with_only_columns(Clip.id, Clip.seconds)).all()
    if not rows and not ready.missing:
        done = _AllAligned(rules, now - _MARGIN, now if before is None else before.swept_at)
        workspace.catalog.write(
            lambda session: keep_figure(session, project, "aligned", _AllAligned, done, at=now)
        )
    return batches(((row.id, row.seconds) for row in rows), workspace.batch_size)


def align_batch(
    workspace: Workspace, batch: Batch, progress: Callable[[int, int, str], None] | None = None
) -> AlignReport:
    """Find the words of each clip of a batch; those done before are passed over. Raises UnknownBatch."""
    ready = aligning_recognisers(workspace)
    with workspace.catalog.reading() as session:
        refuse_unknown(session, Clip.id, batch)
        aligners = with_recognisers(aligners_of(session, workspace.project.name), ready.found)
        texts = [
            _Text(
                row.id,
                row.transcript_id,
                row.normalised,
                row.language,
                row.cut_key,
                row.cut_sha256,
                aligners.get(row.language),
            )
            for row in session.execute(_unaligned(workspace, aligners).where(Clip.id.in_(batch.ids)))
        ]
    states: list[AlignmentState] = []
    failed: list[FailedItem] = []
    voiced, voiceless = _by_voice(texts)
    for text, fault in voiceless:
        states.append(_keep(workspace, text, AlignedFile((), fault)))
    with (
        scratch_folder(workspace.scratch, f"align-{content_id('batch', *batch.ids)}") as folder,
        Sandbox(workspace.workers, workspace.limits, temp=folder) as sandbox,
    ):
        models = _fetch_models(workspace, folder, texts)
        recognisers = _fetch_recognisers(workspace, folder, texts)
        jobs: dict[AlignmentJob | BroughtAlignmentJob, _Text] = {
            _job(text, voice, folder, models, recognisers): text for text, voice in voiced
        }
        aligned = each_in_sandbox(
            sandbox,
            jobs,
            partial(align_clip, limits=workspace.limits),
            fetch=lambda job: workspace.store.fetch(
                jobs[job].key, _path(folder, jobs[job]), sha256=jobs[job].sha256
            ),
            settle=lambda text, found: _settle(workspace, text, found),
            tidy=lambda job: _path(folder, jobs[job]).unlink(missing_ok=True),
        )
        for done, (text, end) in enumerate(aligned, start=1 + len(voiceless)):
            if isinstance(end, FailedItem):
                failed.append(end)
            else:
                states.append(end)
            if progress:
                progress(done, len(texts), text.clip_id)
    return AlignReport(
        aligned=states.count(AlignmentState.ALIGNED),
        low_score=states.count(AlignmentState.LOW_SCORE),
        unaligned=states.count(AlignmentState.FAILED),
        failed=tuple(failed),
    )


def _fetch_models(workspace: Workspace, folder: Path, texts: Sequence[_Text]) -> dict[str, Path]:
    """By name of the aligner. Raises StoreError."""
    paths: dict[str, Path] = {}
    for model in {text.model.name: text.model for text in texts if text.model}.values():
        if model.key is not None:
            paths[model.name] = folder / f"{model.sha256}.npz"
            workspace.store.fetch(model.key, paths[model.name], sha256=model.sha256)
    return paths


def _fetch_recognisers(workspace: Workspace, folder: Path, texts: Sequence[_Text]) -> dict[str, ModelFiles]:
    """By language. Raises RecogniserMissing, StoreError."""
    languages = {text.language for text in texts if text.model is not None and text.model.brought is not None}
    recognisers = workspace.project.recognisers
    return {code: fetch_model(workspace, recognisers[code], folder).files for code in sorted(languages)}


def _job(
    text: _Text,
    voice: str,
    folder: Path,
    models: Mapping[str, Path],
    recognisers: Mapping[str, ModelFiles],
) -> AlignmentJob | BroughtAlignmentJob:
    given = AlignmentJob(_path(folder, text), text.text, voice, models.get(text.aligner))
    if text.model is None or text.model.brought is None:
        return given
    return BroughtAlignmentJob(given, recognisers[text.language], text.model.brought.use)


def _path(folder: Path, text: _Text) -> Path:
    return folder / f"{text.clip_id}.flac"


def _unaligned(
    workspace: Workspace, aligners: Mapping[str, LanguageAligner]
) -> Select[tuple[str, str, str, str, str, str]]:
    later = aliased(Transcript)
    done = select(Alignment.id).where(
        Alignment.transcript_id == Transcript.id,
        is_aligned_by(aligners),
        or_(Alignment.failure.is_(None), Alignment.failed_by == workspace.version),
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
        .join(Transcript, Transcript.clip_id == Clip.id)
        .where(
            Clip.project_id == workspace.project.name,
            Clip.state == ClipState.ACCEPTED,
            ~exists().where(later.clip_id == Transcript.clip_id, later.version > Transcript.version),
            ~done.exists(),
        )
        .order_by(Clip.id)
    )


def _by_voice(texts: Sequence[_Text]) -> tuple[list[tuple[_Text, str]], list[tuple[_Text, str]]]:
    """Texts with the voice that can say them, and those that no voice can, with why."""
    voiced, voiceless = [], []
    for text in texts:
        try:
            voiced.append((text, nearest_voice(text.language)))
        except NoVoiceError as error:
            voiceless.append((text, str(error)))
    return voiced, voiceless


def _settle(
    workspace: Workspace, text: _Text, found: AlignedFile | ItemFailure
) -> AlignmentState | FailedItem:
    if isinstance(found, AlignedFile):
        return _keep(workspace, text, found)
    if found.cause is Cause.PASSING:
        return FailedItem(text.clip_id, found.code, found.detail)
    if found.cause is Cause.THE_FILE:
        return _keep(workspace, text, AlignedFile((), f"{found.code}: {found.message}"))
    _keep(workspace, text, AlignedFile((), "unforeseen"), failure=found.detail)
    return FailedItem(text.clip_id, found.code, found.detail)


def _keep(
    workspace: Workspace, text: _Text, found: AlignedFile, *, failure: str | None = None
) -> AlignmentState:
    """Write down what was found. failure: what the machine said where the cause is unknown"""
    score = sum(word.score for word in found.words) / len(found.words) if found.words else None
    if found.fault is not None:
        state = AlignmentState.FAILED
    elif found.misfit or _is_low(found, None if _has_own_models(text) else score):
        state = AlignmentState.LOW_SCORE
    else:
        state = AlignmentState.ALIGNED
    voice = "none" if found.fault else nearest_voice(text.language)
    with suppress(IntegrityError), workspace.catalog.writing() as session:  # another run may be as far
        alignment_id = content_id("alignment", text.transcript_id, text.aligner)
        before = session.get(Alignment, alignment_id)
        if before is None or before.failure is not None:  # what failed at other code is done over
            session.merge(
                Alignment(
                    id=alignment_id,
                    clip_id=text.clip_id,
                    transcript_id=text.transcript_id,
                    aligner=f"{text.aligner} {voice}",
                    state=state,
                    score=score,
                    words=[asdict(word) for word in found.words],
                    detail=found.fault or _in_words(found),
                    failure=failure,
                    failed_by=workspace.version if failure is not None else None,
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


def _has_own_models(text: _Text) -> bool:
    """Whether the scores are those of the language's own models, which name a misfit themselves."""
    return text.model is not None and text.model.key is not None


def _is_low(found: AlignedFile, score: float | None) -> bool:
    """Whether the words' mean score, or a recogniser's, says that this is not what is said."""
    return any(each is not None and each < LOW_SCORE for each in (score, found.fit))


def _in_words(found: AlignedFile) -> str | None:
    """Where the sound is not what the text says, for the reviewer."""
    if found.misfit is None:
        return _by_recogniser(found)
    first, last = found.misfit.words
    return (
        f"from {found.misfit.start / RATE:.1f} to {found.misfit.end / RATE:.1f} s, at the words "
        f"{found.words[first].word!r} to {found.words[last].word!r}, something else is said"
    )


def _by_recogniser(found: AlignedFile) -> str | None:
    if found.fit is None or found.fit >= LOW_SCORE:
        return None
    return f"the project's recogniser hears something else in it (fit {found.fit:.2f} of 1)"
