"""Independent readers open what we write, and we read what they and real programs write."""

import json
from pathlib import Path

import pytest
from praatio import textgrid as praat
from pympi.Elan import Eaf

from tests.transcription.exchange.packages import TEXTS, three, with_texts
from transcription.exchange import ExchangeError, elan, labelstudio, textgrid

DATA = Path(__file__).with_name("data")


@pytest.fixture
def grid_file(tmp_path: Path) -> Path:
    path = tmp_path / "package.TextGrid"
    path.write_bytes(textgrid.write(three()))
    return path


@pytest.fixture
def eaf_file(tmp_path: Path) -> Path:
    path = tmp_path / "package.eaf"
    path.write_bytes(elan.write(three()))
    return path


def test_praatio_finds_our_texts_and_times(grid_file: Path) -> None:
    grid = praat.openTextgrid(str(grid_file), includeEmptyIntervals=False)

    assert grid.tierNames == ("text", "boli")
    found = [(entry.start, entry.end, entry.label) for entry in grid.getTier("text").entries]
    assert found == [(0.0, 3.0, TEXTS[0]), (3.5, 6.5, TEXTS[1])]
    assert [entry.start for entry in grid.getTier("boli").entries] == [0.0, 3.5, 7.0]


@pytest.mark.parametrize("form", ["long_textgrid", "short_textgrid"])
def test_what_praatio_saves_is_the_same_package(grid_file: Path, form: str) -> None:
    grid = praat.openTextgrid(str(grid_file), includeEmptyIntervals=True)
    tier = grid.getTier("text")
    entries = [entry if entry.start != 7.0 else (*entry[:2], "వాన బాగా పడింది") for entry in tier.entries]
    grid.replaceTier("text", tier.new(entries=entries))

    grid.save(str(grid_file), format=form, includeBlankSpaces=True)

    assert textgrid.read(grid_file.read_bytes()) == with_texts(three(), *TEXTS[:2], "వాన బాగా పడింది")


def test_pympi_finds_our_texts_and_times(eaf_file: Path) -> None:
    eaf = Eaf(str(eaf_file))

    assert list(eaf.get_tier_names()) == ["text", "boli"]
    assert sorted(eaf.get_annotation_data_for_tier("text")) == [
        (0, 3000, TEXTS[0]),
        (3500, 6500, TEXTS[1]),
        (7000, 10000, ""),
    ]
    rows = sorted(eaf.get_ref_annotation_data_for_tier("boli"))
    assert [json.loads(row[2])["clip"] for row in rows] == ["clip-0", "clip-1", "clip-2"]
    assert eaf.get_linked_files()[0]["RELATIVE_MEDIA_URL"] == "./package.wav"


def test_what_pympi_saves_is_the_same_package(eaf_file: Path) -> None:
    eaf = Eaf(str(eaf_file))
    own, (begin, end, _, mark) = next(
        (own, told) for own, told in eaf.tiers["text"][0].items() if eaf.timeslots[told[0]] == 7000
    )
    eaf.tiers["text"][0][own] = (begin, end, "వాన బాగా పడింది", mark)

    eaf.to_file(str(eaf_file))

    assert elan.read(eaf_file.read_bytes()) == with_texts(three(), *TEXTS[:2], "వాన బాగా పడింది")


def test_pympis_textgrid_of_our_elan_file_is_the_same_package_too(eaf_file: Path, tmp_path: Path) -> None:
    grid = Eaf(str(eaf_file)).to_textgrid()
    grid.to_file(str(tmp_path / "converted.TextGrid"))

    assert textgrid.read((tmp_path / "converted.TextGrid").read_bytes()) == three()


@pytest.mark.parametrize("export", ["label-studio-json-min.json", "label-studio-json.json"])
def test_tasks_that_label_studios_own_converter_exported_are_the_same_package(export: str) -> None:
    """The files hold `three()` as label-studio-sdk 2.1.2 exported it, its first and last clip annotated."""
    written = with_texts(three(), "ఒక మాట", TEXTS[1], "వాన బాగా పడింది")

    back = labelstudio.read((DATA / export).read_bytes())

    assert back == written


def test_every_real_textgrid_is_read_as_praatio_reads_it(shared_data: Path) -> None:
    """UTF-8 and UTF-16, long and short, from Praat and from programs that write like it."""
    files = sorted(shared_data.rglob("*.TextGrid"))

    assert len(files) >= 80
    for file in files:
        ours = [
            (name, [(mark.start, mark.end, mark.text.strip()) for mark in marks])
            for name, marks in textgrid.tiers(file.read_bytes())
        ]
        theirs = praat.openTextgrid(str(file), includeEmptyIntervals=True, duplicateNamesMode="rename")
        assert [name for name, _ in ours] == list(theirs.tierNames), file
        for name, marks in ours:
            entries = theirs.getTier(name).entries
            if entries and len(entries[0]) == 2:
                entries = [(entry[0], entry[0], entry[1]) for entry in entries]
            assert marks == [tuple(entry) for entry in entries], (file, name)


def test_somebody_elses_textgrid_is_no_work_package(shared_data: Path) -> None:
    file = sorted((shared_data / "aligned" / "bn_voxangeles").glob("*.TextGrid"))[0]

    with pytest.raises(ExchangeError, match=r"no tier 'text' and no tier 'boli'.*'words', 'phones'"):
        textgrid.read(file.read_bytes())
