"""The slot that a request is about, proven by what the screen was given with the clip."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from fastapi import HTTPException, Path
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select

from catalog.config.sentence import Sentence
from catalog.states import Role
from catalog.tables import Slot, Task
from portal.access.session import Signed
from portal.context import PortalContext
from transcription import queue, review
from transcription.context import ProjectContext
from transcription.queue import Renewal
from transcription.slots.lease import Hold, LeaseLost, holds
from transcription.slots.purpose import REVIEWING, WRITING

SlotPath = Annotated[str, Path(max_length=80)]
SlotId = Annotated[str, Field(max_length=80, pattern=r"^[A-Za-z0-9_-]+$")]


class SlotProof(BaseModel):
    """What every request about a clip carries. proof: that this person was given this slot under this token"""

    model_config = ConfigDict(extra="forbid")

    token: int = Field(ge=0, le=2**31)
    proof: str = Field(max_length=64)


class SubmissionRequest(SlotProof):
    """request_id: the device's own name for this submission; sent again under it, it gives the same receipt"""

    request_id: str = Field(pattern=r"^[A-Za-z0-9_-]{8,64}$")


class SlotUse(StrEnum):
    """What a slot was given for: part of its proof. A gold clip is written like any other, and looks like one."""

    WRITE = "write"
    REVIEW = "review"


_ROLES = {SlotUse.WRITE: Role.TRANSCRIBER, SlotUse.REVIEW: Role.REVIEWER}
_PURPOSES = {SlotUse.WRITE: WRITING, SlotUse.REVIEW: REVIEWING}
_SIGN_OF_LIFE: dict[SlotUse, Callable[..., Renewal]] = {
    SlotUse.WRITE: queue.heartbeat,
    SlotUse.REVIEW: review.heartbeat,
}


@dataclass(frozen=True, slots=True)
class Renewed:
    expires_at: datetime


def proof_of(context: PortalContext, hold: Hold, use: SlotUse) -> str:
    """The proof of a slot that is, or was, its person's. It outlives the lease: late words find their way."""
    return context.signature("slot", use, hold.slot_id, hold.person_id, str(hold.token))


def slot_of(
    context: PortalContext, signed: Signed, slot_id: str, held: SlotProof, use: SlotUse
) -> tuple[ProjectContext, Hold]:
    """The slot as the signed-in person's, with the context of its project, whichever they look at now.

    A slot that was never theirs, or not for that, does not exist for them: 404.
    """
    proven = (slot_id, signed.person_id, str(held.token))
    # "place" names no use: devices that were offline still hold proofs signed so. What the slot is for is looked up
    # below, and once more under its lock by the services, so such a proof opens no more than one of today.
    if not context.is_signed(held.proof, "slot", use, *proven) and not context.is_signed(
        held.proof, "place", *proven
    ):
        raise HTTPException(404)
    with context.catalog.reading() as session:
        query = select(Slot.project_id).where(Slot.id == slot_id, Slot.purpose.in_(_PURPOSES[use]))
        project = session.scalar(query)
    if project is None or project not in signed.projects_with(_ROLES[use]):
        raise HTTPException(404)
    return context.project_context(project), Hold(slot_id, signed.person_id, held.token)


def sign_of_life(
    context: PortalContext, signed: Signed, slot_id: str, held: SlotProof, use: SlotUse
) -> Renewed:
    """The lease goes on; LeaseLost where the slot is lost."""
    project_context, hold = slot_of(context, signed, slot_id, held, use)
    return Renewed(_SIGN_OF_LIFE[use](project_context, hold, now=context.clock()).expires_at)


def clip_held(context: PortalContext, hold: Hold) -> str:
    """The clip of a slot that is still its person's. Raises LeaseLost where it is not."""
    with context.catalog.reading() as session:
        slot = session.get(Slot, hold.slot_id)
        if slot is None or not holds(slot, hold):
            raise LeaseLost(
                Sentence("this clip is somebody else's by now. What you wrote is kept; ask for the next one.")
            )
        return session.scalars(select(Task.clip_id).where(Task.id == slot.task_id)).one()
