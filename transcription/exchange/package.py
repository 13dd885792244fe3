"""One person's clips to write down, as they leave the portal and come back."""

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from itertools import pairwise

MOST_BYTES = 32 * 2**20
"""Of one file; a thousand clips with long texts have under two million."""
MOST_ITEMS = 10_000
LONGEST_TEXT = 50_000  # code points; the checker takes a tenth of it
LONGEST_NAME = 500
LONGEST_NOTE = 5_000
LAST_SAMPLE = 2**53  # every whole number up to here is exact in JSON, XML, spreadsheets and as a float


class ExchangeError(ValueError):
    """A file that can't be read as a work package, or a package that a format can't hold."""


_DIGEST = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class SampleSpan:
    """Half-open, in whole samples at `rate` a second."""

    start: int
    end: int
    rate: int

    def __post_init__(self) -> None:
        if not (0 <= self.start < self.end <= LAST_SAMPLE and 0 < self.rate <= 1_000_000):
            raise ExchangeError(
                f"a span has 0 <= start < end, in samples, and a rate of 1 to 1000000, given {self}.\n"
                "Export the package again."
            )

    @property
    def start_seconds(self) -> float:
        return self.start / self.rate

    @property
    def end_seconds(self) -> float:
        return self.end / self.rate


@dataclass(frozen=True, slots=True)
class ClipLocation:
    """Where a clip lies in the sound file beside the package."""

    sound: str
    """Name of that file; where no sound was exported, the id of the recording."""
    span: SampleSpan


@dataclass(frozen=True, slots=True)
class Ticket:
    """Everything about a clip but its text: comes back as it went out."""

    clip: str
    task: str
    slot: str
    token: int
    """With the slot, the proof of the place: an older token than the place's is late."""
    language: str
    guideline: str
    """Language and version of the rules, such as te@1."""
    speaker: str
    """Pseudonym."""
    recording: str
    span: SampleSpan
    """In the recording, on its own time line."""
    place: ClipLocation
    given: str
    """Digest of the text that the package left with: whoever changes nothing hands in nothing."""
    note: str
    """What a reviewer wrote who sent the text back."""

    def __post_init__(self) -> None:
        for each in fields(self):
            value = getattr(self, each.name)
            if isinstance(value, str) and each.name != "note":
                _refuse_unfit_name(each.name, value)
        _refuse_unfit_name("sound", self.place.sound)
        _refuse_unfit_text("a note", self.note, LONGEST_NOTE)
        if not _DIGEST.fullmatch(self.given):
            raise ExchangeError(
                f"`given` is 16 hexadecimal digits, given {self.given[:40]!r}. Take it from the export."
            )
        if not 0 <= self.token <= LAST_SAMPLE:
            raise ExchangeError(
                f"a token counts leases from 0, given {self.token}. Export the package again."
            )


@dataclass(frozen=True, slots=True)
class Item:
    """A clip and its text so far: lines end in \\n; neither NUL nor half a character is in it."""

    ticket: Ticket
    text: str

    def __post_init__(self) -> None:
        _refuse_unfit_text(f"the text of {self.ticket.clip}", self.text, LONGEST_TEXT)

    @property
    def changed(self) -> bool:
        """Whether somebody has worked on it since it was exported."""
        return digest(self.text) != self.ticket.given


@dataclass(frozen=True, slots=True)
class Package:
    """The clips of one person, in the order in which they are shown."""

    project: str
    person: str
    """Handle of whoever holds the clips, and hands in the texts."""
    made_at: datetime
    items: tuple[Item, ...]

    def __post_init__(self) -> None:
        _refuse_unfit_name("project", self.project)
        _refuse_unfit_name("person", self.person)
        if not 1 <= len(self.items) <= MOST_ITEMS:
            raise ExchangeError(
                f"a package holds 1 to {MOST_ITEMS} clips, given {len(self.items)}. Export fewer at a time."
            )
        if self.made_at.utcoffset() is None:
            raise ExchangeError(f"a package knows the zone of its time, given {self.made_at.isoformat()}.")
        seen: set[str] = set()
        for item in self.items:
            if item.ticket.slot in seen:
                raise ExchangeError(
                    f"{item.ticket.clip} stands twice in the package, with different texts or places.\n"
                    "Keep the right one and delete the other."
                )
            seen.add(item.ticket.slot)

    @property
    def sounds(self) -> tuple[str, ...]:
        """The sound files, each once, in order."""
        return tuple(dict.fromkeys(item.ticket.place.sound for item in self.items))

    def of_sound(self, sound: str) -> "Package":
        """The part that lies in one sound file."""
        items = tuple(item for item in self.items if item.ticket.place.sound == sound)
        return Package(self.project, self.person, self.made_at, items)


def require_once(wanted: Sequence[str], found: Sequence[str], what: str) -> None:
    """Refuse a file in which a tier, column or field of ours is missing, renamed or there twice.

    what: such as "tier"
    raises: ExchangeError, with the names that were found
    """
    wrong = [name for name in wanted if found.count(name) != 1]
    if wrong:
        names = ", ".join(f"{name[:40]!r}" for name in found[:20]) or "none"
        counts = " and ".join(f"{found.count(name) or 'no'} {what} {name!r}" for name in wrong[:5])
        raise ExchangeError(
            f"the file has {counts}{' …' if wrong[5:] else ''}, where there is one of each; found: {names}.\n"
            f"Give each {what} of the export its own name again, and delete or rename what was copied."
        )


def digest(text: str) -> str:
    """A short proof that a text is the same.

    >>> digest("moja mbili")
    'd0f9c64cbd8eee1b'
    """
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def clean_text(raw: str) -> str:
    """A text as another program wrote it, with our line ends."""
    return raw.replace("\r\n", "\n").replace("\r", "\n")


def in_order(package: Package) -> tuple[Item, ...]:
    """The items along the one time line that a TextGrid, an EAF file or labels have.

    raises: ExchangeError where there are several sounds, or clips that overlap
    """
    if len(package.sounds) != 1:
        raise ExchangeError(
            f"this format has one time line, and the package {len(package.sounds)} sound files.\n"
            "Write one file a sound, or export the clips joined to one."
        )
    items = tuple(sorted(package.items, key=lambda item: item.ticket.place.span.start_seconds))
    for one, other in pairwise(items):
        if one.ticket.place.span.end_seconds > other.ticket.place.span.start_seconds:
            raise ExchangeError(
                f"{one.ticket.clip} and {other.ticket.clip} overlap, which one tier can't hold.\n"
                "Export them with their sound: there they lie one behind the other."
            )
    return items


def utc(moment: datetime) -> datetime:
    """To the second, in UTC: as a package writes it."""
    return moment.astimezone(UTC).replace(microsecond=0)


def _refuse_unfit_name(what: str, value: str) -> None:
    if not 0 < len(value) <= LONGEST_NAME or any(
        unicodedata.category(each) in ("Cc", "Cs") for each in value
    ):
        raise ExchangeError(
            f"{what} is 1 to {LONGEST_NAME} characters without control characters, given {value[:60]!r}.\n"
            "Export the package again, and leave what stands beside the texts as it is."
        )


def _refuse_unfit_text(what: str, text: str, longest: int) -> None:
    if len(text) > longest:
        raise ExchangeError(f"{what} has {len(text)} characters; at most {longest} fit. Shorten it.")
    for place, character in enumerate(text):
        if character in "\0\r" or "\ud800" <= character <= "\udfff":
            raise ExchangeError(
                f"{what} holds {character!r} at its character {place + 1}, which no text has "
                "(a NUL, a carriage return or half a character).\nDelete it there."
            )
