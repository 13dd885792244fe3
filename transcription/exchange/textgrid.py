"""Praat TextGrid: the texts in the tier `text`, the rows in the tier `boli`, on the time line of the one sound.

Times are seconds with all their digits; the exact samples are in the rows. A quotation mark is doubled, as Praat
does; a line end stands as it is. Every character but NUL, carriage return and half a character can be held.
Read as Praat reads: strings, free-standing numbers and flags count, all else is decoration; so long and short files
are one. Other tiers are passed over.
"""

import math
import re
from collections.abc import Iterator, Sequence

from transcription.exchange.encoding import decoded
from transcription.exchange.package import MOST_ITEMS, ExchangeError, Package, in_order, require_once
from transcription.exchange.placing import TimedText, placed
from transcription.exchange.ticket import as_line, from_line, package_of, rows_of

TEXT_TIER = "text"
ROW_TIER = "boli"
MOST_TIERS = 200
MOST_INTERVALS = 20 * MOST_ITEMS  # a tier with each clip cut into words still fits

_TOKEN = re.compile(r'"((?:[^"]++|"")*+)"|(![^\n]*+)|([^\s"!][^\s"]*+)|(["!])')
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?")
Token = tuple[str, str]  # ("string" or "number" or "flag", what it says)


def write(package: Package) -> bytes:
    """A long TextGrid in UTF-8. Raises ExchangeError where the clips aren't on one time line."""
    items = in_order(package)
    spans = [item.ticket.place.span for item in items]
    times = [(span.start_seconds, span.end_seconds) for span in spans]
    rows = [as_line(row) for row in rows_of(package, items)]
    marked = [(TEXT_TIER, [item.text for item in items]), (ROW_TIER, rows)]
    return document(
        [
            (name, [(start, stop, mark) for (start, stop), mark in zip(times, marks, strict=True)])
            for name, marks in marked
        ],
        end=times[-1][1],
    )


def document(tiers: Sequence[tuple[str, Sequence[tuple[float, float, str]]]], *, end: float) -> bytes:
    """A long TextGrid in UTF-8 of interval tiers: name, and start, end and text of each interval in time order.

    end: seconds of the whole
    """
    lines = ['File type = "ooTextFile"', 'Object class = "TextGrid"', "", "xmin = 0", f"xmax = {end!r}"]
    lines += ["tiers? <exists>", f"size = {len(tiers)}", "item []:"]
    for number, (name, marks) in enumerate(tiers, 1):
        intervals = list(_without_gaps(marks, end))
        lines += [f"    item [{number}]:", '        class = "IntervalTier"', f'        name = "{name}"']
        lines += [
            "        xmin = 0",
            f"        xmax = {end!r}",
            f"        intervals: size = {len(intervals)}",
        ]
        for index, (start, stop, mark) in enumerate(intervals, 1):
            lines += [f"        intervals [{index}]:", f"            xmin = {start!r}"]
            lines += [f"            xmax = {stop!r}", f"            text = {_quoted(mark)}"]
    return ("\n".join(lines) + "\n").encode()


def read(data: bytes) -> Package:
    """The package in a TextGrid as Praat, or `write`, wrote it. Raises ExchangeError."""
    found = list(tiers(data))
    require_once((TEXT_TIER, ROW_TIER), [name for name, _ in found], "tier")
    marks_of = dict(found)
    rows = [
        from_line(mark.text, f"tier {ROW_TIER}, {mark.start:.3f} s")
        for mark in marks_of[ROW_TIER]
        if mark.text.strip()
    ]
    return package_of(placed(rows, marks_of[TEXT_TIER]))


def tiers(data: bytes) -> Iterator[tuple[str, list[TimedText]]]:
    """The tiers of any TextGrid by name; a point is an interval without length. Raises ExchangeError."""
    text = decoded(data)
    if not text.lstrip().startswith(('File type = "ooTextFile', '"ooTextFile', 'File type="ooTextFile')):
        given = "a binary file" if text.lstrip().startswith("ooBinaryFile") else "something else"
        raise ExchangeError(f"a TextGrid is expected, given {given}.\nIn Praat: Save as text file.")
    tokens = _tokens(text)
    _take(tokens, "string")
    kind = _take(tokens, "string")
    if kind != "TextGrid":
        raise ExchangeError(
            f"a TextGrid is expected, given {kind[:40]!r}.\nIn Praat: select the TextGrid, save as text."
        )
    _seconds(tokens), _seconds(tokens)
    if _take(tokens, "flag") != "<exists>":
        return
    for _ in range(_count(tokens, MOST_TIERS, "tiers")):
        points = _take(tokens, "string") == "TextTier"
        name = _take(tokens, "string")
        _seconds(tokens), _seconds(tokens)
        marks: list[TimedText] = []
        for _ in range(_count(tokens, MOST_INTERVALS, "intervals")):
            start = _seconds(tokens)
            end = start if points else _seconds(tokens)
            marks.append(TimedText(start, end, _take(tokens, "string")))
        yield name, marks


def _without_gaps(
    marks: Sequence[tuple[float, float, str]], end: float
) -> Iterator[tuple[float, float, str]]:
    """Praat's tiers have no holes: empty intervals fill them, to the end."""
    reached: float = 0
    for start, stop, mark in marks:
        if start > reached:
            yield reached, start, ""
        yield start, stop, mark
        reached = stop
    if reached < end:
        yield reached, end, ""


def _quoted(text: str) -> str:
    doubled = text.replace('"', '""')
    return f'"{doubled}"'


def _tokens(text: str) -> Iterator[Token]:
    for match in _TOKEN.finditer(text):
        string, comment, word, lone = match.groups()
        if string is not None:
            yield "string", string.replace('""', '"')
        elif word is not None and _NUMBER.fullmatch(word):
            yield "number", word
        elif word is not None and word.startswith("<") and word.endswith(">"):
            yield "flag", word
        elif lone == '"':
            line = text.count("\n", 0, match.start()) + 1
            raise ExchangeError(
                f"line {line}: a text begins that never ends. A quotation mark in a text is doubled."
            )
        else:
            del comment


def _take(tokens: Iterator[Token], kind: str) -> str:
    found = next(tokens, None)
    if found is None:
        raise ExchangeError("the TextGrid ends before its time: it isn't whole.\nSave or send it again.")
    if found[0] != kind:
        raise ExchangeError(
            f"the TextGrid has a {found[0]} ({found[1][:40]!r}) where a {kind} belongs.\nOpen it in Praat and save it."
        )
    return found[1]


def _seconds(tokens: Iterator[Token]) -> float:
    value = float(_take(tokens, "number"))
    if not math.isfinite(value):
        raise ExchangeError("the TextGrid has a time without end.\nOpen it in Praat and save it.")
    return value


def _count(tokens: Iterator[Token], most: int, of_what: str) -> int:
    value = float(_take(tokens, "number"))
    if not 0 <= value <= most or value != int(value):
        raise ExchangeError(
            f"a TextGrid of ours has up to {most} {of_what}, given {value:g}. Is it the right file?"
        )
    return int(value)
