"""The clips of one recording to one person: a coordinator's choice, by the queue's own rules.

`queue.claim_many` gives what comes next; here the recording is named, so the order is that in which it was spoken.
"""

from datetime import datetime

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from catalog import audit
from catalog.consent import ConsentScope, consented
from catalog.states import ClipState, Role, SlotPurpose, SlotState, TaskState
from catalog.tables import Clip, RecordingSpeaker, Skip, Slot, Standing, Task
from transcription.lease import Lease, grant, lease_of
from transcription.people import StaffMember, person_of
from transcription.workshop import NotAllowed, Workshop


def claim_recording(
    shop: Workshop, person_id: str, recording_id: str, count: int, *, now: datetime, until: datetime
) -> tuple[Lease, ...]:
    """The clips of a recording that a person holds, filled up to `count` with those that they may have.

    They may have what `claim` could give them: open, consented, in a language that they know and aren't held back
    from, not skipped, not their own voice, not written by them before; and no more at a time than the project says.
    raises: NotAllowed
    """
    most = shop.project.transcription.max_pending_per_person
    with shop.catalog.writing() as session:
        person = person_of(session, person_id, Role.TRANSCRIBER, lock=True)
        all_held = session.scalar(
            select(func.count()).where(
                Slot.holder_id == person.id,
                Slot.state == SlotState.LEASED,
                Slot.project_id == shop.project.name,
            )
        )
        slots = _held(session, shop, person, recording_id)
        for slot in slots:
            assert slot.expires_at is not None  # a lease ends, says the table
            slot.expires_at = max(slot.expires_at, until)
        wanted = min(count - len(slots), most - (all_held or 0))
        for slot in _free(session, shop, person, recording_id, now, max(wanted, 0)):
            grant(slot, person.id, now=now, until=until)
            audit.record(
                session,
                at=now,
                actor=person.id,
                action="slot.leased",
                subject=("task", slot.task_id),
                detail={"slot": slot.id, "token": slot.token, "recording": recording_id},
            )
            slots.append(slot)
        session.flush()
        if not slots and (all_held or 0) >= most:
            raise NotAllowed(
                f"{person.handle} holds {all_held} clips, and a person holds at most {most} in {shop.project.name}.\n"
                "Hand in some first, or raise transcription.max_pending_per_person in the project's file."
            )
        return tuple(lease_of(session, shop, slot) for slot in slots)


def _held(session: Session, shop: Workshop, person: StaffMember, recording_id: str) -> list[Slot]:
    query = (
        select(Slot)
        .join(Task, Task.id == Slot.task_id)
        .join(Clip, Clip.id == Task.clip_id)
        .where(
            Clip.recording_id == recording_id,
            Slot.project_id == shop.project.name,
            Slot.holder_id == person.id,
            Slot.state == SlotState.LEASED,
            Slot.purpose.in_((SlotPurpose.TRANSCRIPTION, SlotPurpose.GOLD)),
        )
        .order_by(Clip.start, Slot.id)
        .with_for_update(of=Slot)
    )
    return list(session.scalars(query))


def _free(
    session: Session, shop: Workshop, person: StaffMember, recording_id: str, now: datetime, count: int
) -> list[Slot]:
    """Up to `count` places, one a task, that nobody else is just taking."""
    if not count:
        return []
    own, lower = aliased(Slot), aliased(Slot)
    over = and_(Slot.state == SlotState.LEASED, Slot.expires_at <= now)
    query = (
        select(Slot)
        .join(Task, Task.id == Slot.task_id)
        .join(Clip, Clip.id == Task.clip_id)
        .where(
            Clip.recording_id == recording_id,
            Clip.state == ClipState.WAITING,
            Slot.project_id == shop.project.name,
            Slot.purpose == SlotPurpose.TRANSCRIPTION,
            or_(Slot.state == SlotState.OPEN, over),
            Slot.language.in_(_languages(session, shop, person)),
            Task.state.not_in((TaskState.WITHDRAWN, TaskState.REJECTED)),
            consented(Clip.recording_id, ConsentScope.TRANSCRIPTION),
            ~exists().where(own.task_id == Slot.task_id, own.holder_id == person.id),
            ~exists().where(
                lower.task_id == Slot.task_id,
                lower.purpose == SlotPurpose.TRANSCRIPTION,
                lower.state == SlotState.OPEN,
                lower.number < Slot.number,
            ),
            ~exists().where(
                Skip.person_id == person.id,
                Skip.task_id == Slot.task_id,
                or_(Skip.until.is_(None), Skip.until > now),
            ),
        )
        .order_by(Clip.start, Slot.number)
        .with_for_update(skip_locked=True, of=Slot)
    )
    if person.speaker_id is not None:
        query = query.where(
            ~exists().where(
                RecordingSpeaker.recording_id == recording_id,
                RecordingSpeaker.speaker_id == person.speaker_id,
            )
        )
    one_a_task: dict[str, Slot] = {}
    for slot in session.scalars(query.limit(2 * count).execution_options(populate_existing=True)):
        one_a_task.setdefault(slot.task_id, slot)
    return list(one_a_task.values())[:count]


def _languages(session: Session, shop: Workshop, person: StaffMember) -> list[str]:
    """Those of the project that the person knows and isn't held back from."""
    held_back = session.scalars(
        select(Standing.language).where(Standing.person_id == person.id, Standing.held_back)
    ).all()
    languages = [code for code in person.languages if code in shop.project.languages]
    free = [code for code in languages if code not in held_back]
    if not free:
        why = f"held back from {', '.join(languages)}" if languages else "without a language of this project"
        raise NotAllowed(f"{person.handle} gets no new clips: {why}.\nA manager can look at it.")
    return free
