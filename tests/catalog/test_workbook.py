"""Workbooks that people bring as lists: read as the tables in them, bounded, and refused in words."""

import io
import zipfile
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from catalog.table_reader import UnreadableTable, read_table
from catalog.workbook import MOST_ROWS, table_text

AT = datetime(2026, 1, 2, 3, 4)  # noqa: DTZ001  # a sheet knows no zone


def workbook(*rows: tuple[object, ...]) -> bytes:
    book, out = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


def with_part(data: bytes, name: str, content: bytes) -> bytes:
    """The workbook with one part changed."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as before,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        for each in before.namelist():
            after.writestr(each, content if each == name else before.read(each))
    return out.getvalue()


def test_a_sheet_is_the_table_that_it_shows() -> None:
    cells = (
        "DUM-001",
        9876543210,
        date(2010, 2, 1),
        AT,
        1.5,
        'she said "go"\nand\twent',
    )
    data = workbook(("Pseudonym", "phone", "born", "at", "share", "text"), (), cells)

    (row,) = read_table(table_text(data).encode(), required=["pseudonym"])

    assert row.line == 3
    assert list(row.cells.values()) == [
        "DUM-001",
        "9876543210",
        "2010-02-01",
        "2026-01-02 03:04:00",
        "1.5",
        'she said "go" and went',
    ]


def test_what_is_no_workbook_is_read_as_a_text() -> None:
    assert table_text("handle,role\nगीता,reviewer\n".encode()) == "handle,role\nगीता,reviewer\n"


def test_a_workbook_that_unpacks_to_more_than_a_list_can_be_is_refused() -> None:
    bomb = with_part(workbook(("a",)), "xl/worksheets/sheet1.xml", bytes(40 * 2**20))

    assert len(bomb) < 100_000
    with pytest.raises(UnreadableTable, match="larger than 32 MB"):
        table_text(bomb)
    with pytest.raises(UnreadableTable, match="rows"):
        table_text(workbook(*((str(number),) for number in range(MOST_ROWS + 1))))


def test_a_workbook_that_declares_entities_is_refused() -> None:
    sheet = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet>&a;</worksheet>'

    with pytest.raises(UnreadableTable, match="entities"):
        table_text(with_part(workbook(("a",)), "xl/worksheets/sheet1.xml", sheet))


@given(st.binary(max_size=200), st.integers(0, 5_000))
def test_a_cut_or_changed_workbook_is_refused_in_words(noise: bytes, at: int) -> None:
    whole = workbook(("pseudonym",), ("DUM-001",))

    for data in (
        b"PK\x03\x04" + noise,
        whole[: at % len(whole)],
        whole[:at] + noise + whole[at + len(noise) :],
    ):
        try:
            table_text(data)
        except UnreadableTable as refused:
            assert str(refused)
