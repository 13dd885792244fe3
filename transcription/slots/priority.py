"""Priority: when a waiting clip's turn is, and why. Coverage of people first, then new words and clear sound.

Of what a project collects, only a part is ever written down (5 to 27 % in the largest Indian projects). So groups of
speakers with little work yet come first, in rounds of ten minutes; within a round the clips that promise the most new
words and the clearest sound.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catalog.config.project import Quota
from transcription.slots.vocabulary import Outlook, Trait

ROUND_SECONDS = 600.0
"""A group's clips come in rounds of ten minutes: every group's first round before anybody's second."""
CLEAR_DB = 20.0
"""Signal to noise from which a clip counts as clear."""
ROUND, BEYOND = 8, 8000
LITTLE_KNOWN, NOISY = 1, 2
WORDS = ((1.25, 0), (0.8, 1), (0.4, 2), (0.0, 4))
"""From which share of the usual new words on a clip gets how many points within its round."""
USUAL_WORDS = Outlook(1.0)


@dataclass(frozen=True, slots=True)
class SpeakerGroup:
    """Speakers who count as alike when the hours are spread."""

    language: str
    district: str | None = None
    gender: str | None = None
    age_band: str | None = None
    dialect: str | None = None

    def __str__(self) -> str:
        known = [part for part in (self.gender, self.age_band, self.dialect, self.district) if part]
        return f"{self.language}: {', '.join(known) or 'speakers of whom nothing more is known'}"


@dataclass(frozen=True, slots=True)
class VoiceProfile:
    """A speaker in a recording, as far as the order of work is concerned."""

    group: SpeakerGroup
    traits: tuple[Trait, ...]


@dataclass(slots=True)
class InHand:
    """What was given to people so far, or comes before: seconds by group, clips by trait.

    A clip of several voices counts for each of them, its seconds in equal parts.
    """

    seconds: defaultdict[SpeakerGroup, float]
    clips: Counter[Trait]

    def add(self, voices: Sequence[VoiceProfile], seconds: float) -> None:
        for voice in voices:
            self.seconds[voice.group] += seconds / len(voices)
        self.clips.update({trait for voice in voices for trait in voice.traits})


def priority_of(
    groups: Sequence[SpeakerGroup],
    seconds_before: Mapping[SpeakerGroup, float],
    snr_db: float | None,
    quota: Quota | None,
    outlook: Outlook = USUAL_WORDS,
) -> tuple[int, str]:
    """When a clip's turn is, lower first, and why, in words. Of several voices the one most wanted decides.

    groups:         of every voice in the clip
    seconds_before: how much of each group's speech is in people's hands already
    outlook:        what its words promise
    """
    group = min(groups, key=lambda each: _coverage(each, seconds_before.get(each, 0.0), quota))
    before = seconds_before.get(group, 0.0)
    priority = _coverage(group, before, quota)
    why = [f"{group}, {before / 60:.0f} min given to people so far"]
    if len(groups) > 1:
        why.append(f"the most wanted of {len(groups)} voices")
    if priority >= BEYOND:
        why.append(f"beyond the {_hours_wanted(group, quota):g} h wanted of it")
    if group.district is None or group.gender is None:
        priority += LITTLE_KNOWN
        why.append("little is known of the speaker")
    if snr_db is not None and snr_db < CLEAR_DB:
        priority += NOISY
        why.append(f"noisy ({snr_db:.0f} dB)")
    elif snr_db is not None:
        why.append("clear sound")
    priority += _points(outlook.share)
    if _points(outlook.share) != _points(USUAL_WORDS.share):
        why.append(str(outlook))
    return priority, "; ".join(why)


def _coverage(group: SpeakerGroup, seconds_before: float, quota: Quota | None) -> int:
    wanted = _hours_wanted(group, quota)
    beyond = wanted is not None and seconds_before >= wanted * 3600
    return int(seconds_before // ROUND_SECONDS) * ROUND + BEYOND * beyond


def _points(share: float) -> int:
    return next(points for least, points in WORDS if share >= least)


def _hours_wanted(group: SpeakerGroup, quota: Quota | None) -> float | None:
    """The smallest of the hours wanted of the group's district, gender and age; None where nobody said."""
    if quota is None:
        return None
    parts = [
        quota.by_district.get(group.district or ""),
        quota.by_age_band.get(group.age_band or ""),
        next((hours for gender, hours in quota.by_gender.items() if gender == group.gender), None),
    ]
    return min([part for part in parts if part is not None] or [quota.hours])
