"""ELAN EAF 3.0: the texts in the tier `text`, and a row for each in the tier `boli`, tied to its annotation.

ELAN counts whole milliseconds: what is between is rounded there, and exact in the row. XML has no way to write the
control characters U+0001 to U+001F (but tab and line end) nor U+FFFE and U+FFFF: a text with one is refused.
Read: an annotation belongs to the row that refers to it; one made anew, by splitting, to the clip that it overlaps.
"""

import re
from collections.abc import Iterator
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from transcription.exchange.package import (
    ExchangeError,
    Item,
    Package,
    clean_text,
    in_order,
    require_once,
    utc,
)
from transcription.exchange.placing import TimedText, placed
from transcription.exchange.ticket import TicketRow, as_line, from_line, package_of, rows_of
from transcription.exchange.xml_tree import Node, parse

TEXT_TIER = "text"
ROW_TIER = "boli"

# XML 1.0, production 2
_UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MIME = {"wav": "audio/x-wav", "flac": "audio/flac", "opus": "audio/ogg"}
_SCHEMA = "http://www.mpi.nl/tools/elan/EAFv3.0.xsd"


def write(package: Package) -> bytes:
    """An EAF file in UTF-8.

    raises: ExchangeError where the clips aren't on one time line, or a text holds what XML can't
    """
    items = in_order(package)
    for item in items:
        _refuse_unwritable(item)
    rows = [as_line(row) for row in rows_of(package, items)]
    language = items[0].ticket.language
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<ANNOTATION_DOCUMENT AUTHOR={quoteattr(package.person)} DATE="{utc(package.made_at).isoformat()}" '
        'FORMAT="3.0" VERSION="3.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        f'xsi:noNamespaceSchemaLocation="{_SCHEMA}">',
        '<HEADER MEDIA_FILE="" TIME_UNITS="milliseconds">',
        _media(package.sounds[0]),
        f'<PROPERTY NAME="lastUsedAnnotationId">{2 * len(items)}</PROPERTY>',
        "</HEADER>",
        "<TIME_ORDER>",
    ]
    for index, item in enumerate(items):
        start, end = _milliseconds(item)
        parts.append(f'<TIME_SLOT TIME_SLOT_ID="ts{2 * index + 1}" TIME_VALUE="{start}"/>')
        parts.append(f'<TIME_SLOT TIME_SLOT_ID="ts{2 * index + 2}" TIME_VALUE="{end}"/>')
    parts += ["</TIME_ORDER>", f'<TIER LINGUISTIC_TYPE_REF="clip" TIER_ID="{TEXT_TIER}">']
    for index, item in enumerate(items):
        parts.append(
            f'<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a{index + 1}" TIME_SLOT_REF1="ts{2 * index + 1}" '
            f'TIME_SLOT_REF2="ts{2 * index + 2}"><ANNOTATION_VALUE>{escape(item.text)}</ANNOTATION_VALUE>'
            "</ALIGNABLE_ANNOTATION></ANNOTATION>"
        )
    parts += ["</TIER>", f'<TIER LINGUISTIC_TYPE_REF="row" PARENT_REF="{TEXT_TIER}" TIER_ID="{ROW_TIER}">']
    for index, row in enumerate(rows):
        parts.append(
            f'<ANNOTATION><REF_ANNOTATION ANNOTATION_ID="a{len(items) + index + 1}" ANNOTATION_REF="a{index + 1}">'
            f"<ANNOTATION_VALUE>{escape(row)}</ANNOTATION_VALUE></REF_ANNOTATION></ANNOTATION>"
        )
    parts += [
        "</TIER>",
        '<LINGUISTIC_TYPE GRAPHIC_REFERENCES="false" LINGUISTIC_TYPE_ID="clip" TIME_ALIGNABLE="true"/>',
        '<LINGUISTIC_TYPE CONSTRAINTS="Symbolic_Association" GRAPHIC_REFERENCES="false" LINGUISTIC_TYPE_ID="row" '
        'TIME_ALIGNABLE="false"/>',
        f"<LANGUAGE LANG_ID={quoteattr(language)}/>",
        '<CONSTRAINT DESCRIPTION="1-1 association with a parent annotation" STEREOTYPE="Symbolic_Association"/>',
        "</ANNOTATION_DOCUMENT>",
    ]
    return ("\n".join(parts) + "\n").encode()


def read(data: bytes) -> Package:
    """The package in an EAF file as ELAN, or `write`, wrote it. Raises ExchangeError."""
    root = parse(data)
    if root.name != "ANNOTATION_DOCUMENT":
        raise ExchangeError(f"an ELAN file is expected, given XML with the root {root.name[:40]!r}.")
    require_once(
        (TEXT_TIER, ROW_TIER), [tier.attributes.get("TIER_ID", "") for tier in root.of("TIER")], "tier"
    )
    rows: dict[str, TicketRow] = {}
    for owner, line in _rows(root):
        rows.setdefault(owner, from_line(line, f"tier {ROW_TIER}, annotation of {owner or 'nothing'}"))
    return package_of(placed(list(rows.values()), _texts(root, rows)))


def _media(sound: str) -> str:
    address = quoteattr(f"./{quote(sound)}")
    mime = _MIME.get(sound.rpartition(".")[2], "audio/*")
    return f'<MEDIA_DESCRIPTOR MEDIA_URL={address} MIME_TYPE="{mime}" RELATIVE_MEDIA_URL={address}/>'


def _milliseconds(item: Item) -> tuple[int, int]:
    span = item.ticket.place.span
    start, end = (round(samples * 1000 / span.rate) for samples in (span.start, span.end))
    return start, max(end, start + 1)


def _refuse_unwritable(item: Item) -> None:
    if found := _UNWRITABLE.search(item.text):
        raise ExchangeError(
            f"the text of {item.ticket.clip} holds U+{ord(found.group()):04X} at its character {found.start() + 1}, "
            "which XML can't write.\nExport it in another format, or take the character out."
        )


def _annotations(root: Node, tier: str) -> Iterator[Node]:
    for each in root.of("TIER"):
        if each.attributes.get("TIER_ID") == tier:
            for annotation in each.of("ANNOTATION"):
                yield from annotation.children


def _value(annotation: Node) -> str:
    return "".join(value.text for value in annotation.of("ANNOTATION_VALUE"))


def _rows(root: Node) -> Iterator[tuple[str, str]]:
    """Each row's line, with the id of the annotation that it is tied to (its own where somebody untied it)."""
    for annotation in _annotations(root, ROW_TIER):
        if line := _value(annotation).strip():
            own = annotation.attributes.get("ANNOTATION_ID", "")
            yield annotation.attributes.get("ANNOTATION_REF", f"({own})"), line


def _texts(root: Node, rows: dict[str, TicketRow]) -> Iterator[TimedText]:
    times = {
        slot.attributes.get("TIME_SLOT_ID", ""): slot.attributes.get("TIME_VALUE")
        for order in root.of("TIME_ORDER")
        for slot in order.of("TIME_SLOT")
    }
    for annotation in _annotations(root, TEXT_TIER):
        own = annotation.attributes.get("ANNOTATION_ID", "")
        ends = [
            times.get(annotation.attributes.get(name, "")) for name in ("TIME_SLOT_REF1", "TIME_SLOT_REF2")
        ]
        text = clean_text(_value(annotation))
        row = rows.get(own)
        if row is not None:
            start, end = (
                (_seconds(each) for each in ends)
                if None not in ends
                else (row.start_seconds, row.end_seconds)
            )
            yield TimedText(start, end, text, row.slot)
        elif None not in ends:
            start, end = (_seconds(each) for each in ends)
            yield TimedText(start, end, text)
        elif text.strip():
            raise ExchangeError(f"annotation {own}: the text {text[:40]!r} has no time. Give it one in ELAN.")


def _seconds(milliseconds: str | None) -> float:
    if milliseconds is None or not re.fullmatch(r"\d{1,12}", milliseconds):
        raise ExchangeError(
            f"a time in an ELAN file is whole milliseconds, given {str(milliseconds)[:40]!r}."
        )
    return int(milliseconds) / 1000
