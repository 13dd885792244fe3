"""Commands for one step on files: what each prints, and what it says of a file that is odd."""

import shutil
from pathlib import Path

import pytest

from catalog.config.settings import ROOT
from catalog.reasons import REASONS
from tests.boli.conftest import Boli

RECORDINGS = ROOT / "examples" / "recordings"
GOOD = RECORDINGS / "te" / "te-01_002.mp3"
SHORT = RECORDINGS / "te" / "te-01_102.amr"
PLAYLIST = RECORDINGS / "te" / "te-01 playlist.wav"
EMPTY = RECORDINGS / "te" / "te-01 empty.m4a"
MEASURED = {
    "file", "codec", "sample_rate", "channels", "duration", "snr_db", "clipped_share", "loudness_lufs",
    "speech_share", "bandwidth_hz", "reasons",
}  # fmt: skip


def test_segments_have_the_promised_fields_a_line_a_file(boli: Boli) -> None:
    said = boli("segment", GOOD, SHORT, "--json")

    assert said.status == 0
    assert [line["file"] for line in said.lines] == [str(GOOD), str(SHORT)]
    for line in said.lines:
        assert set(line) == {"file", "duration", "engine", "speech", "segments"}
        assert line["speech"] and line["segments"]
        for span in (*line["speech"], *line["segments"]):
            assert set(span) == {"start", "end"}
            assert 0 <= span["start"] < span["end"] <= line["duration"]


@pytest.mark.parametrize("engine", ["silero", "webrtc"])
def test_another_speech_detector_can_be_asked(boli: Boli, engine: str) -> None:
    said = boli("segment", SHORT, "--json", "--engine", engine)

    assert [line["engine"] for line in said.lines] == [engine]


def test_measures_have_the_promised_fields_and_known_reasons(boli: Boli) -> None:
    said = boli("measure", GOOD, RECORDINGS / "te" / "te-01 too close.wav", "--json")

    assert said.status == 0
    good, loud = said.lines
    assert set(good) >= MEASURED and set(loud) >= MEASURED
    assert good["codec"] == "mp3" and good["reasons"] == []
    assert "clipped" in loud["reasons"]
    assert set(loud["reasons"]) <= set(REASONS)


def test_on_a_terminal_a_measure_is_a_sentence_with_the_mend(boli: Boli) -> None:
    said = boli("measure", RECORDINGS / "te" / "te-01 too close.wav")

    assert REASONS["clipped"].sentence in said.out
    assert REASONS["clipped"].mend in said.out


@pytest.mark.parametrize("ending", ["flac", "wav"])
def test_a_cleaned_file_is_written_by_its_ending_and_the_original_stays(
    boli: Boli, tmp_path: Path, ending: str
) -> None:
    before = SHORT.read_bytes()
    out = tmp_path / f"quiet.{ending}"

    said = boli("clean", SHORT, out, "--json")

    assert said.status == 0
    assert set(said.lines[0]) == {"file", "out", "duration", "gain_db"}
    assert out.read_bytes()[:4] == {"flac": b"fLaC", "wav": b"RIFF"}[ending]
    assert SHORT.read_bytes() == before


def test_cleaning_never_writes_over_the_original_nor_guesses_a_format(boli: Boli, tmp_path: Path) -> None:
    copy = tmp_path / "voice.wav"
    shutil.copyfile(RECORDINGS / "te" / "te-01_106.wav", copy)

    over = boli("clean", copy, copy)
    guess = boli("clean", copy, tmp_path / "out.mp3")

    assert (over.status, guess.status) == (2, 2)
    assert "never changed" in over.err
    assert "FLAC or WAV" in guess.err


def test_words_have_the_promised_fields_in_order(boli: Boli, tmp_path: Path) -> None:
    text = tmp_path / "text.txt"
    text.write_text("ఆకుకూరలు తినాలి", "utf-8")

    said = boli("align", SHORT, text, "--language", "te", "--json")

    assert said.status == 0
    (line,) = said.lines
    assert set(line) == {"file", "words"}
    assert [word["word"] for word in line["words"]] == ["ఆకుకూరలు", "తినాలి"]
    assert all(set(word) == {"word", "start", "end", "score"} for word in line["words"])
    times = [time for word in line["words"] for time in (word["start"], word["end"])]
    assert times == sorted(times)


def test_a_manifest_is_aligned_a_line_a_row(boli: Boli, tmp_path: Path) -> None:
    for name in ("a.amr", "b.amr"):
        shutil.copyfile(SHORT, tmp_path / name)
    (tmp_path / "a.txt").write_text("ఆకుకూరలు తినాలి", "utf-8")
    (tmp_path / "none.txt").write_text("", "utf-8")
    pairs = tmp_path / "pairs.tsv"
    pairs.write_text("a.amr\ta.txt\tte\nb.amr\tnone.txt\tte\n\n", "utf-8")

    said = boli("align", "--manifest", pairs, "--json")

    first, second = said.lines
    assert [word["word"] for word in first["words"]] == ["ఆకుకూరలు", "తినాలి"]
    assert second.get("words") == [] or second["error"]["code"] in REASONS


def test_a_row_of_a_manifest_that_is_none_is_named_with_its_line(boli: Boli, tmp_path: Path) -> None:
    pairs = tmp_path / "pairs.tsv"
    pairs.write_text("a.amr a.txt te\n", "utf-8")

    said = boli("align", "--manifest", pairs)

    assert said.status == 1
    assert "pairs.tsv:1:" in said.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("align", SHORT, "missing.txt", "--language", "te"), "missing.txt"),
        (("segment", SHORT, "--recipe", "nobody"), "field"),
    ],
)
def test_what_is_not_there_is_named(boli: Boli, words: tuple[str | Path, ...], told: str) -> None:
    said = boli(*words)

    assert said.status == 1
    assert told in said.err


@pytest.mark.parametrize("command", ["segment", "measure"])
def test_files_that_nobody_planned_for_have_a_line_each_and_the_good_one_its_result(
    boli: Boli, shared_data: Path, command: str
) -> None:
    odd = [
        shared_data / "cases" / name
        for name in ("wav_tag_1234.wav", "3gp_sevc.3gp", "joined_mono_stereo.mp3")
    ]

    said = boli(command, *odd, GOOD, "--json")

    assert said.status == 1
    assert "Traceback" not in said.out
    assert [line["file"] for line in said.lines] == [str(path) for path in (*odd, GOOD)]
    assert [line["error"]["code"] for line in said.lines if "error" in line] == ["refused_format"] * 2
    assert said.lines[2]["duration"] == pytest.approx(8.5, abs=0.1)


def test_a_line_of_a_manifest_that_can_not_be_used_stops_no_other(boli: Boli, tmp_path: Path) -> None:
    text = tmp_path / "text.txt"
    text.write_text("నమస్కారం", "utf-8")
    pairs = tmp_path / "pairs.tsv"
    pairs.write_text(f"{SHORT}\tmissing.txt\tte\n{SHORT}\ttext.txt\txx\n{SHORT}\ttext.txt\tte\n", "utf-8")

    said = boli("align", "--manifest", pairs, "--json")

    assert said.status == 1
    assert ["error" in line for line in said.lines] == [True, True, False]


@pytest.mark.parametrize("command", ["segment", "measure"])
def test_a_bad_file_has_its_reason_on_its_line_and_the_others_go_on(boli: Boli, command: str) -> None:
    said = boli(command, EMPTY, SHORT, PLAYLIST, "not-there.wav", "--json")

    assert said.status == 1
    empty, good, playlist, absent = said.lines
    assert good["duration"] > 0
    assert empty["error"]["code"] == "empty_file"
    assert playlist["error"]["code"] == "refused_format"
    assert absent["error"]["code"] == "unreadable"
    for line in (empty, playlist, absent):
        assert set(line) == {"file", "error"} and set(line["error"]) == {"code", "message"}
        assert line["error"]["message"]
        assert line["error"]["code"] in REASONS
    assert said.err == ""


def test_without_json_a_bad_file_is_told_on_the_error_stream(boli: Boli) -> None:
    said = boli("segment", EMPTY, SHORT)

    assert said.status == 1
    assert "te-01 empty.m4a" in said.err
    assert "te-01_102.amr" in said.out


@pytest.mark.parametrize(
    "name", ["two words.amr", 'it\'s "quoted".amr', "two\nlines.amr", "ध्वनि 7.amr", "-v.amr", "[bold]x.amr"]
)
def test_any_name_is_only_a_name(boli: Boli, tmp_path: Path, name: str) -> None:
    shutil.copyfile(SHORT, tmp_path / name)

    machine = boli("segment", "--json", "--", name)
    person = boli("segment", "--", name)

    assert [line["file"] for line in machine.lines] == [str(tmp_path / name)]
    assert person.status == 0 and name.split("\n")[0] in person.out
