"""The command line itself: wrong use, settings and configuration that do not fit, and its status."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from catalog.config.settings import ROOT
from tests.boli.conftest import Boli

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
