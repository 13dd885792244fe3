"""What a slot is for: a text, or a decision on texts. No service takes the one for the other."""

from collections.abc import Collection

from catalog.config.sentence import Sentence
from catalog.states import SlotPurpose
from catalog.tables import Slot
from transcription.context import NotAllowed

WRITING = (SlotPurpose.TRANSCRIPTION, SlotPurpose.GOLD)
"""What a transcriber is given; the second looks like the first."""
REVIEWING = (SlotPurpose.REVIEW, SlotPurpose.SECOND_LOOK)
"""What a reviewer is given."""


FOR_TEXT = Sentence("this clip is to be written, and for nothing else. Ask for the next one.")
FOR_DECISION = Sentence("this clip is to be decided on, and for nothing else. Ask for the next one.")


class WrongPurpose(NotAllowed):
    """A slot for a text was used to decide, or one for a decision to write."""


def check_purpose(slot: Slot, purposes: Collection[SlotPurpose]) -> None:
    """Refuse a slot that is for something else. raises: WrongPurpose"""
    if slot.purpose not in purposes:
        raise WrongPurpose(FOR_TEXT if slot.purpose in WRITING else FOR_DECISION)
