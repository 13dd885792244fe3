"""The examples are what they say they are: every clone's demo and tests stand on them."""

import csv
import hashlib
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import pytest

Row = dict[str, str]
MEANT_TO_BE_GIVEN_ON = {"CC0-1.0": "CC0-1.0.txt", "MIT": "MIT.txt"}


def rows_of(table: Path) -> list[Row]:
    with table.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


@pytest.fixture(scope="module")
def rows(examples: Path) -> list[Row]:
    return rows_of(examples / "recordings" / "recordings.tsv")


@pytest.fixture(scope="module")
def truths(examples: Path) -> dict[str, Any]:
    found = sorted((examples / "truth").rglob("*.json"))
    return {
        truth["file"]: truth for truth in (json.loads(path.read_text(encoding="utf-8")) for path in found)
    }


@pytest.fixture(scope="module")
def decoded(examples: Path, truths: dict[str, Any]) -> dict[str, tuple[int, int]]:
    """file: (rate, samples), decoded to the end."""
    return {file: counted(examples / "recordings" / file) for file in truths}


def counted(path: Path) -> tuple[int, int]:
    with av.open(io.BytesIO(path.read_bytes()), "r") as container:
        stream = container.streams.audio[0]
        samples = sum(int(frame.samples) for frame in container.decode(stream))
        return stream.codec_context.sample_rate, samples


def test_every_listed_file_is_there_unchanged_and_nothing_else_is(examples: Path, rows: list[Row]) -> None:
    folder = examples / "recordings"

    on_disk = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}

    assert on_disk == {row["file"] for row in rows} | {"recordings.tsv", "consents.tsv"}
    for row in rows:
        assert hashlib.sha256((folder / row["file"]).read_bytes()).hexdigest() == row["sha256"], row["file"]


def test_they_last_eight_to_fourteen_minutes_in_at_least_three_languages(
    rows: list[Row], decoded: dict[str, tuple[int, int]]
) -> None:
    minutes = sum(samples / rate for rate, samples in decoded.values()) / 60

    assert 8 <= minutes <= 14
    assert len({row["language"] for row in rows}) >= 3


def test_they_weigh_less_than_twelve_megabytes(examples: Path) -> None:
    assert sum(path.stat().st_size for path in examples.rglob("*") if path.is_file()) < 12_000_000


def test_the_truth_is_of_the_decoded_file(
    truths: dict[str, Any], decoded: dict[str, tuple[int, int]]
) -> None:
    for file, truth in truths.items():
        assert (truth["sample_rate"], truth["samples"]) == decoded[file], file


def spans(truth: dict[str, Any]) -> Iterator[tuple[int, int]]:
    return ((spoken["start_sample"], spoken["end_sample"]) for spoken in truth["utterances"])


def test_every_utterance_lies_in_its_file_after_the_one_before(truths: dict[str, Any]) -> None:
    for file, truth in truths.items():
        at = 0
        for start, end in spans(truth):
            assert at <= start < end <= truth["samples"], file
            at = end


def test_seconds_and_samples_agree_and_words_lie_inside_their_utterance(truths: dict[str, Any]) -> None:
    for truth in truths.values():
        for spoken in truth["utterances"]:
            assert spoken["start"] == pytest.approx(spoken["start_sample"] / truth["sample_rate"], abs=1e-4)
            assert spoken["end"] == pytest.approx(spoken["end_sample"] / truth["sample_rate"], abs=1e-4)
            assert spoken["text"].strip()
            words = spoken["words"]
            assert not words or [word["word"] for word in words] == spoken["text"].split()
            assert all(spoken["start"] <= word["start"] < word["end"] <= spoken["end"] for word in words)


def test_each_language_has_a_long_session_and_short_files_of_one_speaker(
    rows: list[Row], truths: dict[str, Any]
) -> None:
    for language in ("te", "kn", "sw"):
        own = [row for row in rows if row["language"] == language and row["file"] in truths]
        sessions = [truths[row["file"]] for row in own if row["scenario"] == "field session"]

        assert max(truth["samples"] / truth["sample_rate"] for truth in sessions) > 70
        assert all(truth["noise"] and 15 <= truth["snr_db"] <= 20 for truth in sessions)
        assert any(row["scenario"] == "read aloud" for row in own)
        for row in own:
            assert {spoken["speaker"] for spoken in truths[row["file"]]["utterances"]} <= {row["speaker"]}


def test_the_formats_of_phones_are_there(rows: list[Row]) -> None:
    assert {Path(row["file"]).suffix for row in rows} >= {
        ".mp3", ".amr", ".3gp", ".m4a", ".webm", ".ogg", ".wav", ".flac",
    }  # fmt: skip


def test_every_licence_lets_them_be_given_on_and_its_text_is_here(examples: Path, rows: list[Row]) -> None:
    for row in rows:
        assert (examples / "LICENCES" / MEANT_TO_BE_GIVEN_ON[row["licence"]]).stat().st_size > 500
        assert row["source"]
    noises = rows_of(examples / "LICENCES" / "noise.tsv")
    assert noises
    assert {noise["licence"] for noise in noises} == {"CC0"}


def test_every_speaker_has_a_consent_row_that_says_it_is_a_public_licence(
    examples: Path, rows: list[Row]
) -> None:
    consents = {row["speaker"]: row for row in rows_of(examples / "recordings" / "consents.tsv")}

    assert set(consents) == {row["speaker"] for row in rows}
    for row in rows:
        assert consents[row["speaker"]]["evidence"] == f"licence {row['licence']}"


def test_the_damaged_ones_are_damaged_as_said(examples: Path) -> None:
    folder = examples / "recordings"
    kinds = {row["kind"]: folder / row["file"] for row in rows_of(examples / "damaged.tsv")}

    assert kinds["empty"].stat().st_size == 0
    assert kinds["not_audio"].read_bytes().startswith(b"ffconcat")
    with pytest.raises(av.FFmpegError):
        counted(kinds["truncated"])
    assert {"too_quiet", "clipped", "no_speech", "duplicate"} <= set(kinds)
    copy = folder / "te" / "te-01_001 (1).mp3"
    assert copy.read_bytes() == (folder / "te" / "te-01_001.mp3").read_bytes()


def test_the_files_taken_over_as_they_were_are_marked_yes_in_the_manifest(
    shared_data: Path, truths: dict[str, Any]
) -> None:
    with (shared_data / "MANIFEST.csv").open(encoding="utf-8", newline="") as lines:
        given_on = {row["source"] for row in csv.DictReader(lines) if row["redistribute"] == "yes"}

    used = {spoken["source"] for truth in truths.values() for spoken in truth["utterances"]}

    assert used <= given_on
