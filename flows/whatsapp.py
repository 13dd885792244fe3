"""A chat that WhatsApp exported, in a zip archive or unpacked: who sent which recording, and who those people are.

The chat names its senders as the phone that exported it does, so these names are personal data: they stay in the chat
and in the coordinator's own list of senders beside it, and reach neither the catalogue nor a report. The browser reads
chats by the same rules (`portal/static/js/record/imports`); both are held to the chats of `tests/whatsapp`.
"""

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import PurePosixPath
from typing import Literal

import regex

from catalog.table_reader import UnreadableTable, read_table

DateOrder = Literal["dmy", "mdy", "ymd"]
ORDERS: tuple[DateOrder, ...] = ("dmy", "mdy", "ymd")
"""The likelier first: among equals as in India."""
LONGEST_LINE = 2000
"""Letters: what names a file is short."""

_HEAD = regex.compile(
    r"\[?(\d{1,4})[./-] ?(\d{1,2})[./-] ?(\d{2,4})\.?,? (.{0,12}?)(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?"
    r"([^\]\-–:]{0,16}?)(?:\] ?| [-–] )(.*)"
)
"""`31/01/2024, 10:11 pm - Asha: …` (Android), `[31/01/24, 10:11:12] Asha: …` (iPhone), with any marks between."""
_INVISIBLE = regex.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_SPACES = regex.compile("[\u00a0\u202f\t ]+")
_AFTERNOON = ("p", "अपराह्न", "म.उ", "பிற்பகல்", "ಅಪರಾಹ್ನ", "ਬਾ", "م", "下午", "午後", "오후")
_DAY_IN_NAME = regex.compile(r"(?:PTT-|AUD-|AUDIO-)(\d{4})-?(\d{2})-?(\d{2})")
_MARKED = regex.compile(r"<[^<>:]{1,40}: ?([^<>]+)>")
_PLAIN = regex.compile(r"(.+\.[A-Za-z0-9]{2,5}) ?(?:\([^()]{1,60}\)|<[^<>]{1,60}>)")
_FORMULA = ("=", "+", "-", "@")  # OWASP ASVS 5.0, 1.2.10
_SOUND = frozenset(
    {".opus", ".ogg", ".oga", ".m4a", ".aac", ".amr", ".mp3", ".wav", ".flac", ".3gp", ".3gpp", ".3ga"}
    | {".webm", ".wma", ".caf", ".aif", ".aiff"}
)
_TWO_DAYS = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class ChatLine:
    """The first line of a message.

    date: three numbers, in an order that the chat as a whole tells
    rest: `Asha: hello`, or a message of WhatsApp itself
    """

    date: tuple[int, int, int]
    time: timedelta
    rest: str


@dataclass(frozen=True, slots=True)
class SentFile:
    """at: by the clock of the phone that exported the chat; sender: "" where the chat names two"""

    sender: str
    at: datetime | None


@dataclass(slots=True)
class Chat:
    """What the lines of a chat say of its files; of those that name none only what they tell of the order of a date."""

    is_there: Callable[[str], bool]
    _files: dict[str, tuple[str, ChatLine]] = field(default_factory=dict)
    _against: Counter[DateOrder] = field(default_factory=Counter)
    _before: dict[DateOrder, datetime] = field(default_factory=dict)

    def push(self, text: str) -> None:
        line = read_line(text)
        if line is None:
            return
        self._weigh(line)
        attached = attachment_in(line.rest, self.is_there)
        if attached is None:
            return
        sender, name = attached
        self._weigh_name(name, line)
        before = self._files.get(name)
        # anybody can write a line that looks like another's: a file that two have sent is nobody's
        self._files[name] = ("" if before and before[0] != sender else sender), line

    @property
    def order(self) -> DateOrder:
        """In which the phone wrote day, month and year: the one that the fewest lines contradict."""
        return min(ORDERS, key=lambda order: self._against[order])

    @property
    def sent(self) -> dict[str, SentFile]:
        order = self.order
        return {
            name: SentFile(sender, _moment(line, order) or _day_in_name(name))
            for name, (sender, line) in self._files.items()
        }

    def _weigh(self, line: ChatLine) -> None:
        """No day is in the 13th month, and no message is older than the one above it."""
        for order in ORDERS:
            at = _moment(line, order)
            if at is None:
                self._against[order] += 100
                continue
            if order in self._before and at < self._before[order]:
                self._against[order] += 1
            self._before[order] = at

    def _weigh_name(self, name: str, line: ChatLine) -> None:
        """A file named by its day was sent on that day, or a little later."""
        made = _day_in_name(name)
        for order in ORDERS if made else ():
            at = _moment(line, order)
            if made is not None and (at is None or abs(at - made) > _TWO_DAYS):
                self._against[order] += 10


def read_line(text: str) -> ChatLine | None:
    """None for a line that goes on with the message before it.

    >>> read_line("[31/01/24, 10:11:12 pm] Asha: hello").rest
    'Asha: hello'
    """
    plain = _SPACES.sub(" ", _INVISIBLE.sub("", text[:LONGEST_LINE])).lstrip()
    found = _HEAD.fullmatch("".join(_in_ascii(letter) for letter in plain[:80]) + plain[80:])
    if found is None:
        return None
    first, second, third, before, hour, minute, seconds, after, rest = found.groups()
    half = (before + after).strip().casefold()
    hours = int(hour) % (12 if half else 24) + (12 if half.startswith(_AFTERNOON) else 0)
    time = timedelta(hours=hours, minutes=int(minute), seconds=int(seconds or 0))
    return ChatLine((int(first), int(second), int(third)), time, rest)


def attachment_in(rest: str, is_there: Callable[[str], bool]) -> tuple[str, str] | None:
    """Who sent which file, where a message is one, in any language. A sender may have a colon in their name.

    is_there: whether the chat came with a file of that name

    >>> attachment_in("Asha: Dumka: PTT-1.opus (file attached)", {"PTT-1.opus"}.__contains__)
    ('Asha: Dumka', 'PTT-1.opus')
    """
    at = rest.find(": ")
    while at > 0:
        body = rest[at + 2 :].strip()
        found = _MARKED.fullmatch(body) or _PLAIN.fullmatch(body)
        if found and is_there(found[1].strip()):
            return rest[:at].strip(), found[1].strip()
        at = rest.find(": ", at + 1)
    return None


def is_chat(name: str) -> bool:
    """Whether a file is the text of a chat, by its name.

    >>> is_chat("a/_chat.txt"), is_chat("WhatsApp Chat with Asha.txt"), is_chat("notes.txt")
    (True, True, False)
    """
    last = unicodedata.normalize("NFC", name).rpartition("/")[2].casefold()
    return last == "_chat.txt" or (last.endswith(".txt") and ("whatsapp" in last or "वॉट्सऐप" in last))


def is_sound(name: str) -> bool:
    """Whether a file of a chat is a recording, by its name."""
    return PurePosixPath(name).suffix.lower() in _SOUND


def read_chat(lines: Iterable[str], names: Iterable[str]) -> dict[str, SentFile]:
    """Who sent which of the files `names`, and when."""
    chat = Chat(frozenset(names).__contains__)
    for line in lines:
        chat.push(line)
    return chat.sent


def read_senders(data: bytes) -> dict[str, str]:
    """Pseudonyms by sender, from a table with the columns sender and speaker. Raises UnreadableTable.

    >>> read_senders(b"sender,speaker\\nAsha,DUM-001\\nRavi,\\n")
    {'Asha': 'DUM-001'}
    """
    rows = read_table(
        data, required=["sender", "speaker"], aliases={"pseudonym": "speaker", "name": "sender"}
    )
    senders: dict[str, str] = {}
    for row in rows:
        sender = sender_in(unicodedata.normalize("NFC", row.cells["sender"]))
        speaker = unicodedata.normalize("NFC", row.cells["speaker"])
        if senders.get(sender, speaker) != speaker:
            raise UnreadableTable(
                f"line {row.line}: its sender stands above as another speaker. Keep one row of each."
            )
        if sender and speaker:
            senders[sender] = speaker
    return senders


def cell_of(sender: str) -> str:
    """A sender's name for a spreadsheet: what could be taken for a formula is led by an apostrophe.

    >>> cell_of("+91 98765 43210"), sender_in(cell_of("=1+1"))
    ("'+91 98765 43210", '=1+1')
    """
    return f"'{sender}" if sender.startswith(_FORMULA) else sender


def sender_in(cell: str) -> str:
    """The name that `cell_of` wrote."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell


def rows_about(sent: Mapping[str, SentFile], senders: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """File and pseudonym of each recording whose sender is known, by sender and time."""
    for name, each in sorted(sent.items(), key=lambda item: (item[1].sender, str(item[1].at), item[0])):
        if speaker := senders.get(unicodedata.normalize("NFC", each.sender)):
            yield name, speaker


@dataclass(frozen=True, slots=True)
class Sender:
    """Somebody who sent recordings into a chat. speaker: None where the list of senders does not say"""

    name: str
    recordings: int
    first: datetime | None
    last: datetime | None
    speaker: str | None


def senders_of(sent: Mapping[str, SentFile], senders: Mapping[str, str]) -> Sequence[Sender]:
    """Everybody who sent a recording, by name."""
    by_name: dict[str, list[datetime | None]] = {}
    for each in sent.values():
        by_name.setdefault(each.sender, []).append(each.at)
    found = []
    for name, moments in sorted(by_name.items()):
        known = [at for at in moments if at is not None]
        speaker = senders.get(unicodedata.normalize("NFC", name))
        found.append(Sender(name, len(moments), min(known, default=None), max(known, default=None), speaker))
    return found


def _in_ascii(letter: str) -> str:
    return str(unicodedata.decimal(letter, letter))


def _moment(line: ChatLine, order: DateOrder) -> datetime | None:
    """None where that order makes no date of it."""
    first, second, third = line.date
    match order:
        case "dmy":
            day, month, year = first, second, third
        case "mdy":
            day, month, year = second, first, third
        case "ymd":
            day, month, year = third, second, first
            if year < 100:  # nobody writes 24/01/31
                return None
    whole = 2000 + year if year < 100 else year
    if not 2009 <= whole <= 2199:
        return None
    try:
        return datetime(whole, month, day) + line.time  # noqa: DTZ001  # the chat does not say of which zone
    except ValueError:
        return None


def _day_in_name(name: str) -> datetime | None:
    found = _DAY_IN_NAME.search(name)
    try:
        return datetime(*(int(part) for part in found.groups())) if found else None  # type: ignore[arg-type]  # noqa: DTZ001
    except ValueError:
        return None
