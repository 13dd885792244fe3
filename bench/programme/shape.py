"""The shape of a made programme: how many of what there are, who did which, and when; all of it arithmetic.

Proportions of the largest programmes (African Next Voices, IndicVoices): a voice for 33 clips, ten clips a recording,
40 languages, a member of staff for 5,000 clips and three years.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from catalog.states import ClipState, Role, TaskState
from catalog.tables import Base

YEARS = timedelta(days=3 * 365)
CLIPS_A_RECORDING = 10
CLIPS_A_VOICE = 33
CLIPS_A_PERSON = 5_000
DISTRICTS = 30
ROLES = (*[Role.TRANSCRIBER] * 7, Role.COORDINATOR, Role.COORDINATOR, Role.REVIEWER)
WORDS = ("వాన", "బాగా", "పడింది", "ఈరోజు", "ఊరిలో", "పొలం", "నీళ్లు", "చెరువు", "నిండింది", "పంట", "రైతు", "సాయంత్రం")
_MINUTES = [f"{minute // 60:02}:{minute % 60:02}:00.000000" for minute in range(24 * 60)]


@dataclass(frozen=True)
class Programme:
    """A made programme.

    clips:     how many; all else follows
    languages: codes, dealt out in turn
    end:       when its three years end: now, for whoever looks at it
    zone:      what a stored time ends in: "+00" on PostgreSQL, nothing on SQLite
    clips_a_person: for one member of staff; each language has ten people at least
    """

    clips: int
    languages: Sequence[str]
    end: datetime
    zone: str
    project: str = "demo"
    clips_a_person: int = CLIPS_A_PERSON

    @property
    def recordings(self) -> int:
        return -(-self.clips // CLIPS_A_RECORDING)

    @property
    def refused_uploads(self) -> int:
        """Files that became no recording."""
        return self.recordings // 20

    @property
    def speakers(self) -> int:
        return max(len(self.languages), self.clips // CLIPS_A_VOICE)

    @property
    def team(self) -> int:
        """People of one language: ten at least, so that each role is there twice over."""
        return max(len(ROLES), self.clips // self.clips_a_person // len(self.languages))

    @property
    def people(self) -> int:
        return self.team * len(self.languages)

    def person_of(self, number: int) -> str:
        return f"person-{number}"

    def role_of(self, number: int) -> Role:
        return ROLES[number // len(self.languages) % len(ROLES)]

    @cached_property
    def _by_role(self) -> dict[tuple[int, Role], list[str]]:
        found: dict[tuple[int, Role], list[str]] = {}
        for number in range(self.people):
            at = (number % len(self.languages), self.role_of(number))
            found.setdefault(at, []).append(self.person_of(number))
        return found

    def somebody(self, speaker: int, role: Role, turn: int) -> str:
        """Who of that role has the turn in the language of that voice."""
        team = self._by_role[speaker % len(self.languages), role]
        return team[turn % len(team)]

    def speaker_of(self, recording: int) -> int:
        return recording % self.speakers

    def language_of(self, speaker: int) -> str:
        return self.languages[speaker % len(self.languages)]

    def withdrew(self, speaker: int) -> bool:
        """One in twenty."""
        return speaker % 20 == 19

    def states_of(self, clip: int) -> tuple[ClipState, TaskState | None]:
        """Of a clip and its task: most accepted, a fifth waiting, some refused, some taken back."""
        if self.withdrew(self.speaker_of(clip // CLIPS_A_RECORDING)):
            return ClipState.WITHDRAWN, None
        match clip * 7 % 20:
            case 0:
                return ClipState.REJECTED, None
            case 1 | 2 | 3:
                return ClipState.WAITING, TaskState.OPEN
            case 4:
                return ClipState.WAITING, TaskState.IN_REVIEW
            case _:
                return ClipState.ACCEPTED, TaskState.ACCEPTED

    @cached_property
    def _days(self) -> list[str]:
        first = (self.end - YEARS).astimezone(UTC)
        return [f"{(first + timedelta(days=day)).date()} " for day in range(YEARS.days + 2)]

    def moment(self, clip: int, *, later: int = 0) -> str:
        """When a clip's file came, as the database keeps it. later: minutes; nothing lies behind the end"""
        last = YEARS.days * 24 * 60
        minute = min(last, clip * last // self.clips + later)
        return f"{self._days[minute // 1440]}{_MINUTES[minute % 1440]}{self.zone}"


@dataclass(frozen=True, slots=True)
class MadeTable:
    """Rows of one table. columns: their names in the order of a row, apart by spaces"""

    table: type[Base]
    rows: Callable[[Programme], Iterator[tuple[Any, ...]]]
    columns: str


def text_of(clip: int) -> str:
    """Three words that are said in a clip."""
    return " ".join(WORDS[clip * step % len(WORDS)] for step in (1, 5, 7))


def digest(kind: str, number: int) -> str:
    return hashlib.sha256(f"{kind}{number}".encode()).hexdigest()
