"""A recogniser's texts against a version: plain rates as the field has them, and the lattices of the version."""

import json
from pathlib import Path

import jiwer
import pytest

from releases.hypotheses import HypothesesError, read_hypotheses
from releases.score import SCORED_BY, NothingToScore, Scores, score
from releases.texts import describer
from releases.versions import read_version
from tests.releases.conftest import TEXTS, Archive
from tests.releases.stores import rows_of
from tests.transcription.sentences import guidelines
from transcription.text.lattice import from_json

SAID = TEXTS["te"]
OTHERWISE = "నాకు పాట పాడటం యిష్టం"
"""The same sentence with the glide that is said written down, as the language permits."""
WRONG = "నాకు పట పాడటం యిష్టం"
"""One word that is another, and one that is spelt otherwise."""


def scored(archive: Archive, heard: dict[str, str], version: str = "1.0.0") -> Scores:
    return score(archive.store, read_version(archive.store, "tiny", version), "train", heard, guidelines())


def train_clips(archive: Archive, language: str = "te") -> list[str]:
    archive.publish(describe=describer(guidelines()))
    rows = rows_of(archive.store, "1.0.0", "train")
    return [row["id"] for row in rows if row["language"] == language]


def test_a_version_carries_the_lattice_of_each_text_that_may_be_spelt_in_several_ways(
    archive: Archive,
) -> None:
    archive.publish(describe=describer(guidelines()))

    rows = rows_of(archive.store, "1.0.0")
    telugu = next(row for row in rows if row["language"] == "te")
    kannada = next(row for row in rows if row["language"] == "kn")

    lattice = from_json(telugu["spellings"])
    assert " ".join(segment[0] for segment in lattice) == telugu["text"] == SAID
    assert set(lattice[-1]) == {"ఇష్టం", "యిష్టం"}
    assert kannada["spellings"] is None
    assert (telugu["language_tag"], telugu["glottocode"]) == ("te-Telu", "telu1262")


def test_a_permitted_spelling_is_an_error_of_plain_rates_alone(archive: Archive) -> None:
    clips = train_clips(archive)

    found = scored(archive, dict.fromkeys(clips, WRONG)).by["language"]["te"]

    assert found.clips == len(clips)
    assert found.wer == pytest.approx(jiwer.wer([SAID] * len(clips), [WRONG] * len(clips))) == 0.5
    assert found.cer == pytest.approx(jiwer.cer([SAID] * len(clips), [WRONG] * len(clips)))
    assert found.spelling_aware == 0.25


def test_scores_are_given_by_language_district_gender_and_device_and_add_up(archive: Archive) -> None:
    clips = train_clips(archive)

    found = scored(archive, {clips[0]: OTHERWISE, "clip-of-another-set": SAID})

    assert found.unknown == 1 and found.missing == found.total.clips - 1
    for fact in SCORED_BY:
        assert sum(each.clips for each in found.by[fact].values()) == found.total.clips
    assert set(found.by["gender"]) <= {"female", "male", "unknown"}
    assert found.total.spelling_aware == pytest.approx(1 - 4 / found.total.words)


def test_a_clip_that_the_recogniser_left_out_counts_as_unheard(archive: Archive) -> None:
    clips = train_clips(archive)

    found = scored(archive, dict.fromkeys(clips[1:], SAID)).by["language"]["te"]

    assert found.wer == found.spelling_aware == pytest.approx(1 / len(clips))


def test_a_version_without_lattices_has_one_spelling_of_each_word(archive: Archive) -> None:
    archive.publish()
    clips = [row["id"] for row in rows_of(archive.store, "1.0.0", "train") if row["language"] == "te"]

    found = scored(archive, dict.fromkeys(clips, OTHERWISE)).by["language"]["te"]

    assert found.wer == found.spelling_aware == 0.25


def test_texts_of_another_set_are_no_score(archive: Archive) -> None:
    archive.publish()

    with pytest.raises(NothingToScore, match="none of the 1 texts"):
        scored(archive, {"clip-of-another-set": SAID})


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("heard.jsonl", json.dumps({"id": "clip-1", "text": SAID})),
        (
            "nemo.json",
            json.dumps({"audio_filepath": "a/clip-1.flac", "text": "the reference", "pred_text": SAID}),
        ),
        ("heard.csv", f"id,text\nclip-1,{SAID}\n"),
        ("heard.tsv", f"path\tsentence\nclips/clip-1.mp3\t{SAID}\n"),
        ("text", f"clip-1 {SAID}\n"),
    ],
)
def test_what_recognisers_write_is_read(tmp_path: Path, name: str, written: str) -> None:
    (tmp_path / name).write_text(written, "utf-8")

    assert read_hypotheses(tmp_path / name) == {"clip-1": SAID}


@pytest.mark.parametrize(
    ("name", "written", "fault"),
    [
        ("heard.jsonl", b"{", ":1 isn't JSON"),
        ("heard.jsonl", b"[]", ":1 is no object"),
        ("heard.csv", b"name,words\na,b\n", ":2 names no clip"),
        ("heard.jsonl", b'{"id": "a", "text": ""}\n{"id": "a", "text": ""}', "two texts for a"),
        ("text", b"a \xff\xfe", "isn't UTF-8"),
        ("text", b"\n", "no text in it"),
    ],
)
def test_a_file_that_can_not_be_read_is_described(
    tmp_path: Path, name: str, written: bytes, fault: str
) -> None:
    (tmp_path / name).write_bytes(written)

    with pytest.raises(HypothesesError, match=fault):
        read_hypotheses(tmp_path / name)
