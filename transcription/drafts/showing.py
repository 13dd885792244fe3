"""Who begins with a machine draft: the first to write a clip, unless the clip is blind or drafts are turned off.

One person a clip: two who both began with the machine's text would agree with it, not with each other. Where the
correction of a model was asked for, its text stands there, also in a project that shows no drafts otherwise.
"""

from collections.abc import Collection
from contextlib import suppress
from datetime import datetime

from sqlalchemy import bindparam, select, true
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from catalog.states import SlotPurpose
from catalog.tables import DraftShown, MachineDraft, Slot, Task
from transcription.context import ProjectContext
from transcription.drafts.measuring import models_off
from transcription.slots.sampling import falls_in


def is_blind(clip_id: str, share: float) -> bool:
    """Whether a clip is written without a draft, however often anybody asks and on whatever machine.

    >>> sum(is_blind(f"clip-{number}", 0.2) for number in range(1000))
    184
    """
    return falls_in(share, "blind draft", clip_id)


def drafts_shown(session: Session, task_ids: Collection[str], person_id: str) -> dict[str, str]:
    """By task: the machine draft that this person began with; nothing where they had none."""
    rows = session.execute(_SHOWN, {"tasks": list(task_ids), "person": person_id}).tuples()
    return dict(rows.all())


_SHOWN = (
    select(DraftShown.task_id, MachineDraft.text)
    .join(MachineDraft, MachineDraft.id == DraftShown.draft_id)
    .where(
        DraftShown.task_id.in_(bindparam("tasks", expanding=True)),
        DraftShown.person_id == bindparam("person"),
    )
)


def show_draft(
    session: Session, context: ProjectContext, slot: Slot, task: Task, *, asked: str | None, now: datetime
) -> str | None:
    """The machine draft for the holder of a leased slot who has written nothing yet; noted when it is first shown.

    asked: the model whose text the clip is to be written from, where a correction of one was asked for
    """
    rules = context.project.prefill
    if slot.purpose is not SlotPurpose.TRANSCRIPTION or slot.holder_id is None:
        return None
    if asked is None and not rules.drafts:
        return None
    before = session.scalar(select(DraftShown).where(DraftShown.task_id == task.id))
    if before is not None:
        if before.person_id != slot.holder_id and not _holds(session, before):
            before.person_id, before.at = slot.holder_id, now  # whoever had it gave the clip back
            session.flush()
        return drafts_shown(session, [task.id], slot.holder_id).get(task.id)
    if is_blind(task.clip_id, rules.blind_share):
        return None
    wanted = MachineDraft.model == asked if asked is not None else true()
    draft = session.scalars(
        select(MachineDraft)
        .where(
            MachineDraft.clip_id == task.clip_id,
            MachineDraft.text != "",
            wanted,
            MachineDraft.model.not_in(models_off(session, context.project.name, task.language)),
        )
        .order_by(MachineDraft.at.desc(), MachineDraft.id)
        .limit(1)
    ).first()
    if draft is None:
        return None
    with suppress(IntegrityError):  # the holder of the task's other slot was quicker
        with session.begin_nested():
            session.add(DraftShown(draft_id=draft.id, task_id=task.id, person_id=slot.holder_id, at=now))
        return draft.text
    return None


def _holds(session: Session, shown: DraftShown) -> bool:
    """Whether who saw the draft still has, or has finished, a slot at the task."""
    theirs = select(Slot.id).where(Slot.task_id == shown.task_id, Slot.holder_id == shown.person_id)
    return session.scalar(theirs.limit(1)) is not None
