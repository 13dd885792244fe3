"""The slot that a request is about, proven by what the screen was given with the clip."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import HTTPException, Path
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select

from catalog.tables import Slot
from portal.access.session import Signed
from portal.context import PortalContext
from transcription import queue
from transcription.context import ProjectContext
from transcription.slots.lease import Hold

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


@dataclass(frozen=True, slots=True)
class Renewed:
    expires_at: datetime


def proof_of(context: PortalContext, hold: Hold) -> str:
    """The proof of a slot that is, or was, its person's. It outlives the lease: late words find their way."""
    # "place" is what proofs were signed with that devices still hold.
    return context.signature("place", hold.slot_id, hold.person_id, str(hold.token))


def slot_of(
    context: PortalContext, signed: Signed, slot_id: str, held: SlotProof
) -> tuple[ProjectContext, Hold]:
    """The slot as the signed-in person's, with the context of its project, whichever they look at now.

    A slot that was never theirs does not exist for them: 404.
    """
    if not context.is_signed(held.proof, "place", slot_id, signed.person_id, str(held.token)):
        raise HTTPException(404)
    with context.catalog.reading() as session:
        project = session.scalar(select(Slot.project_id).where(Slot.id == slot_id))
    if project is None or project not in context.projects:
        raise HTTPException(404)
    return context.project_context(project), Hold(slot_id, signed.person_id, held.token)


def sign_of_life(context: PortalContext, signed: Signed, slot_id: str, held: SlotProof) -> Renewed:
    """The lease goes on; LeaseLost where the slot is lost."""
    project_context, hold = slot_of(context, signed, slot_id, held)
    return Renewed(queue.heartbeat(project_context, hold, now=context.clock()).expires_at)
