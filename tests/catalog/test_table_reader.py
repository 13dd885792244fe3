"""Lists as spreadsheets and editors save them: read, or told in one sentence."""

import unicodedata
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.file_names import FileNames
from catalog.table_reader import MOST_BYTES, UnreadableTable, cells_of, read_table
from catalog.text_encoding import UndecodableText, decode_text

ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32")
ROWS = [
    {"file": "te/గొంతు 1.mp3", "language": "te", "speaker": "te-01", "district": ""},
    {"file": 'te/he said "go".mp3', "language": "te", "speaker": "te-02", "district": "Dumka"},
    {"file": "te/a, b; c.mp3", "language": "te", "speaker": "te-03", "district": ""},
]


def quoted(cell: str) -> str:
    doubled = cell.replace('"', '""')
    return f'"{doubled}"'


def as_saved(delimiter: str, line_end: str, style: str) -> str:
    """ROWS as a program saves them."""
    header = list(ROWS[0])
    rows = [header, *([row[name] for name in header] for row in ROWS)]
    if style == "header with capitals and spaces":
        rows[0] = [f" {name.capitalize()} " for name in header]
    if style == "trailing delimiters":
        rows = [[*row, "", ""] for row in rows]
    if style == "last empty cells left out":
        rows = [row if row[-1] else row[:-1] for row in rows]
    if style == "an extra column":
        rows = [[*row, text] for row, text in zip(rows, ("note", "", "loud, wind", ""), strict=True)]
    if style == "empty rows":
        rows = [rows[0], [""], *rows[1:], [""] * 4, []]
    if style == "a title above":
        rows = [["Recordings of March"], *rows]
    needs = any if style == "all quoted" else None
    lines = [
        delimiter.join(
            quoted(cell) if needs or delimiter in cell or ('"' in cell and delimiter != "\t") else cell
            for cell in row
        )
        for row in rows
    ]
    return line_end.join(lines) + ("" if style == "no last line end" else line_end)


STYLES = (
    "plain",
    "all quoted",
    "header with capitals and spaces",
    "trailing delimiters",
    "last empty cells left out",
    "an extra column",
    "empty rows",
    "a title above",
    "no last line end",
)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize(("delimiter", "line_end"), product("\t,;", ("\n", "\r\n", "\r")))
def test_a_list_is_read_however_a_spreadsheet_saves_it(delimiter: str, line_end: str, style: str) -> None:
    for encoding in ENCODINGS:
        rows = read_table(as_saved(delimiter, line_end, style).encode(encoding), required=("file", "speaker"))

        found = [{name: row.cells[name] for name in ROWS[0]} for row in rows]
        assert found == ROWS, encoding
        assert not any(row.surplus for row in rows)


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252"])
def test_a_western_list_of_a_spreadsheet_without_utf_8_is_read(encoding: str) -> None:
    data = "file\tspeaker\nRenée – à la foire.mp3\tAïda\n".replace("–", "-" if encoding == "latin-1" else "–")

    (row,) = read_table(data.encode(encoding), required=("file",))

    assert row.cells["speaker"] == "Aïda"


@pytest.mark.parametrize(
    "data",
    [
        "file\tspeaker\nИмя.mp3\tte-01\n".encode("cp1251"),
        "file\tspeaker\nRenée.mp3\tte-01\n".encode("mac-roman"),
        "file\tspeaker\nRenée.mp3\tte-01\n".encode("cp850"),
        b"file\tspeaker\n" + bytes(range(0xA4, 0xFA)) + b".mp3\tte-01\n",  # ISCII
        "file\tspeaker\nనా.mp3\tte".encode()[:18],
        b"PK\x03\x04" + b"\0" * 200,
        b"\xd0\xcf\x11\xe0" + b"\0" * 200,
    ],
    ids=["Cyrillic", "old Mac", "DOS", "ISCII", "cut off", "workbook", "old workbook"],
)
def test_an_encoding_that_is_not_certain_is_told_with_the_way_to_save(data: bytes) -> None:
    with pytest.raises(UnreadableTable, match="Save it as UTF-8") as refusal:
        read_table(data, required=("file",))

    assert "\n" not in str(refusal.value)


def test_a_list_without_a_header_is_told_with_what_was_found() -> None:
    with pytest.raises(UnreadableTable, match=r"names no column file; it has a\.mp3, te"):
        read_table(b"a.mp3\tte\n", required=("file",))
    with pytest.raises(UnreadableTable, match="it has none"):
        read_table(b"", required=("file",))


def test_a_column_that_stands_twice_is_told() -> None:
    with pytest.raises(UnreadableTable, match="more than one column speaker; it has file, speaker, speaker"):
        read_table(b"file,speaker,Speaker\na.mp3,1,2\n", required=("file",))


def test_a_cell_too_many_is_given_back_as_such() -> None:
    (row,) = read_table(b"file,speaker\na, b.mp3,te-01\n", required=("file",))

    assert (row.line, row.surplus) == (2, ("te-01",))


def test_a_delimiter_that_a_spreadsheet_declares_is_used() -> None:
    (row,) = read_table(b"sep=|\r\nfile|speaker\r\na,b.mp3|te-01\r\n", required=("file",))

    assert (row.line, row.cells["file"]) == (3, "a,b.mp3")


def test_a_quoted_cell_may_hold_line_ends_and_lines_are_still_counted() -> None:
    rows = read_table(b'file\tspeaker\n"a\nb.mp3"\tte-01\n"go" she said.mp3\tte-02\n', required=("file",))

    assert [(row.line, row.cells["file"]) for row in rows] == [(2, "a\nb.mp3"), (4, '"go" she said.mp3')]


def test_a_byte_order_mark_within_a_joined_list_is_no_letter() -> None:
    (row,) = read_table("\ufeff\ufefffile\tspeaker\n\ufeffa.mp3\tte-01\n".encode(), required=("file",))

    assert row.cells["file"] == "a.mp3"


def test_a_list_larger_than_any_is_refused_unread() -> None:
    with pytest.raises(UnreadableTable, match="larger than 64 MB"):
        read_table(b"x" * (MOST_BYTES + 1), required=("file",))


@given(st.text(), st.sampled_from("\t,;"))
def test_every_text_has_rows_and_no_character_but_marks_and_ends_is_lost(text: str, delimiter: str) -> None:
    rows = list(cells_of(text, delimiter))

    raw = delimiter.join(delimiter.join(cell.raw for cell in cells) for _, cells in rows)
    kept = [each for each in text if each not in f"{delimiter}\r\n"]
    assert [each for each in raw if each not in f"{delimiter}\r\n"] == kept


@given(st.binary(max_size=200))
def test_any_bytes_are_a_text_or_refused_in_words(data: bytes) -> None:
    try:
        decode_text(data)
    except UndecodableText as error:
        assert "Save it as UTF-8" in str(error)


# Names


NAMES = ["te/Rene\u0301e.MP3", "te/a.mp3", "te/A.mp3", "kn/voice 1.wav", "c\\d.wav", "kn/é.ogg"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("te/Renée.mp3", "te/Rene\u0301e.MP3"),
        ("te\\Renée.MP3", "te/Rene\u0301e.MP3"),
        ("./te/a.mp3", "te/a.mp3"),
        ("te/A.mp3", "te/A.mp3"),
        ("te/A.MP3", None),
        ("KN/Voice 1.WAV", "kn/voice 1.wav"),
        ("c\\d.wav", "c\\d.wav"),
        ("C:\\Users\\asha\\field\\kn\\voice 1.wav", "kn/voice 1.wav"),
        ("/media/card/te/a.mp3", None),
        ("kn/e\u0301.ogg", "kn/é.ogg"),
        ("nothing.wav", None),
        ("kn/voice\u00a01", "kn/voice 1.wav"),
        ("te/a", None),
        ("kn/voice", None),
        ("1.wav", None),
    ],
)
def test_a_file_is_found_by_its_name_as_another_system_writes_it(written: str, meant: str | None) -> None:
    assert FileNames.of(NAMES).find(written) == meant


@given(st.text(min_size=1), st.sampled_from(["NFC", "NFD"]))
def test_every_file_is_found_by_its_own_name(name: str, form: str) -> None:
    other = unicodedata.normalize(form, name)  # type: ignore[arg-type]

    assert FileNames.of([name]).find(name) == name
    assert FileNames.of([other]).find(name) == other
