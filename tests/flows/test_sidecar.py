"""The lists that a coordinator sends beside the recordings."""

import unicodedata
from datetime import UTC, datetime

import pytest

from catalog.consent import ConsentScope, Purpose
from flows.steps.sidecar import FileNote, FileNotes, ListFile, read_consent_notes, read_file_notes


def read(names: list[str], **lists: str | bytes) -> FileNotes:
    """What lists say of files; `te_recordings_tsv` stands for te/recordings.tsv."""
    files = [
        ListFile(_path(name), text if isinstance(text, bytes) else text.encode())
        for name, text in lists.items()
    ]
    return read_file_notes(files, names)


def _path(name: str) -> str:
    *folders, stem, ending = name.split("_")
    return "/".join([*folders, f"{stem}.{ending}"])


def test_a_list_speaks_of_the_files_of_its_own_folder():
    said = read(["te/a.mp3", "a.mp3"], te_recordings_tsv="file\tlanguage\tspeaker\na.mp3\tte\tte-01\n")

    assert said.notes == {"te/a.mp3": FileNote(language="te", speaker="te-01")}
    assert said.without_row == ("a.mp3",)


def test_a_nearer_list_overrides_one_above():
    said = read(
        ["te/a.mp3"],
        te_recordings_tsv="file\tspeaker\na.mp3\tnear\n",
        recordings_tsv="file\tspeaker\nte/a.mp3\tabove\n",
    )

    assert said.notes["te/a.mp3"].speaker == "near"
    assert said.faults == ()


@pytest.mark.parametrize(
    "name", ['he said "go".mp3', "two words.mp3", "गाँव की आवाज़.mp3", '"go.mp3', "a;b.mp3"]
)
def test_a_name_stands_in_a_tab_separated_list_as_it_is(name):
    assert read([name], recordings_tsv=f"file\tspeaker\n{name}\tte-01\n").notes[name].speaker == "te-01"


def test_a_comma_separated_list_may_quote_a_name_with_commas_quotes_and_line_ends():
    name = 'a, "b"\nc.mp3'

    said = read([name], recordings_csv='file,speaker\n"a, ""b""\nc.mp3",te-01\n')

    assert said.notes == {name: FileNote(speaker="te-01")}


@pytest.mark.parametrize(
    ("on_disk", "written"),
    [
        ("te/Rene\u0301e.mp3", "te/Renée.mp3"),
        ("te/Renée.mp3", "te/Rene\u0301e.mp3"),
        ("te/a.MP3", "te/a.mp3"),
        ("te/a.mp3", "te\\a.mp3"),
        ("te/a.mp3", ".\\te\\a.mp3"),
        ("te/a.mp3", "TE/A.MP3"),
        ("te/a.mp3", "D:\\village\\te\\a.mp3"),
    ],
)
def test_a_file_is_matched_however_its_name_was_written(on_disk, written):
    said = read([on_disk], recordings_tsv=f"file\tspeaker\n{written}\tte-01\n")

    assert said.notes == {on_disk: FileNote(speaker="te-01")}
    assert said.without_file == said.without_row == ()


def test_a_name_from_the_source_on_is_matched_in_a_nearer_list_and_one_of_another_folder_is_not():
    said = read(
        ["te/a.mp3", "b.mp3"],
        te_recordings_tsv="file\tspeaker\nte/a.mp3\tte-01\nb.mp3\tte-02\n../b.mp3\tte-03\n",
    )

    assert said.notes == {"te/a.mp3": FileNote(speaker="te-01"), "b.mp3": FileNote(speaker="te-03")}
    assert said.without_file == ("te/recordings.tsv:3: b.mp3",)


def test_rows_without_a_file_and_files_without_a_row_are_told():
    said = read(["a.mp3", "b.mp3"], recordings_tsv="file\tspeaker\na.mp3\tte-01\nc.mp3\tte-01\n\tte-02\n")

    assert said.without_file == ("recordings.tsv:3: c.mp3", "recordings.tsv:4: no name")
    assert said.without_row == ("b.mp3",)
    assert said.waiting == frozenset()


def test_unknown_and_empty_say_nothing():
    said = read(["a.mp3"], recordings_tsv="file\tgender\tdistrict\na.mp3\tUnknown\t\n")

    assert said.notes == {"a.mp3": FileNote()}


def test_a_list_that_cannot_be_read_is_told_once_and_its_files_wait_while_all_else_goes_on():
    said = read(
        ["te/a.mp3", "kn/b.mp3"],
        te_recordings_tsv="Имя\tspeaker\nимя.mp3\tte\n".encode("cp1251"),
        kn_recordings_tsv="file\tspeaker\nb.mp3\tkn-01\n",
    )

    (fault,) = said.faults
    assert str(fault).startswith("te/recordings.tsv: ")
    assert "Save it as UTF-8" in str(fault)
    assert said.waiting == frozenset({"te/a.mp3"})
    assert said.notes == {"kn/b.mp3": FileNote(speaker="kn-01")}


def test_two_rows_that_describe_a_file_in_two_ways_are_told_and_the_file_waits():
    said = read(["a.mp3"], recordings_tsv="file\tspeaker\na.mp3\tte-01\nA.MP3\tte-02\n")

    (fault,) = said.faults
    assert str(fault) == (
        "recordings.tsv:2 and recordings.tsv:3: two rows describe a.mp3 in two ways. Keep the right one."
    )
    assert said.waiting == frozenset({"a.mp3"})


def test_two_rows_that_agree_are_one():
    said = read(["a.mp3"], recordings_tsv="file\tspeaker\tgender\na.mp3\tte-01\t\na.mp3\tte-01\tfemale\n")

    assert said.notes == {"a.mp3": FileNote(speaker="te-01", gender="female")}


def test_a_list_without_its_first_line_names_the_column_that_is_missing():
    (fault,) = read(["a.mp3"], recordings_tsv="a.mp3\tte\n").faults

    assert "names no column file; it has a.mp3, te" in str(fault)


def test_a_workbook_in_the_place_of_a_list_says_how_to_save_it():
    (fault,) = read(["a.mp3"], recordings_xlsx=b"PK\x03\x04" + b"\0" * 60).faults

    assert "recordings.xlsx: it is a workbook" in str(fault)


@pytest.mark.parametrize(
    ("file", "matched"),
    [
        ("recordings_nfd.tsv", {"te/Rene\u0301e.mp3"}),
        ("recordings_utf16.tsv", None),
        ("recordings_semicolons.csv", None),
    ],
)
def test_lists_that_failed_once_are_read(shared_data, file, matched):
    data = (shared_data / "cases" / file).read_bytes()
    all_of_them = read_file_notes([ListFile("recordings.tsv", data)], [])
    assert all_of_them.faults == ()
    written = [told.partition(": ")[2] for told in all_of_them.without_file]
    on_disk = [unicodedata.normalize("NFD", name.replace("\\", "/")) for name in written]

    said = read_file_notes([ListFile("recordings.tsv", data)], on_disk)

    assert said.without_file == said.without_row == ()
    assert set(said.notes) == set(on_disk)
    assert all(note.speaker for note in said.notes.values())
    if matched:
        assert matched <= set(said.notes)


def test_the_consents_that_a_spreadsheet_saved_are_read(shared_data):
    data = (shared_data / "cases" / "consents_quoted.tsv").read_bytes()

    notes, faults = read_consent_notes([ListFile("consents.tsv", data)])

    assert faults == ()
    assert notes
    assert all(note.scopes for note in notes)


def test_a_consent_says_who_agreed_to_what_and_when():
    text = (
        "speaker\tlanguage\tscope\tnotice_version\tgiven_at\tevidence\n"
        "te-01\tte\trecord,transcribe,publish\t1\t2026-01-31T10:30:00+05:30\ttape 7\n"
    )

    ((note,), faults) = read_consent_notes([ListFile("consents.tsv", text.encode())])

    assert faults == ()
    assert note.speaker == "te-01"
    assert note.scopes == tuple(sorted([ConsentScope.TRANSCRIPTION, ConsentScope.PUBLICATION]))
    assert note.given_at == datetime(2026, 1, 31, 5, 0, tzinfo=UTC)


def test_a_consent_may_name_the_purposes_that_it_was_given_for():
    text = "speaker\tscope\tgiven_at\nte-01\tpublish,research,voice_cloning\t2026-01-31\n"

    ((note,), faults) = read_consent_notes([ListFile("consents.tsv", text.encode())])

    assert faults == ()
    assert note.scopes == (ConsentScope.PUBLICATION,)
    assert note.purposes == (Purpose.RESEARCH, Purpose.VOICE_CLONING)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("te-01\ttranscribe\t31.1.2026", "consents.tsv:2: given_at of speaker te-01 is a date and time"),
        ("te-01\tsell\t2026-01-31", "consents.tsv:2: a scope of speaker te-01 is transcribe or publish"),
        ("\ttranscribe\t2026-01-31", "consents.tsv:2: a consent names its speaker"),
    ],
)
def test_a_consent_that_cannot_be_used_is_told_with_its_line_and_the_others_count(row, told):
    text = f"speaker\tscope\tgiven_at\n{row}\nte-02\tpublish\t2026-01-31\n"

    notes, (fault,) = read_consent_notes([ListFile("consents.tsv", text.encode())])

    assert [note.speaker for note in notes] == ["te-02"]
    assert str(fault).startswith(told)
