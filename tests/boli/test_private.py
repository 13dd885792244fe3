"""What Boli keeps on a machine is its own user's, and where it is not, the doctor says so."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from boli.checkup import checkup
from boli.rights import open_paths
from boli.serve.portal_context import open_portal_context
from boli.serve.service import start_service
from catalog.config.settings import KEY_FILE, Settings


@pytest.fixture
def common(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that every user of the machine reaches, with the usual umask."""
    before = os.umask(0o022)
    with tempfile.TemporaryDirectory() as name:  # not pytest's own, whose folders are closed
        folder = Path(name).resolve()
        folder.chmod(0o755)
        monkeypatch.chdir(folder)
        yield folder
    os.umask(before)


def rights(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_a_new_home_its_key_and_its_catalogue_are_closed_from_the_start(common):
    settings = Settings(home=common / "home")
    with open_portal_context(settings):
        pass

    assert rights(settings.home) == 0o700
    assert {rights(file) for file in settings.home.glob("boli.sqlite*") if file.suffix != ".writer"} == {
        0o600
    }
    assert rights(settings.home / KEY_FILE) == 0o600
    assert list(open_paths(settings)) == []


def test_a_catalogue_outside_the_home_folder_is_closed_too(common):
    settings = Settings(home=common / "home", database_url=SecretStr(f"sqlite:///{common}/elsewhere.sqlite"))
    with open_portal_context(settings):
        assert rights(common / "elsewhere.sqlite") == 0o600

    assert list(open_paths(settings)) == []


def test_what_a_program_of_ours_writes_is_closed_and_so_is_its_log(common):
    (common / "logs").mkdir()
    service = start_service(
        "writer",
        ["/bin/sh", "-c", "mkdir folder; echo > folder/file"],
        environment=os.environ,
        log=common / "logs" / "writer.log",
    )
    service.process.wait(60)

    assert rights(common / "folder") == 0o700
    assert rights(common / "folder" / "file") == 0o600
    assert rights(common / "logs" / "writer.log") == 0o600


def test_the_doctor_names_each_thing_that_lies_open_and_its_commands_close_them(common):
    settings = Settings(
        home=common / "home",
        database_url=SecretStr(f"sqlite:///{common}/elsewhere.sqlite"),
        store_url=(common / "the store").as_uri(),
    )
    with open_portal_context(settings) as portal:
        portal.store.put_bytes("some/object", b"a voice")
    (common / "boli.toml").write_text('s3_secret_key = "secret"\n')
    for path in (settings.home, settings.home / KEY_FILE, common / "elsewhere.sqlite", common / "the store"):
        path.chmod(0o755)

    (found,) = [check for check in checkup(settings) if check.name == "privacy"]
    assert not found.passed
    for name in ("home", KEY_FILE, "elsewhere.sqlite", "the store", "boli.toml"):
        assert f"{common / name if name != KEY_FILE else settings.home / KEY_FILE} (" in found.said
    for line in found.said.splitlines()[1:]:
        subprocess.run(["/bin/sh", "-c", line.partition("): ")[2]], check=True)

    (mended,) = [check for check in checkup(settings) if check.name == "privacy"]
    assert mended.passed, mended.said


def test_a_store_is_open_to_its_group_where_somebody_wants_that_and_never_to_all(common):
    settings = Settings(home=common / "home", store_url=(common / "store").as_uri())
    (common / "store").mkdir()

    (common / "store").chmod(0o750)
    assert list(open_paths(settings)) == []

    (common / "store").chmod(0o751)
    assert [each.path for each in open_paths(settings)] == [common / "store"]


def test_what_lies_in_a_closed_folder_is_not_open(common):
    settings = Settings(home=common / "closed" / "home")
    settings.home.mkdir(parents=True)
    (common / "closed").chmod(0o700)

    assert list(open_paths(settings)) == []
