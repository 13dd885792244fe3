"""A list that is brought to a page is read whole, or refused."""

from io import BytesIO

import pytest
from fastapi import UploadFile

from catalog.table_reader import UnreadableTable
from portal.http.list_brought import list_text

MOST = 2048


def brought(data: bytes) -> UploadFile:
    return UploadFile(BytesIO(data), filename="list.csv")


def test_a_file_as_long_as_may_be_is_read_to_its_end():
    assert list_text(brought(b"a" * MOST), "", most_bytes=MOST) == "a" * MOST


def test_a_longer_file_is_refused_with_the_way_out_and_not_cut_off():
    with pytest.raises(UnreadableTable, match=r"more than 2 kB\. Bring it in several parts"):
        list_text(brought(b"a" * (MOST + 1)), "", most_bytes=MOST)


def test_without_a_file_the_rows_in_the_box_are_the_list():
    assert list_text(None, "handle\trole", most_bytes=MOST) == "handle\trole"
    assert list_text(UploadFile(BytesIO(b""), filename=""), "handle\trole", most_bytes=MOST) == "handle\trole"
