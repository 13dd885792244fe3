"""Texts with times back to the clips they were written for, also where somebody split or moved an interval."""

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from transcription.exchange.package import ExchangeError, clean_text
from transcription.exchange.ticket import TicketRow


@dataclass(frozen=True, slots=True)
class TimedText:
    """What somebody wrote for a stretch of the sound, or at a point of it. Seconds."""

    start: float
    end: float
    text: str
    slot: str | None = None
    """The place it belongs to, where the file says so; else its times decide."""

    def __post_init__(self) -> None:
        if not (math.isfinite(self.start) and math.isfinite(self.end) and self.start <= self.end):
            raise ExchangeError(
                f"the text {self.text[:40]!r} starts at {self.start} and ends at {self.end} seconds.\n"
                "Give it a start, and an end that isn't before it."
            )


def placed(rows: Sequence[TicketRow], texts: Iterable[TimedText]) -> list[tuple[TicketRow, str]]:
    """Each row with its text: that of several pieces, in order of time and with a space between, where it was split.

    A text belongs to the clip that it overlaps most. One that overlaps none, or most of two, is reported, not guessed.
    raises: ExchangeError
    """
    rows = sorted(dict.fromkeys(rows), key=lambda row: row.start_seconds)
    for one, other in pairwise(rows):
        if one.end_seconds > other.start_seconds:
            raise ExchangeError(
                f"{one.clip} and {other.clip} overlap in {one.sound}. Import them one by one."
            )
    starts = [row.start_seconds for row in rows]
    known = {row.slot for row in rows}
    pieces: dict[str, list[TimedText]] = {}
    for text in texts:
        if text.text == "":
            continue
        slot = text.slot if text.slot in known else _overlapped(rows, starts, text)
        if slot is not None:
            pieces.setdefault(slot, []).append(text)
    return [(row, _joined(pieces.get(row.slot, []))) for row in rows]


def _joined(pieces: list[TimedText]) -> str:
    pieces.sort(key=lambda piece: (piece.start, piece.end))
    for one, other in pairwise(pieces):
        shared = min(one.end, other.end) - other.start
        shorter = min(one.end - one.start, other.end - other.start)
        if (one.start, one.end) == (other.start, other.end) or shared > 0.5 * shorter > 0:
            raise ExchangeError(
                f"{other.start:.3f} s: the texts {one.text[:40]!r} and {other.text[:40]!r} lie over each other.\n"
                "Keep the right one and delete the other, or move the boundary between them."
            )
    return " ".join(clean_text(piece.text) for piece in pieces)


def _overlapped(rows: Sequence[TicketRow], starts: Sequence[float], text: TimedText) -> str | None:
    near: list[tuple[float, TicketRow]] = []
    for index in range(max(bisect_right(starts, text.start) - 1, 0), len(rows)):
        row = rows[index]
        if row.start_seconds > text.end:
            break
        shared = min(row.end_seconds, text.end) - max(row.start_seconds, text.start)
        if shared > 0 or (text.start == text.end and shared == 0):
            near.append((shared, row))
    if not near:
        if not text.text.strip():
            return None
        raise ExchangeError(
            f"{text.start:.3f} s: the text {text.text[:40]!r} lies in no clip.\n"
            "Move it into the interval of its clip, or delete it."
        )
    near.sort(key=lambda found: -found[0])
    covered = [row for shared, row in near if shared > 0.5 * (row.end_seconds - row.start_seconds)]
    if len(covered) > 1:
        raise ExchangeError(
            f"{text.start:.3f} s: the text {text.text[:40]!r} lies over {covered[0].clip} and {covered[1].clip}.\n"
            "Put the boundary between them back, each with its own text."
        )
    return near[0][1].slot
