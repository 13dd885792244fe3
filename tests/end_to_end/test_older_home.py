"""A home that an older version made opens in this one, and its work goes on."""

import json
import sqlite3
import tarfile
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.end_to_end.conftest import Installation, install
from tests.servers import PrefectServer

HOMES = Path(__file__).with_name("homes")
"""Made of eleven recordings by each version's own flows: some accepted and published, some waiting, one rejected."""
KEPT = {
    "upload": "id, sha256, receipt",
    "recording": "id, sha256, state",
    "clip": 'id, start, "end"',
    "submission": "id, verbatim, person_id",
    "transcript": "id, verbatim",
    "ledger_entry": "id, person_id, amount_millis",
    "consent_event": "id, kind, speaker_id",
    "release": "name, version, selection_sha256",
}
"""What no version may change, by table."""

pytestmark = pytest.mark.slow


@pytest.fixture(params=sorted(path.name.removesuffix(".tar.xz") for path in HOMES.glob("*.tar.xz")))
def older(request: pytest.FixtureRequest, tmp_path: Path, prefect_server: PrefectServer) -> Installation:
    with tarfile.open(HOMES / f"{request.param}.tar.xz") as archive:
        archive.extractall(tmp_path, filter="data")
    return install(tmp_path / "home", prefect_server)


def test_an_older_home_keeps_its_rows_and_versions_and_takes_in_more(
    older: Installation, tmp_path: Path
) -> None:
    before = _kept(older)

    status = json.loads(older.boli("status", "--json"))
    verified = older.boli("release", "verify", "boli-demo")
    inbox = tmp_path / "inbox" / "te"
    inbox.mkdir(parents=True)
    inbox.joinpath("te-01_017.mp3").write_bytes(
        (REPOSITORY / "examples" / "recordings" / "te" / "te-01_017.mp3").read_bytes()
    )
    for name in ("recordings.tsv", "consents.tsv"):
        listed = (REPOSITORY / "examples" / "recordings" / name).read_text("utf-8").splitlines(keepends=True)
        ours = [line for line in listed[1:] if "te-01_017" in line or name == "consents.tsv"]
        (tmp_path / "inbox" / name).write_text("".join([listed[0], *ours]), "utf-8")
    older.boli("run", str(tmp_path / "inbox"), "--project", "demo")

    assert status["missing"] == []
    assert "boli-demo 1.1.0 is whole" in verified
    after = _kept(older)
    assert {table: before[table] - after[table] for table in KEPT} == {table: set() for table in KEPT}
    assert len(after["recording"]) == len(before["recording"]) + 1
    assert json.loads(older.boli("status", "--json"))["missing"] == []


def _kept(installation: Installation) -> dict[str, set[tuple[object, ...]]]:
    with sqlite3.connect(installation.settings.home / "boli.sqlite") as database:
        return {
            table: set(database.execute(f"SELECT {columns} FROM {table}")) for table, columns in KEPT.items()
        }
