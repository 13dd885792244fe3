"""Packages as spreadsheets and editors save them: the same package, or one refusal that names what was found."""

import csv
import json
from collections.abc import Callable, Sequence
from io import StringIO
from itertools import product
from pathlib import Path
from typing import Literal

import pytest
from praatio import textgrid as praat
from pympi.Elan import Eaf

from tests.transcription.exchange.packages import TEXTS, item, package_of, three, with_texts
from transcription.exchange import ExchangeError, SampleSpan, audacity, elan, labelstudio, tables, textgrid

ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be")
LINE_ENDS = ("\n", "\r\n", "\r")


def rows_of_csv() -> list[list[str]]:
    return list(csv.reader(StringIO(tables.write_csv(three()).decode("utf-8-sig"), newline="")))


def short(row: Sequence[str]) -> list[str]:
    """Without its last empty cells, as some spreadsheets save a row."""
    while row and not row[-1]:
        row = row[:-1]
    return list(row)


Quoting = Literal[0, 1, 2, 3]


def saved(rows: Sequence[Sequence[str]], delimiter: str, line_end: str, quoting: Quoting) -> str:
    out = StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator=line_end, quoting=quoting).writerows(rows)
    return out.getvalue()


@pytest.mark.parametrize("cut", [False, True], ids=["whole rows", "last empty cells left out"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL], ids=["as needed", "all quoted"])
@pytest.mark.parametrize(("encoding", "delimiter", "line_end"), product(ENCODINGS, ",;\t", LINE_ENDS))
def test_a_csv_package_is_read_as_any_spreadsheet_saves_it(
    encoding: str, delimiter: str, line_end: str, quoting: Quoting, cut: bool
) -> None:
    rows = [short(row) if cut else row for row in rows_of_csv()]
    text = saved([*rows, [""] * (1 if cut else len(rows[0]))], delimiter, line_end, quoting)

    assert tables.read_csv(text.encode(encoding)) == three()


@pytest.mark.parametrize("cut", [False, True], ids=["whole rows", "last empty cells left out"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL], ids=["as needed", "all quoted"])
@pytest.mark.parametrize(("encoding", "line_end"), product(ENCODINGS, LINE_ENDS))
def test_a_tsv_package_that_a_spreadsheet_has_opened_and_saved_is_the_same(
    encoding: str, line_end: str, quoting: Quoting, cut: bool
) -> None:
    lines = [line.split("\t") for line in tables.write_tsv(three()).decode().splitlines()]
    text = saved([short(row) if cut else row for row in lines], "\t", line_end, quoting)

    assert tables.read_tsv(text.encode(encoding)) == three()


@pytest.mark.parametrize("text", ['"రా"', '"రా, పో"', '"a""b"', '"', '\\"రా"', 'a"', '""'])
def test_a_text_in_quotation_marks_keeps_them_in_a_tsv(text: str) -> None:
    package = package_of(item(0, text, SampleSpan(0, 9, 8_000)))
    written = tables.write_tsv(package)
    lines = [line.split("\t") for line in written.decode().splitlines()]

    assert tables.read_tsv(written) == package
    assert tables.read_tsv(saved(lines, "\t", "\r\n", csv.QUOTE_MINIMAL).encode()) == package


def test_a_cell_too_many_in_a_row_is_told_and_no_text_is_cut() -> None:
    text = tables.write_csv(three()).decode("utf-8-sig").replace(TEXTS[0], f"{TEXTS[0]}, రేపు")

    with pytest.raises(ExchangeError, match=r"line 2"):
        tables.read_csv(text.encode())


@pytest.mark.parametrize("form", ["long_textgrid", "short_textgrid"])
@pytest.mark.parametrize(("encoding", "line_end"), product(("utf-8", "utf-8-sig", "utf-16"), LINE_ENDS))
def test_a_textgrid_is_read_as_praat_saves_it(
    tmp_path: Path, form: str, encoding: str, line_end: str
) -> None:
    path = tmp_path / "package.TextGrid"
    path.write_bytes(textgrid.write(three()))
    grid = praat.openTextgrid(str(path), includeEmptyIntervals=True)
    grid.save(str(path), format=form, includeBlankSpaces=True)
    text = path.read_text("utf-8").replace("\n", line_end)

    assert textgrid.read(text.encode(encoding)) == three()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_an_elan_file_is_read_as_an_editor_saves_it(encoding: str, line_end: str, tmp_path: Path) -> None:
    path = tmp_path / "package.eaf"
    path.write_bytes(elan.write(three()))
    Eaf(str(path)).to_file(str(path))

    assert elan.read(path.read_text("utf-8").replace("\n", line_end).encode(encoding)) == three()


@pytest.mark.parametrize(("encoding", "line_end"), product(ENCODINGS, LINE_ENDS))
def test_labels_and_tasks_are_read_in_every_encoding(encoding: str, line_end: str) -> None:
    labels = audacity.write(three()).decode().replace("\n", line_end).encode(encoding)
    rows = audacity.write_rows(three()).decode().replace("\n", line_end).encode(encoding)
    tasks = labelstudio.write(three()).decode().replace("\n", line_end).encode(encoding)

    assert audacity.read(labels, rows) == three()
    assert labelstudio.read(tasks) == three()


# What is told and never guessed


def copied_tier(path: Path, name: str, new: str) -> bytes:
    grid = praat.openTextgrid(str(path), includeEmptyIntervals=True)
    grid.addTier(grid.getTier(name).new(name="copy"))
    grid.save(str(path), format="long_textgrid", includeBlankSpaces=True)
    return path.read_bytes().replace(b'"copy"', f'"{new}"'.encode())


@pytest.mark.parametrize("name", ["text", "boli"])
def test_a_textgrid_with_a_tier_of_ours_twice_is_refused_with_the_names_found(
    tmp_path: Path, name: str
) -> None:
    path = tmp_path / "package.TextGrid"
    path.write_bytes(textgrid.write(three()))

    with pytest.raises(ExchangeError, match=f"2 tier '{name}'.*found: 'text', 'boli', '{name}'"):
        textgrid.read(copied_tier(path, name, name))


def test_the_package_of_praats_duplicated_tier_is_refused(shared_data: Path) -> None:
    with pytest.raises(ExchangeError, match=r"2 tier 'text'.*found: 'text', 'boli', 'text'"):
        textgrid.read((shared_data / "cases" / "dup.TextGrid.case").read_bytes())


def test_a_renamed_tier_is_refused_with_the_names_found_and_never_read_as_empty() -> None:
    grid = textgrid.write(three()).replace(b'name = "text"', b'name = "transcript"')
    eaf = elan.write(three()).replace(b'TIER_ID="text"', b'TIER_ID="transcript"')

    for read, data in ((textgrid.read, grid), (elan.read, eaf)):
        with pytest.raises(ExchangeError, match=r"no tier 'text'.*found: 'transcript', 'boli'"):
            read(data)


def test_an_elan_file_with_a_tier_of_ours_twice_is_refused() -> None:
    text = elan.write(three()).decode()
    tier = text[text.index("<TIER") : text.index("</TIER>") + len("</TIER>")]

    with pytest.raises(ExchangeError, match="2 tier 'text'"):
        elan.read(text.replace(tier, tier + tier).encode())


def renamed(all_of_them: list[dict[str, object]]) -> None:
    result = {"from_name": "text2", "to_name": "audio", "type": "textarea", "value": {"text": ["ఒక"]}}
    all_of_them[0].update(annotations=[{"result": [result]}])


def flat(all_of_them: list[dict[str, object]]) -> None:
    for number, task in enumerate(all_of_them):
        all_of_them[number] = {**task["data"], "id": number, "answer": "ఒక"}  # type: ignore[dict-item]


@pytest.mark.parametrize(("change", "found"), [(renamed, "text2"), (flat, "answer")])
def test_a_renamed_field_of_label_studio_is_refused_with_the_names_found(
    change: Callable[[list[dict[str, object]]], None], found: str
) -> None:
    tasks = json.loads(labelstudio.write(three()))
    change(tasks)

    with pytest.raises(ExchangeError, match=f"no field 'transcription'.*found: '{found}'"):
        labelstudio.read(json.dumps(tasks).encode())


def test_a_json_field_that_stands_twice_is_refused() -> None:
    text = labelstudio.write(three()).decode().replace('"clip":', '"clip": "x", "clip":', 1)

    with pytest.raises(ExchangeError, match="2 field 'clip'"):
        labelstudio.read(text.encode())


@pytest.mark.parametrize("reader", [tables.read_csv, tables.read_tsv])
def test_a_renamed_or_doubled_column_is_refused_with_the_names_found(
    reader: Callable[[bytes], object],
) -> None:
    data = tables.write_csv(three()) if reader is tables.read_csv else tables.write_tsv(three())

    with pytest.raises(ExchangeError, match=r"no column 'sentence'.*'client_id', 'path'"):
        reader(data.replace(b"sentence", b"Satz", 2).replace(b"Satz_id", b"sentence_id", 1))
    with pytest.raises(ExchangeError, match="2 column 'sentence'"):
        reader(data.replace(b"up_votes", b"sentence", 1))


def test_two_labels_of_one_clip_that_lie_over_each_other_are_told_and_never_joined() -> None:
    labels = audacity.write(three()).decode()

    with pytest.raises(ExchangeError, match="lie over each other"):
        audacity.read((labels + labels).encode(), audacity.write_rows(three()))


def test_texts_side_by_side_in_one_clip_are_one_text() -> None:
    labels = audacity.write(with_texts(three(), "", "", "")).decode() + "0\t1\tవాన\n1\t2\tపడింది\n"

    back = audacity.read(labels.encode(), audacity.write_rows(three()))

    assert back.items[0].text == "వాన పడింది"
