"""What a slot is for: a text, or a decision on texts. No service takes the one for the other."""

from collections.abc import Collection

from catalog.states import SlotPurpose
from catalog.tables import Slot
from transcription.context import NotAllowed

WRITING = (SlotPurpose.TRANSCRIPTION, SlotPurpose.GOLD)
"""What a transcriber is given; the second looks like the first."""
REVIEWING = (SlotPurpose.REVIEW, SlotPurpose.SECOND_LOOK)
"""What a reviewer is given."""


class WrongPurpose(NotAllowed):
    """A slot for a text was used to decide, or one for a decision to write."""


def check_purpose(slot: Slot, purposes: Collection[SlotPurpose]) -> None:
    """Refuse a slot that is for something else. raises: WrongPurpose"""
    if slot.purpose not in purposes:
        wanted = "a text" if slot.purpose in WRITING else "a decision"
        raise WrongPurpose(f"slot {slot.id} is for {wanted}, and for nothing else.\nAsk for the next clip.")
