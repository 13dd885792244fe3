"""Plausibility: what speaks against a text before anybody else has written the clip: signs, never proof.

A text with a sign against it doesn't pass on its author's word alone. Nobody is held back or loses pay for a sign:
only for what their text turned out to be.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz.distance import Levenshtein

from transcription.decisions.language_fit import LanguageFit
from transcription.rules.guideline import Pace
from transcription.text.graphemes import count

NEARLY_SAME = 0.9
"""Share of letters that two texts have in common to count as one."""
LONG_ENOUGH = 12
"""Characters: people do say "yes" many times a day."""
TIMES = 2
"""So many unconfirmed clips with the same text before this one are odd."""
LEAST_LISTENED = 0.8
"""Share of the clip's length below which nobody can have heard it."""


class Sign(StrEnum):
    """What speaks against a text."""

    PACE = "pace"
    LANGUAGE = "language"
    REPEATED = "repeated"
    COPIED = "copied"
    UNHEARD = "unheard"


@dataclass(frozen=True, slots=True)
class Oddity:
    """A sign, with the figures, for the reviewer and for whoever wrote it."""

    sign: Sign
    message: str


@dataclass(frozen=True, slots=True)
class Earlier:
    """A text that somebody finished before. seconds_ago: before the one in question"""

    person_id: str
    task_id: str
    text: str
    seconds_ago: float
    confirmed: bool
    """Was it found to be right?"""


def pace(text: str, seconds: float, allowed: Pace) -> Oddity | None:
    """text: comparison form; seconds: of the clip. Nothing written is no pace."""
    said = count(text.replace(" ", "")) / seconds if seconds > 0 else 0.0
    if not said or allowed.at_least <= said <= allowed.at_most:
        return None
    message = f"{said:.1f} characters a second, where {allowed.at_least:g} to {allowed.at_most:g} can be said"
    return Oddity(Sign.PACE, message)


def language(text: str, fit: LanguageFit | None) -> Oddity | None:
    """text: comparison form. Without a model nothing is known."""
    if fit is None or not fit.strange(text):
        return None
    message = f"{fit.bits(text):.1f} bits a letter, where this language's texts have about {fit.usual:.1f}"
    return Oddity(Sign.LANGUAGE, message)


def unheard(active_seconds: float | None, seconds: float) -> Oddity | None:
    """active_seconds: how long the person was at the clip; None where the device didn't say"""
    if active_seconds is None or active_seconds >= LEAST_LISTENED * seconds:
        return None
    return Oddity(Sign.UNHEARD, f"written in {active_seconds:.1f} s, of a clip of {seconds:.1f} s")


def repeated(text: str, task_id: str, own: Sequence[Earlier]) -> Oddity | None:
    """The same text for one clip after another, none of which was found right: prompts may well be read twice."""
    if not tells(text):
        return None
    same = {
        each.task_id
        for each in own
        if each.task_id != task_id and not each.confirmed and nearly_same(text, each.text)
    }
    if len(same) < TIMES:
        return None
    return Oddity(Sign.REPEATED, f"nearly the same text as for {len(same)} other clips")


def copied(
    text: str, task_id: str, person_id: str, others: Sequence[Earlier], *, within: float = 600.0
) -> Oddity | None:
    """Another person's text of another clip, a short while after it: pasted, not heard.

    within: seconds. The same text for the same clip is what is hoped for, and no sign.
    """
    if not tells(text):
        return None
    for each in others:
        other = each.person_id != person_id and each.task_id != task_id and not each.confirmed
        if other and each.seconds_ago <= within and nearly_same(text, each.text):
            return Oddity(
                Sign.COPIED, f"nearly what somebody wrote for another clip {each.seconds_ago:.0f} s before"
            )
    return None


def tells(text: str) -> bool:
    """Whether it is long enough for its like to tell anything."""
    return count(text) >= LONG_ENOUGH


def nearly_same(one: str, other: str) -> bool:
    """Whether two texts differ in a letter or two at most, for their length."""
    return bool(Levenshtein.normalized_similarity(one, other, score_cutoff=NEARLY_SAME) >= NEARLY_SAME)
