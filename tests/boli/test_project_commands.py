"""Commands for a project at work: what each prints, and how it says that something is wrong."""

from pathlib import Path

from catalog.reasons import REASONS
from tests.boli.conftest import SENT, Boli


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
