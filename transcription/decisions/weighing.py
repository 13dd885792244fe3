"""Weigh the texts of one clip against each other: do they agree, and which text do they propose?"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal

from transcription import text as texts
from transcription.decisions.agreement import agreement
from transcription.decisions.consensus import Consensus, consensus
from transcription.decisions.grounds import Ground
from transcription.decisions.language_fit import LanguageFit
from transcription.decisions.plausibility import Sign
from transcription.rules.guideline import Guideline
from transcription.text.checker import Severity


@dataclass(frozen=True, slots=True)
class Opinion:
    """One finished text of a task."""

    submission_id: str
    person_id: str
    verbatim: str
    reliability: float
    """How likely a word of its author's is right, 0 to 1."""
    against: str = ""
    """What speaks against it, in words; empty where nothing does."""
    signs: tuple[Sign, ...] = ()
    """The same as codes."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What several texts come to, before anybody acts on it."""

    agreed: bool
    verbatim: str
    """The text to take; the likeliest one where they don't agree."""
    submission_id: str | None
    """Whose words they are; None for a vote over several."""
    origin: str
    error: float | None
    """Between the two closest texts; None where there is one."""
    because: str
    near: bool = True
    """Is it the same clip that two heard, at least, and only single words are in doubt?"""
    grounds: tuple[Ground, ...] = ()
    """Why it isn't simply accepted, the weightiest first: `because` as codes."""


def weigh(
    opinions: Sequence[Opinion],
    guideline: Guideline,
    *,
    threshold: float,
    measure: Literal["cer", "wer"],
    doubt: float = 1.0,
    language: LanguageFit | None = None,
) -> Proposal:
    """Compare finished texts of one clip.

    One text stands for itself. Of several, the closest two must lie within the threshold of each other (of three or
    more: of the outcome), and then they are voted on word by word, each with how likely its author is right. The
    outcome passes if no more of its words are to be expected wrong than `doubt` allows.
    threshold: the largest error rate at which two texts are of the same speech
    doubt:     share of words
    language:  what its accepted texts look like: of two words that are alike the usual one is the likelier
    """
    if len(opinions) == 1:
        return by_one(opinions[0], "single", None, "one transcriber was asked for", agreed=True)

    def error(one: str, other: str) -> float:
        found = agreement(one, other, guideline)
        return found.wer if measure == "wer" else found.cer

    closest = min(error(a.verbatim, b.verbatim) for a, b in combinations(opinions, 2))
    words = (
        f"{measure.upper()} {closest:.3f} between the closest two of {len(opinions)}, allowed {threshold:g}"
    )
    reliabilities = [one.reliability for one in opinions]
    vote = consensus([one.verbatim for one in opinions], guideline, reliabilities, language)
    near = [one for one in opinions if error(one.verbatim, vote.text) <= threshold]
    if len(near) < 2 or (len(opinions) == 2 and closest > threshold):
        far = by_one(opinions[vote.closest], "dispute", closest, words, agreed=False)
        return replace(far, near=False, grounds=(Ground.DIFFER,))
    taken = _as_voted(vote, near, guideline, closest, words)
    if vote.doubt <= doubt:
        return taken
    open_words = sum(not column.agreed for column in vote.columns)
    ground = Ground.WORDS if open_words else Ground.ALIKE
    unsure = (
        f"{words}; {open_words} of {len(vote.columns)} words differ, "
        f"{vote.doubt:.0%} to be expected wrong, allowed {doubt:.0%}"
    )
    return replace(taken, agreed=False, origin="dispute", because=unsure, grounds=(ground,))


def _as_voted(
    vote: Consensus, near: Sequence[Opinion], guideline: Guideline, closest: float, words: str
) -> Proposal:
    """The text of the vote, under the name of whoever wrote just that."""
    same = [one for one in near if texts.normalised(one.verbatim, guideline) == vote.text]
    if same:
        return by_one(max(same, key=_trust_of), "agreement", closest, words, agreed=True)
    if any(finding.severity is Severity.ERROR for finding in texts.check(vote.text, guideline)):
        return by_one(max(near, key=_trust_of), "agreement", closest, words, agreed=True)
    return Proposal(True, vote.text, None, "consensus", closest, f"{words}; voted word by word")


def _trust_of(opinion: Opinion) -> float:
    return opinion.reliability  # of equals, max takes the earliest


def by_one(opinion: Opinion, origin: str, error: float | None, because: str, *, agreed: bool) -> Proposal:
    """One person's text as the proposal."""
    return Proposal(agreed, opinion.verbatim, opinion.submission_id, origin, error, because)
