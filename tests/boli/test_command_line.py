"""The command line: what each command prints, and how it says that something is wrong."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from catalog.config.project import load_project
from catalog.config.settings import ROOT
from catalog.reasons import REASONS
from flows.steps.sidecar import ListFile, read_consent_notes, read_file_notes
from tests.boli.conftest import SENT, Boli

RECORDINGS = ROOT / "examples" / "recordings"
GOOD = RECORDINGS / "te" / "te-01_002.mp3"
SHORT = RECORDINGS / "te" / "te-01_102.amr"
PLAYLIST = RECORDINGS / "te" / "te-01 playlist.wav"
EMPTY = RECORDINGS / "te" / "te-01 empty.m4a"
MEASURED = {
    "file", "codec", "sample_rate", "channels", "duration", "snr_db", "clipped_share", "loudness_lufs",
    "speech_share", "bandwidth_hz", "reasons",
}  # fmt: skip


def python_of(page: str) -> str:
    """The first block of Python on a page of docs/."""
    found = re.search(r"```python\n(.+?)```", (ROOT / "docs" / page).read_text("utf-8"), re.DOTALL)
    assert found
    return found.group(1)


def blocks_of(page: str, start: str) -> list[str]:
    """Blocks of a page that begin with `start`."""
    blocks = re.findall(r"```\w*\n(.+?)```", (ROOT / "docs" / page).read_text("utf-8"), re.DOTALL)
    return [block for block in blocks if block.startswith(start)]


# One step on files


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


# Wrong use


@pytest.mark.parametrize(
    "words",
    [
        ("sgement",),
        ("segment",),
        ("segment", "a.wav", "--enigne", "silero"),
        ("segment", "a.wav", "--engine", "ears"),
        ("align", "a.wav"),
        ("release", "verify"),
        ("people", "add", "asha", "--role", "king", "--language", "te"),
        ("run", "--project"),
    ],
)
def test_wrong_use_is_status_2_and_shows_the_way(boli: Boli, words: tuple[str, ...]) -> None:
    said = boli(*words)

    assert said.status == 2
    assert said.out == ""
    assert "Usage:" in said.err or "requires an argument" in said.err


def test_every_project_command_names_the_projects_there_are(boli: Boli) -> None:
    for words in (
        ("status",), ("explain", "x"), ("people", "list"), ("release", "plan"), ("ledger", "export", "x.csv"),
        ("consent", "show", "te-01"),
    ):  # fmt: skip
        said = boli(*words, "--project", "dumka")

        assert said.status == 1
        assert "no project 'dumka'" in said.err
        assert "demo, field" in said.err


# Settings


def test_a_setting_that_does_not_fit_is_named_with_what_was_given(
    boli: Boli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOLI_WORKERS", "many")

    said = boli("status")

    assert said.status == 1
    assert "BOLI_WORKERS" in said.err and "'many'" in said.err and "docs/settings.md" in said.err


def test_a_setting_that_is_none_is_named_and_never_its_value(
    boli: Boli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "boli.toml").write_text('s3_secret_kee = "hush"\n')
    in_file = boli("status")
    (tmp_path / "boli.toml").unlink()
    monkeypatch.setenv("BOLI_S3_SECRET_KEE", "hush")
    in_environment = boli("status")

    for said in (in_file, in_environment):
        assert said.status == 1
        assert "s3_secret_kee" in said.err.lower() and "s3_secret_key" in said.err.lower()
        assert "hush" not in said.err


def test_a_secret_of_the_wrong_type_is_not_repeated(boli: Boli, tmp_path: Path) -> None:
    (tmp_path / "boli.toml").write_text("s3_secret_key = 271828\n")

    said = boli("status")

    assert said.status == 1
    assert "BOLI_S3_SECRET_KEY" in said.err
    assert "271828" not in said.err


def test_a_settings_file_is_read_and_the_environment_wins(
    boli: Boli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "boli.toml").write_text('portal_port = "from the file"\nhome = "elsewhere"\n')

    said = boli("status")

    assert "'from the file'" in said.err
    assert "elsewhere" not in said.err
    monkeypatch.setenv("BOLI_PORTAL_PORT", "8601")
    assert boli("release", "list").status == 0
    assert not (tmp_path / "elsewhere").exists()


def test_a_settings_file_that_is_missing_or_broken_is_said_so(
    boli: Boli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "boli.toml").write_text("workers = = 2\n")
    broken = boli("status")
    monkeypatch.setenv("BOLI_CONFIG_FILE", "mine.toml")
    missing = boli("status")

    assert (broken.status, missing.status) == (1, 1)
    assert "boli.toml" in broken.err and "line 1" in broken.err
    assert "mine.toml" in missing.err


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BOLI_DATABASE_URL", "nonsense"),
        ("BOLI_DATABASE_URL", "mysql://boli@db/boli"),
        ("BOLI_DATABASE_URL", "sqlite:////dev/null/boli.sqlite"),
        ("BOLI_STORE_URL", "ftp://store/boli"),
        ("BOLI_CONFIGS", "/nowhere"),
        ("BOLI_HOME", "/dev/null/home"),
    ],
)
def test_what_can_not_be_opened_is_one_sentence(
    boli: Boli, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)

    said = boli("status")

    assert said.status == 1
    assert said.err.startswith("✗ ")
    assert len(said.err.splitlines()) <= 4


@pytest.fixture
def configs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A copy of ours to break, which Boli reads."""
    copy = tmp_path / "configs"
    shutil.copytree(ROOT / "configs", copy)
    monkeypatch.setenv("BOLI_CONFIGS", str(copy))
    return copy


def test_a_fault_in_a_project_is_told_with_file_line_key_and_mend(boli: Boli, configs: Path) -> None:
    demo = configs / "projects" / "demo.yaml"
    demo.write_text(demo.read_text("utf-8").replace("threshold: 0.10", "threshold: 10"), "utf-8")
    line = (
        demo.read_text("utf-8")
        .splitlines()
        .index(next(x for x in demo.read_text("utf-8").splitlines() if "threshold: 10" in x))
        + 1
    )

    status, doctor = boli("status"), boli("doctor", "--json")

    assert status.status == doctor.status == 1
    assert f"demo.yaml:{line}: agreement.threshold is a share" in status.err
    assert "Write 0.1 for 10 %" in status.err
    assert [check["name"] for check in doctor.lines if not check["passed"]] == ["configs"]


def test_the_doctor_finds_a_prompt_whose_picture_is_not_there(boli: Boli, configs: Path) -> None:
    book = configs / "prompts" / "te.yaml"
    book.write_text(book.read_text("utf-8").replace("picture: market.svg", "picture: markt.svg"), "utf-8")

    doctor = boli("doctor", "--json")

    (fault,) = [check["said"] for check in doctor.lines if not check["passed"]]
    assert doctor.status == 1
    assert "te.yaml:" in fault and "markt.svg" in fault and "market.svg" in fault


# A project at work


def test_what_failed_is_listed_and_a_name_that_failed_nowhere_is_said(boli: Boli) -> None:
    assert boli("recordings", "list", "--json").lines == []

    for verb in ("retry", "reject"):
        said = boli("recordings", verb, "te/nowhere.mp3")
        assert said.status == 1
        assert "te/nowhere.mp3" in said.err and "Traceback" not in said.err


def test_the_doctor_tries_everything_for_real(boli: Boli) -> None:
    said = boli("doctor", "--json")

    assert said.status == 0, said.out
    assert [check["name"] for check in said.lines] == [
        "boli", "configs", "catalogue", "store", "decoder", "sandbox", "voices", "disk", "privacy",
    ]  # fmt: skip
    assert all(set(check) == {"name", "passed", "said"} and check["said"] for check in said.lines)


def test_status_shows_the_books_for_people_and_machines(boli: Boli, home: Path) -> None:
    person, machine = boli("status"), boli("status", "--json")

    assert (person.status, machine.status) == (0, 0)
    assert "The books balance" in person.out and "refused_format" in person.out
    (balance,) = machine.lines
    assert balance["received"]["count"] == len(SENT)
    assert balance["missing"] == []


def test_books_that_do_not_balance_are_status_1_with_the_item(boli: Boli, home: Path) -> None:
    lost = next((home / "store" / "recordings").iterdir())
    lost.unlink()

    said = boli("status")

    assert said.status == 1
    assert "recording" in said.err
    assert "balance." not in said.out


def test_a_life_is_told_by_receipt_recording_and_clip(boli: Boli, home: Path) -> None:
    clip = next((home / "store" / "clips").rglob("*.preview.opus")).name.removesuffix(".preview.opus")

    (of_clip,) = boli("explain", clip, "--json").lines
    facts = {fact["name"]: fact["value"] for fact in of_clip["facts"]}
    (of_recording,) = boli("explain", facts["recording"].split(",")[0], "--json").lines
    (of_upload,) = boli("explain", facts["receipt"].lower(), "--json").lines

    assert [life["kind"] for life in (of_clip, of_recording, of_upload)] == ["clip", "recording", "upload"]
    assert facts["recipe"] == "field@3" and facts["file"] in SENT
    assert any(event["action"] == "upload.received" for event in of_clip["events"])
    assert facts["interval"] in boli("explain", clip).out


def test_a_coordinator_asks_by_the_file_they_sent(boli: Boli, home: Path) -> None:
    (good,) = boli("explain", "te/te-01_002.mp3", "--json").lines
    (bad,) = boli("explain", "te/te-01 playlist.wav", "--json").lines

    assert {"receipt", "recording"} <= {fact["name"] for fact in good["facts"]}
    assert any(fact["name"].startswith("clip ") for fact in good["facts"])
    (state,) = (fact["value"] for fact in bad["facts"] if fact["name"] == "upload")
    assert "refused_format" in state and REASONS["refused_format"].mend in state


def test_a_clip_is_told_in_its_own_project_only(boli: Boli, home: Path) -> None:
    clip = next((home / "store" / "clips").rglob("*.preview.opus")).name.removesuffix(".preview.opus")

    assert boli("explain", clip, "--project", "field").status == 1


def test_a_name_that_nothing_has_is_said_so(boli: Boli, home: Path) -> None:
    said = boli("explain", "7QK-21X")

    assert said.status == 1
    assert "nothing is known by the name '7QK-21X'" in said.err


def test_people_are_taken_on_once_for_languages_of_the_project(boli: Boli, home: Path) -> None:
    words = ("people", "add", "asha", "--role", "transcriber", "--role", "reviewer")

    unknown = boli(*words, "--language", "hi")
    first = boli(*words, "--language", "te")
    again = boli(*words, "--language", "te")

    assert (unknown.status, first.status, again.status) == (1, 0, 1)
    assert "kn, sw, te" in unknown.err
    assert "asha" in again.err
    assert boli("people", "list", "--json").lines == [
        {"handle": "asha", "roles": ["reviewer", "transcriber"], "languages": ["te"]}
    ]


def test_a_withdrawal_says_what_it_reached_and_stands(boli: Boli, home: Path) -> None:
    before = boli("consent", "show", "te-01", "--json").lines[0]["events"]
    withdrawn = boli("consent", "withdraw", "te-01", "--by", "asha", "--json")
    after = boli("consent", "show", "te-01", "--json").lines[0]["events"]

    assert withdrawn.status == 0
    reached = withdrawn.lines[0]["reached"]
    assert reached["recordings"] and reached["clips"] and reached["tasks"]
    assert [event["what"] for event in before] == ["granted"]
    assert [event["what"] for event in after] == ["granted", "withdrawn"]
    assert after[-1]["recorded by"] == "asha"
    assert boli("status").status == 0


def test_a_speaker_nobody_knows_is_said_so(boli: Boli, home: Path) -> None:
    for words in (("consent", "show", "te-99"), ("consent", "withdraw", "te-99")):
        said = boli(*words)

        assert said.status == 1
        assert "no speaker 'te-99'" in said.err


def test_versions_that_are_not_there_are_said_so(boli: Boli, home: Path, tmp_path: Path) -> None:
    assert "None yet" in boli("release", "list").out
    for words in (
        ("release", "verify", "boli-demo"),
        ("release", "verify", "boli-demo@9.9.9"),
        ("release", "verify", "s3:bucket"),
        ("release", "list", "../../etc"),
        ("release", "verify", "file:///somewhere"),
        ("release", "pull", "boli-demo", tmp_path / "copy"),
        ("release", "diff", "boli-demo", "1.0.0", "1.1.0"),
    ):
        said = boli(*words)

        assert said.status == 1, words
        assert said.err.startswith("✗ "), words


def test_nothing_to_publish_yet_says_why(boli: Boli, home: Path) -> None:
    said = boli("release", "plan")

    assert said.status == 1
    assert said.err.startswith("✗ ")


def test_the_ledger_is_a_spreadsheet_and_a_folder_that_is_not_there_is_said_so(
    boli: Boli, home: Path, tmp_path: Path
) -> None:
    written = boli("ledger", "export", tmp_path / "october.csv")
    nowhere = boli("ledger", "export", tmp_path / "nowhere" / "october.csv")

    assert written.status == 0 and (tmp_path / "october.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert nowhere.status == 1
    assert "nowhere" in nowhere.err and "No such file" in nowhere.err


# What getting-started.md shows


def test_the_lists_of_the_first_steps_are_read_as_it_says() -> None:
    rows = blocks_of("getting-started.md", "file\t")[0]
    names = [row.split("\t")[0] for row in rows.splitlines()[1:]]
    listed = read_file_notes([ListFile("recordings.tsv", rows.encode())], names)
    agreed = blocks_of("getting-started.md", "speaker\t")[0]
    consents, faults = read_consent_notes([ListFile("consents.tsv", agreed.encode())])

    files = listed.notes
    assert (*listed.faults, *faults, *listed.without_file, *listed.without_row) == ()
    assert files["hi/asha_01.m4a"].dialect == "Khortha" and files["bn/ravi_01.ogg"].dialect is None
    assert {note.speaker: len(note.scopes) for note in consents} == {"sp-001": 2, "sp-002": 1}


def test_the_project_of_the_first_steps_loads(tmp_path: Path) -> None:
    project = tmp_path / "dumka.yaml"
    project.write_text(blocks_of("getting-started.md", "name: dumka")[0], "utf-8")

    loaded = load_project(project, languages=["hi", "bn"], recipes=["field"])

    assert loaded.release.name == "voices-of-dumka" and loaded.release.min_speakers == 5


def test_the_python_of_the_first_steps_hands_in_a_text(
    boli: Boli, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    boli("people", "add", "asha", "--role", "transcriber", "--language", "te")
    code = python_of("getting-started.md").replace('"dumka"', '"demo"').replace("जो सुना वही", "ఆకుకూరలు తినాలి")

    exec(compile(code, "getting-started.md", "exec"), {})

    assert re.search(r"clip-\w+ te \d", capsys.readouterr().out)


# The program itself


def test_the_program_ends_with_its_status_and_no_trace(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BOLI_")}
    done = subprocess.run(
        [sys.executable, "-m", "boli.cli", "status", "--project", "dumka"],
        cwd=tmp_path,
        env={**environment, "BOLI_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("✗ there is no project 'dumka'")
