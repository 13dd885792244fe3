"""`boli tasks correct`: people are put to correct what a model hears, once, and a command that can't says the mend."""

from pathlib import Path

import pytest

from tests.audio.brought import brought_files
from tests.boli.conftest import Boli


@pytest.fixture
def model(examples: Path, tmp_path: Path) -> list[str]:
    """The words that name a brought model in a folder beside the home."""
    (tmp_path / "models").mkdir()
    brought_files(examples, tmp_path / "models")
    return ["--language", "te", "--model", "models/te.onnx", "--vocabulary", "models/te.json"]


def test_a_dry_run_says_what_would_be_heard_and_the_same_again_chooses_nothing_more(
    boli: Boli, home: Path, model: list[str]
) -> None:
    wanted = ("tasks", "correct", *model, "--by", "chance", "--count", "1")

    dry = boli(*wanted, "--dry-run")
    first = boli(*wanted)
    again = boli(*wanted, "--json").lines[0]
    more = boli(*wanted[:-1], "9", "--json").lines[0]

    assert (dry.status, first.status) == (0, 0)
    assert "Would hear 1 clips" in dry.out and "choose 1" in dry.out
    assert "1 clips chosen, 0 before" in first.out and "front of the queue" in first.out
    assert (again["before"], again["asked"], again["heard"]) == (1, {}, 0)
    assert more["before"] == 1 and more["asked"]["waiting"] == more["heard"] > 0


def test_a_request_that_can_not_be_met_is_refused_with_the_mend(boli: Boli, home: Path) -> None:
    for words, mend in (
        ((), "Name one with --language"),
        (("--language", "xx"), "given: xx"),
        (("--language", "te"), "names no recogniser for te"),
        (("--language", "te", "--model", "te.onnx"), "An ONNX file has its --vocabulary"),
        (("--language", "te", "--model", "te.pt", "--vocabulary", "v.json"), "Write models/te.onnx"),
        (("--language", "te", "--model", "gone.onnx", "--vocabulary", "gone.json"), "there is no file://"),
        (("--language", "te", "--model", "service:small"), "let chance choose"),
        (("--language", "te", "--model", "service:small", "--by", "chance"), "BOLI_RECOGNISER_URL"),
    ):
        said = boli("tasks", "correct", *words)

        assert said.status == 1 and mend.lower() in said.err.lower(), (words, said.err)


def test_a_file_that_is_no_model_ends_with_the_reason_and_status_1(
    boli: Boli, home: Path, model: list[str], tmp_path: Path
) -> None:
    (tmp_path / "models" / "te.onnx").write_bytes(b"not a model")

    said = boli("tasks", "correct", *model, "--count", "1")

    assert said.status == 1
    assert "no model in ONNX" in said.err and "left out" in said.err
