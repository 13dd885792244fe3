"""Accepted clips of a language to a model that aligns its words, kept only where it beats the reference aligner."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from audio.align.corpus.artefact import to_bytes
from audio.align.corpus.checks import FEWEST_SECONDS, MOST_CHECKED, ModelCheck, ModelDecision, decide
from audio.align.corpus.hearing import LONGEST_SECONDS, HeardFile, HearingJob, hear_file
from audio.align.corpus.training import HeardClip, TooLittleError, train
from audio.align.languages import NoVoiceError, nearest_voice
from audio.sandbox import Sandbox
from catalog import audit
from catalog.consent import ConsentScope, consented
from catalog.ids import content_id
from catalog.keys import aligner_key
from catalog.reports import is_hidden
from catalog.states import AlignmentState, ClipState
from catalog.tables import AlignerModel, AlignerVoice, Alignment, Clip, RecordingSpeaker, Speaker, Transcript
from flows.steps.aligners import newest_model
from flows.steps.in_sandbox import FailedItem, ItemFailure, each_in_sandbox
from flows.steps.scratch import scratch_folder
from flows.workspace import Workspace

ACTOR = "flow:train_aligner"
MOST_SECONDS = 3600.0
"""Of clips that a model is learnt from: what an hour has not taught, the next hour hardly does."""
GROWTH = 1.25
"""A language is learnt anew once it has so many times the speech that it was last learnt from."""

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class LanguageReport:
    """What training came to for one language.

    chosen: whether the model is used from now on; reason: why not, or why nothing was learnt this time
    """

    language: str
    chosen: bool
    reason: str | None
    clips: int = 0
    seconds: float = 0.0
    agreement: float | None = None
    stability: float | None = None
    reference_stability: float | None = None
    told_apart: float | None = None
    reference_told_apart: float | None = None
    failed: tuple[FailedItem, ...] = ()


@dataclass(frozen=True, slots=True)
class _Text:
    clip_id: str
    recording_id: str
    text: str
    seconds: float
    key: str
    sha256: str


def train_aligner(
    workspace: Workspace,
    language: str,
    *,
    fewest_seconds: float = FEWEST_SECONDS,
    progress: Progress | None = None,
) -> LanguageReport:
    """Learn a language's model where there is reason to; running it again does nothing.

    Only from clips whose every voice consents, which is looked at again in the transaction that keeps the model.
    Stopped anywhere, the next run does the work over: a row without its bytes is never used.
    Raises StoreUnavailable, StoreFull, CatalogUnavailable.
    """
    try:
        voice = nearest_voice(language)
    except NoVoiceError:
        return LanguageReport(language, chosen=False, reason="no_voice")
    with workspace.catalog.reading() as session:
        texts = _texts(session, workspace.project.name, language)
        newest = newest_model(session, workspace.project.name, language)
        seconds = sum(text.seconds for text in texts)
        if seconds < fewest_seconds:
            return LanguageReport(
                language, chosen=False, reason="too_little", clips=len(texts), seconds=seconds
            )
        if newest is not None and not _is_due(newest, seconds):
            return LanguageReport(
                language,
                chosen=newest.reason is None,
                reason="nothing_new",
                clips=newest.clips,
                seconds=newest.seconds,
            )
    heard, checks, used, failed = _hear(workspace, texts, voice, progress)
    try:
        decision = decide(heard, checks, voice, fewest_seconds=fewest_seconds)
        content = to_bytes(train(heard, voice)) if decision.reason is None else None
    except TooLittleError:
        return LanguageReport(language, chosen=False, reason="too_little", clips=len(heard), failed=failed)
    reason = _keep(workspace, language, decision, content, used)
    return _report(language, decision, reason, failed)


def _is_due(newest: AlignerModel, seconds: float) -> bool:
    unfinished = newest.key is not None and newest.stored_at is None
    return unfinished or newest.erased_at is not None or seconds >= GROWTH * newest.seconds


def _texts(session: Session, project_id: str, language: str) -> list[_Text]:
    """Newest accepted texts that the reference aligner found to fit their sound, up to MOST_SECONDS of them.

    Taken in the order of their ids, which is no order in time: no speaker's session fills the hour.
    """
    newest = select(Transcript.clip_id, func.max(Transcript.version).label("version")).group_by(
        Transcript.clip_id
    )
    last = newest.subquery()
    fits = select(Alignment.id).where(
        Alignment.transcript_id == Transcript.id, Alignment.state == AlignmentState.ALIGNED
    )
    rows = session.execute(
        select(Clip.id, Clip.recording_id, Transcript.normalised, Clip.seconds, Clip.cut_key, Clip.cut_sha256)
        .join(last, last.c.clip_id == Clip.id)
        .join(Transcript, (Transcript.clip_id == Clip.id) & (Transcript.version == last.c.version))
        .where(
            Clip.project_id == project_id,
            Clip.language == language,
            Clip.state == ClipState.ACCEPTED,
            Clip.seconds <= LONGEST_SECONDS,
            consented(Clip.recording_id, ConsentScope.TRANSCRIPTION),
            Transcript.withheld_at.is_(None),
            ~is_hidden(Clip.id),
            fits.exists(),
        )
        .order_by(Clip.id)
    )
    texts: list[_Text] = []
    seconds = 0.0
    for row in rows:
        if seconds + row.seconds > MOST_SECONDS:
            break
        seconds += row.seconds
        texts.append(_Text(*row))
    return texts


def _hear(
    workspace: Workspace, texts: Sequence[_Text], voice: str, progress: Progress | None
) -> tuple[list[HeardClip], list[ModelCheck | None], list[_Text], tuple[FailedItem, ...]]:
    """What children heard of each clip; those of which they heard nothing are left out."""
    heard: list[HeardClip] = []
    checks: list[ModelCheck | None] = []
    used: list[_Text] = []
    failed: list[FailedItem] = []
    by_length = sorted(texts, key=lambda text: (len(text.text), text.clip_id))
    other = {text.clip_id: by_length[place - 1].text for place, text in enumerate(by_length)}
    apart = max(1, len(texts) // MOST_CHECKED)
    with (
        scratch_folder(workspace.scratch, "train-aligner") as folder,
        Sandbox(workspace.workers, workspace.limits, temp=folder) as sandbox,
    ):
        jobs = {
            HearingJob(
                folder / f"{text.clip_id}.flac",
                text.text,
                voice,
                other[text.clip_id] if number % apart == 0 else None,
            ): text
            for number, text in enumerate(texts)
        }
        results = each_in_sandbox(
            sandbox,
            jobs,
            partial(hear_file, limits=workspace.limits),
            fetch=lambda job: workspace.store.fetch(jobs[job].key, job.path, sha256=jobs[job].sha256),
            settle=_settled,
            tidy=lambda job: job.path.unlink(missing_ok=True),
        )
        for done, (text, found) in enumerate(results, start=1):
            if isinstance(found, FailedItem):
                failed.append(found)
            elif found.heard is not None:
                heard.append(found.heard)
                checks.append(found.check)
                used.append(text)
            if progress:
                progress(done, len(texts), text.clip_id)
    return heard, checks, used, tuple(failed)


def _settled(text: _Text, found: HeardFile | ItemFailure) -> HeardFile | FailedItem:
    return found if isinstance(found, HeardFile) else FailedItem(text.clip_id, found.code, found.detail)


def _keep(
    workspace: Workspace, language: str, decision: ModelDecision, content: bytes | None, used: Sequence[_Text]
) -> str | None:
    """Write down the decision and its voices, then the bytes. Returns why the model is not used, None where it is."""
    project = workspace.project.name
    sha256 = hashlib.sha256(content).hexdigest() if content is not None else None
    key = aligner_key(project, sha256) if sha256 else None
    now = workspace.now()
    model_id = content_id("aligner", project, language, sha256 or "", now.isoformat())
    with workspace.catalog.writing() as session:
        if not _all_consent(session, used):
            return "consent_changed"
        session.add(
            AlignerModel(
                id=model_id,
                project_id=project,
                language=language,
                clips=decision.clips,
                seconds=decision.seconds,
                figures={name: value for name, value in asdict(decision).items() if isinstance(value, float)},
                reason=decision.reason,
                key=key,
                sha256=sha256,
                size=len(content) if content is not None else None,
                learnt_at=now,
                stored_at=None,
                erased_at=None,
            )
        )
        session.flush()
        if content is not None:
            session.add_all(_voices(session, model_id, used))
        audit.record(
            session,
            at=now,
            actor=ACTOR,
            action="aligner.chosen" if decision.reason is None else "aligner.refused",
            subject=("aligner", model_id),
            detail={"language": language, "reason": decision.reason},
        )
    if content is not None and key is not None:
        workspace.store.put_bytes(key, content)
        with workspace.catalog.writing() as session:
            session.get_one(AlignerModel, model_id).stored_at = workspace.now()
    return decision.reason


def _recordings(used: Sequence[_Text]) -> list[str]:
    return sorted({text.recording_id for text in used})


def _all_consent(session: Session, used: Sequence[_Text]) -> bool:
    recordings = _recordings(used)
    standing = 0
    for start in range(0, len(recordings), 500):
        some = recordings[start : start + 500]
        standing += (
            session.scalar(
                select(func.count(func.distinct(Clip.recording_id))).where(
                    Clip.recording_id.in_(some), consented(Clip.recording_id, ConsentScope.TRANSCRIPTION)
                )
            )
            or 0
        )
    return standing == len(recordings)


def _voices(session: Session, model_id: str, used: Sequence[_Text]) -> list[AlignerVoice]:
    rounds: dict[str, int] = {}
    recordings = _recordings(used)
    for start in range(0, len(recordings), 500):
        rows = session.execute(
            select(Speaker.id, Speaker.consent_round)
            .join(RecordingSpeaker, RecordingSpeaker.speaker_id == Speaker.id)
            .where(RecordingSpeaker.recording_id.in_(recordings[start : start + 500]))
        )
        rounds |= dict(rows.tuples().all())
    return [
        AlignerVoice(model_id=model_id, speaker_id=speaker, consent_round=consent_round)
        for speaker, consent_round in sorted(rounds.items())
    ]


def _report(
    language: str, decision: ModelDecision, reason: str | None, failed: tuple[FailedItem, ...]
) -> LanguageReport:
    return LanguageReport(
        language,
        reason is None,
        reason,
        decision.clips,
        decision.seconds,
        decision.agreement,
        decision.stability,
        decision.reference_stability,
        decision.told_apart,
        decision.reference_told_apart,
        failed,
    )
