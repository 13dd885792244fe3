"""Audacity labels: one label a clip, `#3 the text`; the rows lie beside, in a file that ends in `.boli.json`.

A label is one line: a backslash, tab or line end in a text is written \\\\, \\t, \\n. Six digits of a second are kept;
the exact samples are in the rows. A label belongs to the clip of its number, wherever it was moved; one without a
number, to the clip that it overlaps. Lines with frequencies, which begin with a backslash, are passed over.
"""

import re
from collections.abc import Iterator, Sequence

from transcription.exchange.encoding import decoded
from transcription.exchange.one_line import as_meant, on_one_line
from transcription.exchange.package import MOST_ITEMS, ExchangeError, Package, in_order
from transcription.exchange.placing import TimedText, placed
from transcription.exchange.ticket import TicketRow, as_line, from_line, package_of, rows_of

MOST_LABELS = 20 * MOST_ITEMS

_NUMBERED = re.compile(r"#(\d{1,5})(?: (.*)|$)", re.DOTALL)
_TIME = re.compile(r"-?\d{1,12}(?:[.,]\d{0,20})?")


def write(package: Package) -> bytes:
    """The labels. Raises ExchangeError where the clips aren't on one time line."""
    lines = []
    for number, item in enumerate(in_order(package), 1):
        span = item.ticket.place.span
        lines.append(
            f"{span.start_seconds:.6f}\t{span.end_seconds:.6f}\t#{number} {on_one_line(item.text)}\n"
        )
    return "".join(lines).encode()


def write_rows(package: Package) -> bytes:
    """The file beside the labels: one row a line, in the order of the numbers."""
    return "".join(f"{as_line(row)}\n" for row in rows_of(package, in_order(package))).encode()


def read(data: bytes, rows: bytes) -> Package:
    """The package of a label file and the file beside it. Raises ExchangeError."""
    lines = decoded(rows).split("\n")
    if len(lines) > MOST_ITEMS + 1:
        raise ExchangeError(
            f"a package has at most {MOST_ITEMS} clips, and the file of rows {len(lines)} lines."
        )
    known = [
        from_line(line, f"file of rows, line {number}")
        for number, line in enumerate(lines, 1)
        if line.strip()
    ]
    return package_of(placed(known, _labels(decoded(data), known)))


def _labels(text: str, rows: Sequence[TicketRow]) -> Iterator[TimedText]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip() or line.startswith("\\"):
            continue
        if number > MOST_LABELS:
            raise ExchangeError(f"a file of labels has at most {MOST_LABELS} lines. Is it the right file?")
        start, _, rest = line.partition("\t")
        end, _, label = rest.partition("\t")
        if not (_TIME.fullmatch(start.strip()) and _TIME.fullmatch(end.strip())):
            raise ExchangeError(
                f"line {number}: a label is start, end and text with tabs between, given {line[:60]!r}.\n"
                "In Audacity: File, Export Other, Export Labels."
            )
        since, until = (float(time.replace(",", ".")) for time in (start, end))
        slot: str | None = None
        if numbered := _NUMBERED.fullmatch(label):
            index = int(numbered.group(1))
            if not 1 <= index <= len(rows):
                raise ExchangeError(f"line {number}: there is no clip #{index}; the package has {len(rows)}.")
            slot, label = rows[index - 1].slot, numbered.group(2) or ""
        yield TimedText(since, until, as_meant(label), slot)
