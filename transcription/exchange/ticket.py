"""What a format carries beside the text: one row a clip, as a line of JSON or the cells of a table."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Literal

from pydantic import ConfigDict, TypeAdapter, ValidationError, with_config

from transcription.exchange.package import ClipLocation, ExchangeError, Item, Package, SampleSpan, Ticket, utc


@with_config(ConfigDict(extra="forbid"))
@dataclass(frozen=True, slots=True)
class TicketRow:
    """A ticket with its package's head, flat: every clip can be read without the others."""

    format: Literal[1]
    project: str
    person: str
    made_at: str
    clip: str
    task: str
    slot: str
    token: int
    language: str
    guideline: str
    speaker: str
    recording: str
    start: int
    """Of the clip in the recording, in samples at `rate`; so is `end`."""
    end: int
    rate: int
    sound: str
    sound_start: int
    """Of the clip in the sound file beside, in samples at `sound_rate`; so is `sound_end`."""
    sound_end: int
    sound_rate: int
    given: str
    note: str

    @property
    def start_seconds(self) -> float:
        return self.sound_start / self.sound_rate

    @property
    def end_seconds(self) -> float:
        return self.sound_end / self.sound_rate


NUMBERS = tuple(each.name for each in fields(TicketRow) if each.type is int or each.name == "format")
_ROW = TypeAdapter(TicketRow)


def rows_of(package: Package, items: Iterable[Item]) -> Iterable[TicketRow]:
    """The rows of some of the package's items."""
    for item in items:
        ticket = item.ticket
        yield TicketRow(
            format=1,
            project=package.project,
            person=package.person,
            made_at=utc(package.made_at).isoformat(),
            clip=ticket.clip,
            task=ticket.task,
            slot=ticket.slot,
            token=ticket.token,
            language=ticket.language,
            guideline=ticket.guideline,
            speaker=ticket.speaker,
            recording=ticket.recording,
            start=ticket.span.start,
            end=ticket.span.end,
            rate=ticket.span.rate,
            sound=ticket.place.sound,
            sound_start=ticket.place.span.start,
            sound_end=ticket.place.span.end,
            sound_rate=ticket.place.span.rate,
            given=ticket.given,
            note=ticket.note,
        )


def as_line(row: TicketRow) -> str:
    """The row as JSON, on one line of ASCII: no program's encoding, quoting or wrapping harms it."""
    return json.dumps(asdict(row), separators=(",", ":"))


def from_line(line: str, where: str) -> TicketRow:
    """Read `as_line` back.

    where: in the file, for the error
    raises: ExchangeError
    """
    try:
        row = _ROW.validate_json(line.strip(), strict=True)
    except (ValidationError, ValueError) as error:
        raise _unreadable(where, error) from error
    return _sound(row, where)


def from_cells(cells: Mapping[str, str | int], where: str) -> TicketRow:
    """Read a row from a table. Raises ExchangeError."""
    return from_line(json.dumps(cells), where)


def package_of(found: Sequence[tuple[TicketRow, str]]) -> Package:
    """The package whose rows and texts these are; a row that stands there twice with one text counts once.

    raises: ExchangeError
    """
    if not found:
        raise ExchangeError(
            "the file holds no clip of a work package.\nImport a file that `boli tasks export` wrote, with the tier, "
            "column or field `boli` left in it."
        )
    heads = dict.fromkeys((row.project, row.person, row.made_at) for row, _ in found)
    if len(heads) > 1:
        given = "; ".join(" ".join(head) for head in list(heads)[:3])
        raise ExchangeError(f"the file mixes {len(heads)} packages ({given}).\nImport each by itself.")
    ((project, person, made_at),) = heads
    items = dict.fromkeys(Item(_ticket_of(row), text) for row, text in found)
    return Package(project, person, datetime.fromisoformat(made_at), tuple(items))


def _ticket_of(row: TicketRow) -> Ticket:
    return Ticket(
        clip=row.clip,
        task=row.task,
        slot=row.slot,
        token=row.token,
        language=row.language,
        guideline=row.guideline,
        speaker=row.speaker,
        recording=row.recording,
        span=SampleSpan(row.start, row.end, row.rate),
        place=ClipLocation(row.sound, SampleSpan(row.sound_start, row.sound_end, row.sound_rate)),
        given=row.given,
        note=row.note,
    )


def _sound(row: TicketRow, where: str) -> TicketRow:
    """The row, once all that it says can be true."""
    try:
        _ticket_of(row)
        if datetime.fromisoformat(row.made_at).utcoffset() is None:
            raise ValueError(f"made_at has no zone, given {row.made_at!r}")
    except ValueError as error:
        raise ExchangeError(f"{where}: {error}") from error
    return row


def _unreadable(where: str, error: ValueError) -> ExchangeError:
    given = str(error)
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False)[0]
        given = f"{'.'.join(map(str, first['loc'])) or 'the line'}: {first['msg']}"
    return ExchangeError(
        f"{where}: what stands beside the text isn't as Boli wrote it ({given}).\n"
        "Take it from the package as it was exported; only texts are changed."
    )
