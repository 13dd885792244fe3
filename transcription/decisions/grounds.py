"""Why a reviewer is asked, in codes and figures: a portal says it in its reader's language."""

from dataclasses import dataclass
from enum import StrEnum

from catalog.tables import Judgement
from transcription.decisions.plausibility import Sign


class Ground(StrEnum):
    """What brings a task to a reviewer."""

    DIFFER = "differ"
    """The texts are too far from each other."""
    WORDS = "words"
    """The texts are of the same speech, and too many single words stay open."""
    ALIKE = "alike"
    """The texts are the same, and too little is known of their authors for that to be enough."""
    SIGNS = "signs"
    """Something speaks against every text."""
    DRAWN = "drawn"
    """Nothing speaks against it: it was drawn by lot."""
    REWRITTEN = "rewritten"
    """Its author wrote it again after a reviewer sent it back."""
    ALONE = "alone"
    """Nobody was left, or came in time, to write it as well."""
    SAID = "said"
    """Somebody who was given the clip passed it on or reported it, with a code of catalog.reasons."""
    ASKED = "asked"
    """Somebody asked for it, in their own words."""


@dataclass(frozen=True, slots=True)
class Why:
    """Why a reviewer is asked."""

    words: str
    """In English; of ASKED the words of whoever asked."""
    grounds: tuple[Ground, ...] = ()
    """The weightiest first; empty where the words alone say it."""
    error: float | None = None
    """Between the two closest texts, by the project's measure."""
    signs: tuple[Sign, ...] = ()
    """What speaks against the texts, each once."""
    reason: str | None = None
    """The code that somebody gave."""


def why_of(found: Judgement | None, reason: str | None) -> Why:
    """What the last judgement of a task rests on. reason: the code that the task carries

    Without a judgement nobody has written a text, and the code is all there is.
    """
    if found is None:
        return Why("skipped by people", (Ground.SAID,) if reason else (), reason=reason)
    signs = (Sign(code) for text in found.evidence["texts"] for code in text.get("signs", ()))
    return Why(
        words=found.because,
        grounds=tuple(Ground(code) for code in found.evidence.get("grounds", ())),
        error=found.error,
        signs=tuple(dict.fromkeys(signs)),
        reason=reason,
    )
