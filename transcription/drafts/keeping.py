"""Which clips are to have a machine draft, and keeping what a recogniser heard in one, or what a list brings."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session

from catalog import audit
from catalog.consent import ConsentScope, consented
from catalog.ids import content_id
from catalog.parts import in_parts
from catalog.states import SubmissionKind, TaskState
from catalog.tables import Clip, MachineDraft, Submission, Task
from transcription.drafts.listed import ListedDraft

ACTOR = "flow:draft"
LONGEST_TEXT = 10_000
"""Characters; nobody says more in a clip."""


@dataclass(frozen=True, slots=True)
class HeardText:
    """What a recogniser heard in a clip. fault: why nothing, where it can't hear it"""

    text: str
    confidence: float | None = None
    fault: str | None = None


def undrafted(project_id: str, language: str, model: str) -> Select[tuple[str, float, str, str]]:
    """The SQL query of clips that people are about to write down and the model has not heard: id, seconds, key, hash.

    In the order in which people get them.
    """
    heard = exists().where(MachineDraft.clip_id == Clip.id, MachineDraft.model == model)
    begun = exists().where(Submission.task_id == Task.id, Submission.kind == SubmissionKind.FINAL)
    return (
        select(Clip.id, Clip.seconds, Clip.cut_key, Clip.cut_sha256)
        .join(Task, Task.clip_id == Clip.id)
        .where(
            Task.project_id == project_id,
            Task.state == TaskState.OPEN,
            Task.language == language,
            consented(Clip.recording_id, ConsentScope.TRANSCRIPTION),
            ~heard,
            ~begun,
        )
        .order_by(Task.priority, Task.created_at, Task.id)
    )


def keep_draft(session: Session, clip_id: str, model: str, heard: HeardText, *, now: datetime) -> bool:
    """Keep what was heard, once. False where its voice was taken back meanwhile, or another run was as far."""
    draft_id = content_id("machine draft", clip_id, model)
    free = select(Clip.id).where(Clip.id == clip_id, consented(Clip.recording_id, ConsentScope.TRANSCRIPTION))
    if (
        session.get(MachineDraft, draft_id) is not None
        or session.scalar(free.with_for_update(of=Clip)) is None
    ):
        return False
    session.add(
        MachineDraft(
            id=draft_id,
            clip_id=clip_id,
            model=model,
            text=heard.text[:LONGEST_TEXT],
            confidence=heard.confidence,
            fault=heard.fault,
            at=now,
        )
    )
    audit.record(
        session,
        at=now,
        actor=ACTOR,
        action="clip.drafted",
        subject=("clip", clip_id),
        detail={"model": model},
    )
    return True


def keep_listed(
    session: Session, drafts: Sequence[ListedDraft], *, import_id: str, by: str, now: datetime
) -> list[str]:
    """Keep the new texts of a list as drafts; their ids. One whose voice was taken back meanwhile is left out.

    import_id: the list that brings them, for the record
    """
    new = {each.clip.id: each.row for each in drafts if each.standing == "new" and each.clip is not None}
    ids = {clip_id: content_id("machine draft", clip_id, row.model) for clip_id, row in new.items()}
    kept: list[str] = []
    for part in in_parts(sorted(new)):
        free = select(Clip.id).where(
            Clip.id.in_(part), consented(Clip.recording_id, ConsentScope.TRANSCRIPTION)
        )
        locked = session.scalars(free.order_by(Clip.id).with_for_update(of=Clip)).all()
        there = select(MachineDraft.id).where(MachineDraft.id.in_([ids[clip_id] for clip_id in locked]))
        known = set(session.scalars(there))
        for clip_id in locked:
            if ids[clip_id] in known:
                continue
            row = new[clip_id]
            session.add(
                MachineDraft(id=ids[clip_id], clip_id=clip_id, model=row.model, text=row.text, at=now)
            )
            audit.record(
                session,
                at=now,
                actor=by,
                action="clip.drafted",
                subject=("clip", clip_id),
                detail={"model": row.model, "import": import_id},
            )
            kept.append(ids[clip_id])
    return kept


def drafted(session: Session, clip_ids: Collection[str], model: str) -> set[str]:
    """Of these clips, those that the model has heard."""
    query = select(MachineDraft.clip_id).where(
        MachineDraft.clip_id.in_(clip_ids), MachineDraft.model == model
    )
    return set(session.scalars(query))
