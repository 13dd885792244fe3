"""The lists that a coordinator sends beside the recordings."""

from datetime import UTC, datetime

import pytest

from catalog.consent import ConsentScope
from flows.steps.sidecar import FileNote, SidecarError, read_consent_notes, read_file_notes


def test_a_list_speaks_of_the_files_of_its_own_folder():
    notes = read_file_notes({"te/recordings.tsv": "file\tlanguage\tspeaker\na.mp3\tte\tte-01\n"})

    assert notes == {"te/a.mp3": FileNote(language="te", speaker="te-01")}


def test_a_nearer_list_overrides_one_above():
    notes = read_file_notes(
        {
            "te/recordings.tsv": "file\tspeaker\na.mp3\tnear\n",
            "recordings.tsv": "file\tspeaker\nte/a.mp3\tabove\n",
        }
    )

    assert notes["te/a.mp3"].speaker == "near"


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ('he said "go".mp3', 'he said "go".mp3'),
        ("two words.mp3", "two words.mp3"),
        ("गाँव की आवाज़.mp3", "गाँव की आवाज़.mp3"),
    ],
)
def test_a_name_stands_in_a_tab_separated_list_as_it_is(name, line):
    assert read_file_notes({"recordings.tsv": f"file\tspeaker\n{line}\tte-01\n"})[name].speaker == "te-01"


def test_a_comma_separated_list_may_quote_a_name_with_commas_quotes_and_line_ends():
    text = 'file,speaker\n"a, ""b""\nc.mp3",te-01\n'

    assert read_file_notes({"recordings.csv": text}) == {'a, "b"\nc.mp3': FileNote(speaker="te-01")}


def test_a_list_saved_by_a_spreadsheet_reads_the_same():
    notes = read_file_notes({"recordings.tsv": "\ufefffile\tspeaker\r\na.mp3\tte-01\r\n"})

    assert notes == {"a.mp3": FileNote(speaker="te-01")}


def test_unknown_and_empty_say_nothing():
    notes = read_file_notes({"recordings.tsv": "file\tgender\tdistrict\na.mp3\tunknown\t\n"})

    assert notes == {"a.mp3": FileNote()}


def test_a_list_without_its_first_line_names_the_column_that_is_missing():
    with pytest.raises(SidecarError, match=r"no column file; it has a\.mp3, te"):
        read_file_notes({"recordings.tsv": "a.mp3\tte\n"})


def test_a_consent_says_who_agreed_to_what_and_when():
    text = (
        "speaker\tlanguage\tscope\tnotice_version\tgiven_at\tevidence\n"
        "te-01\tte\trecord,transcribe,publish\t1\t2026-01-31T10:30:00+05:30\ttape 7\n"
    )

    (note,) = read_consent_notes({"consents.tsv": text})

    assert note.speaker == "te-01"
    assert note.scopes == tuple(sorted([ConsentScope.TRANSCRIPTION, ConsentScope.PUBLICATION]))
    assert note.given_at == datetime(2026, 1, 31, 5, 0, tzinfo=UTC)


def test_a_date_that_is_none_is_told_with_the_speaker_and_the_form_that_is_wanted():
    text = "speaker\tscope\tgiven_at\nte-01\ttranscribe\t31.1.2026\n"

    with pytest.raises(SidecarError, match=r"te-01 is a date and time, given '31.1.2026'.*\n.*2026-01-31T"):
        read_consent_notes({"consents.tsv": text})
