"""The end of what somebody holds, when the role that it was given for is taken from them."""

from collections.abc import Collection, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.states import Role, SlotPurpose, SlotState
from catalog.tables import Slot
from transcription.slots.lease import vacate
from transcription.slots.purpose import REVIEWING, WRITING

PURPOSES: Mapping[Role, Collection[SlotPurpose]] = {Role.TRANSCRIBER: WRITING, Role.REVIEWER: REVIEWING}
"""What a role is given slots for."""


def end_leases(
    session: Session, person_id: str, roles: Collection[Role], *, project: str | None = None
) -> int:
    """Open every slot that a person holds in one of these roles to others, at once; drafts stay theirs.

    project: all of theirs where None
    Returns how many there were. The person must be locked before: a claim locks them too, then its slots.
    """
    purposes = [purpose for role in roles for purpose in PURPOSES.get(role, ())]
    query = select(Slot).where(
        Slot.holder_id == person_id, Slot.state == SlotState.LEASED, Slot.purpose.in_(purposes)
    )
    if project is not None:
        query = query.where(Slot.project_id == project)
    held = session.scalars(query.order_by(Slot.id).with_for_update()).all()
    for slot in held:
        vacate(slot)
    session.flush()
    return len(held)
