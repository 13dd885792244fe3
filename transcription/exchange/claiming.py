"""The clips of one recording to one person: a coordinator's choice, by the queue's own rules.

`queue.claim_many` gives what comes next; here the recording is named, so the order is that in which it was spoken.
"""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog.config.sentence import Sentence
from catalog.states import Role, SlotState
from catalog.tables import Clip, Slot, Task
from transcription.context import NotAllowed, ProjectContext
from transcription.people import StaffMember, person_of
from transcription.queue import take_of_recording
from transcription.slots.lease import Lease, leases_of
from transcription.slots.purpose import WRITING


def claim_recording(
    context: ProjectContext, person_id: str, recording_id: str, count: int, *, now: datetime, until: datetime
) -> tuple[Lease, ...]:
    """The clips of a recording that a person holds, filled up to `count` with those that the queue could give them.

    No more at a time than the project says. raises: NotAllowed
    """
    most = context.project.transcription.max_pending_per_person
    with context.catalog.writing() as session:
        person = person_of(session, person_id, Role.TRANSCRIBER, project=context.project.name, lock=True)
        all_held = session.scalar(
            select(func.count()).where(
                Slot.holder_id == person.id,
                Slot.state == SlotState.LEASED,
                Slot.project_id == context.project.name,
            )
        )
        slots = _held(session, context, person, recording_id)
        for slot in slots:
            assert slot.expires_at is not None  # a lease ends, says the table
            slot.expires_at = max(slot.expires_at, until)
        room = most - (all_held or 0)
        while len(slots) < count and room > 0:
            taken = take_of_recording(session, context, person, recording_id, now=now, until=until)
            if taken is None:
                break
            slots.append(taken)
            room -= 1
        if not slots and (all_held or 0) >= most:
            raise NotAllowed(
                Sentence(
                    "%(person)s holds as many clips as a person may: %(most)s. "
                    "Hand in some first, or have transcription.max_pending_per_person raised.",
                    person=person.handle,
                    most=str(most),
                )
            )
        return leases_of(session, context, slots)


def _held(session: Session, context: ProjectContext, person: StaffMember, recording_id: str) -> list[Slot]:
    query = (
        select(Slot)
        .join(Task, Task.id == Slot.task_id)
        .join(Clip, Clip.id == Task.clip_id)
        .where(
            Clip.recording_id == recording_id,
            Slot.project_id == context.project.name,
            Slot.holder_id == person.id,
            Slot.state == SlotState.LEASED,
            Slot.purpose.in_(WRITING),
        )
        .order_by(Clip.start, Slot.id)
        .with_for_update(of=Slot)
    )
    return list(session.scalars(query))
