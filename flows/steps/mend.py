"""What a reviewer decided on a report becomes sound: spans made unhearable, or a clip trimmed; the old bytes destroyed.

Safe to stop and run again at any moment: new files first, then the rows, then the old files, then the report is done.
Until then nobody hears the clip, and no version takes it.
"""

from dataclasses import dataclass
from datetime import datetime

import soundfile
from sqlalchemy import select
from sqlalchemy.orm import Session

from audio.redaction import MendedRenditions, mended_renditions
from catalog import audit
from catalog.erasure.objects import versions_of
from catalog.ids import content_id
from catalog.keys import clean_key, clip_key, peaks_key, preview_key
from catalog.search_words import index_words
from catalog.states import ClipState, ReportDecision, ReportState, SearchKind, TaskState, moved
from catalog.store import Damaged, NotStored
from catalog.tables import Clip, ClipReport, Recording, Task, Transcript
from flows.steps.project_context import open_project_context
from flows.workspace import Workspace
from transcription import second_look
from transcription import text as texts
from transcription.clip_reports.deciding import withhold_texts
from transcription.decisions.acceptance import last_transcript, mark_stale
from transcription.decisions.grounds import Ground
from transcription.decisions.judgement import to_review_now

ACTOR = "flow:collect"
LARGEST_CLIP = 64 * 2**20
PREVIEW_BITRATE = 16_000
"""Where the recipe makes no previews."""
ORIGIN = "redaction"
"""Of a text whose words were taken out with the sound."""


@dataclass(frozen=True, slots=True)
class MendReport:
    """mended: clips whose sound is new; given_up: withdrawn meanwhile; failed: stay hidden, and are tried again"""

    mended: tuple[str, ...]
    given_up: tuple[str, ...]
    failed: tuple[str, ...]


def mend_reported(workspace: Workspace) -> MendReport:
    """Carry out every decision that waits. Stopped half-way, the next run goes on. Raises StoreError."""
    with workspace.catalog.reading() as session:
        waiting = session.execute(
            select(ClipReport.id, ClipReport.clip_id)
            .where(ClipReport.project_id == workspace.project.name, ClipReport.state == ReportState.DECIDED)
            .order_by(ClipReport.decided_at, ClipReport.id)
        ).all()
    mended: list[str] = []
    given_up: list[str] = []
    failed: list[str] = []
    for report_id, clip_id in waiting:
        try:
            (mended if _mend(workspace, report_id) else given_up).append(clip_id)
        except (NotStored, Damaged, soundfile.LibsndfileError):
            failed.append(clip_id)
    return MendReport(tuple(mended), tuple(given_up), tuple(failed))


def _mend(workspace: Workspace, report_id: str) -> bool:
    with workspace.catalog.reading() as session:
        report = session.get_one(ClipReport, report_id)
        clip = session.get_one(Clip, report.clip_id)
    usable = clip.state is not ClipState.WITHDRAWN
    if usable and not report.replaced:
        usable = _replace(workspace, report, clip)
    with workspace.catalog.reading() as session:
        replaced = list(session.get_one(ClipReport, report_id).replaced)
    for key in replaced:
        workspace.store.erase(versions_of(workspace.store, key))
    with workspace.catalog.writing() as session:
        row = session.get_one(ClipReport, report_id, with_for_update=True)
        if row.state is ReportState.DECIDED:
            row.state = moved(row.state, ReportState.DONE)
            row.done_at = workspace.now()
            row.mended_text = None
    return usable


def _replace(workspace: Workspace, report: ClipReport, clip: Clip) -> bool:
    """New files beside the old ones, then the rows that name them. False where the voice was withdrawn meanwhile."""
    rules = workspace.recipe.renditions
    made = mended_renditions(
        workspace.store.get_bytes(clip.cut_key, LARGEST_CLIP),
        workspace.store.get_bytes(clip.clean_key, LARGEST_CLIP),
        [(start, end) for start, end in report.spans],
        keep=report.decision is ReportDecision.TRIM,
        bitrate=rules.preview_bitrate or PREVIEW_BITRATE,
        peaks_per_second=rules.peaks_per_second,
    )
    name = f"{clip.id}.{report.id}"
    keys = {
        "cut_key": clip_key(clip.recording_id, name),
        "clean_key": clean_key(clip.recording_id, name),
        "preview_key": preview_key(clip.recording_id, name),
        "peaks_key": peaks_key(clip.recording_id, name),
    }
    for key, content in zip(keys.values(), (made.cut, made.clean, made.preview, made.peaks), strict=True):
        workspace.store.put_bytes(key, content)
    with workspace.catalog.writing() as session:
        row = session.get_one(Clip, clip.id, with_for_update=True)
        if row.state is ClipState.WITHDRAWN:  # its erasure may have passed by: nothing new is left behind
            for key in keys.values():
                workspace.store.erase(versions_of(workspace.store, key))
            return False
        standing = session.get_one(ClipReport, report.id, with_for_update=True)
        standing.replaced = [row.cut_key, row.clean_key, row.preview_key, row.peaks_key]
        for column, key in keys.items():
            setattr(row, column, key)
        row.cut_sha256, row.clean_sha256 = made.cut_sha256, made.clean_sha256
        _settle(session, workspace, row, standing, made, workspace.now())
    return True


def _settle(
    session: Session,
    workspace: Workspace,
    clip: Clip,
    report: ClipReport,
    made: MendedRenditions,
    now: datetime,
) -> None:
    if report.decision is ReportDecision.TRIM:
        _shorten(session, clip, report.spans[0], made)
    withhold_texts(session, clip, now)  # what was accepted since the decision too
    text = last_transcript(session, clip.id)
    if text is not None and report.mended_text is not None:
        _rewrite(session, workspace, clip, text, report.mended_text, now)
    mark_stale(session, clip.id)
    task = session.scalars(select(Task).where(Task.clip_id == clip.id).with_for_update()).one_or_none()
    accepted = task is not None and task.state is TaskState.ACCEPTED
    if task is not None and accepted and text is not None and report.mended_text is None:
        # accepted since the decision, with what is no longer heard: a reviewer writes it by the new sound
        second_look.ask(session, task, by=ACTOR, why="a part of it was made unhearable", now=now)
    elif task is not None and task.state in (TaskState.DISPUTED, TaskState.RETURNED):
        # texts were written of what is no longer heard: a person settles them, by the new sound
        to_review_now(
            session,
            open_project_context(workspace),
            task,
            by=ACTOR,
            why="a part of it was made unhearable",
            now=now,
            ground=Ground.ASKED,
        )
    audit.record(
        session,
        at=now,
        actor=ACTOR,
        action="clip.mended",
        subject=("clip", clip.id),
        detail={"report": report.id, "decision": str(report.decision), "seconds": made.seconds},
    )


def _shorten(session: Session, clip: Clip, kept: list[int], made: MendedRenditions) -> None:
    """The clip is the interval that is kept, on the original's time line too."""
    rate = session.get_one(Recording, clip.recording_id).sample_rate
    start, end = (clip.start + round(at * rate / 1000) for at in kept)
    clip.start, clip.end = start, min(end, clip.end)
    clip.seconds = made.seconds


def _rewrite(
    session: Session, workspace: Workspace, clip: Clip, before: Transcript, words: str, now: datetime
) -> None:
    """The text without the words. Whoever wrote them wrote what was said: nobody's trust or pay changes."""
    guideline = open_project_context(workspace).guideline_of(clip.language)
    normalised = texts.normalised(words, guideline)
    session.add(
        Transcript(
            id=content_id("transcript", clip.id, before.version + 1),
            clip_id=clip.id,
            version=before.version + 1,
            verbatim=words,
            normalised=normalised,
            origin=ORIGIN,
            submission_id=None,
            review_id=None,
            cer=before.cer,
            guideline=guideline.id,
            accepted_at=now,
        )
    )
    index_words(session, clip.project_id, SearchKind.CLIP, clip.id, normalised)
    session.flush()
