"""An operator sees what a new version would do to the home before it does anything."""

import hashlib
import shutil
import sqlite3
import tarfile
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import version
from pathlib import Path

import pytest
from pydantic import TypeAdapter
from sqlalchemy import create_engine, text

from boli.upgrade import Finding, Mark, PrefectServer, findings
from catalog.backup.backups import CATALOGS, COMMIT, Backup
from catalog.catalog_state import look_at
from catalog.config.settings import ROOT, Settings
from catalog.database import CatalogUnavailable, open_catalog
from catalog.migrating import migrations, newest_revision, pending
from catalog.store import open_store
from tests.boli.conftest import Boli

HOMES = Path(__file__).parents[1] / "end_to_end/homes"
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


@pytest.fixture
def old_home(tmp_path: Path, boli: Boli) -> Path:
    """A home of the first version, where `boli` works."""
    del boli  # it names the folder
    with tarfile.open(HOMES / "0.1.0.tar.xz") as archive:
        archive.extractall(tmp_path, filter="data")
    return tmp_path / "home"


def everything_in(folder: Path) -> dict[str, tuple[str, int]]:
    return {
        str(path.relative_to(folder)): (
            hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "",
            path.stat().st_mtime_ns,
        )
        for path in sorted(folder.rglob("*"))
    }


def marks(lines: list[dict[str, str]]) -> dict[str, str]:
    return {line["name"]: line["mark"] for line in lines}


def said(lines: list[dict[str, str]], name: str) -> str:
    return "\n".join(line["said"] for line in lines if line["name"] == name)


def look(home: Path, *, backup: Path | None = None) -> dict[str, Finding]:
    target = open_store(backup.as_uri()) if backup else None
    found = findings(Settings(home=home), backup=target, prefect=None, now=NOW)
    return {each.name: each for each in found}


def backed_up(target: Path, *, at: datetime, revision: str) -> None:
    """A finished backup as an earlier version left it: its commit is what is asked for."""
    backup = Backup(at.strftime("%Y%m%dT%H%M%S.%fZ"), at.isoformat(), "0.1.0", revision, (), 0, 0)
    open_store(target.as_uri()).create(
        f"{CATALOGS}{backup.name}/{COMMIT}", TypeAdapter(Backup).dump_json(backup)
    )


def test_a_look_at_an_old_home_names_each_step_to_come_and_writes_nothing(old_home: Path, boli: Boli) -> None:
    before = everything_in(old_home.parent)

    answer = boli("upgrade", "--check", "--json")

    assert answer.status == 0
    assert marks(answer.lines)["catalogue"] == "note"
    for step in migrations()[1:]:
        assert f"\n  {step.revision} {step.summary}" in said(answer.lines, "catalogue")
    assert everything_in(old_home.parent) == before


def test_a_home_that_was_never_made_is_not_made_by_looking(boli: Boli, tmp_path: Path) -> None:
    answer = boli("upgrade", "--check", "--json")

    assert answer.status == 0
    assert "empty" in said(answer.lines, "catalogue")
    assert list(tmp_path.iterdir()) == []


def test_the_upgrade_itself_brings_the_tables_up_to_date_and_then_has_nothing_to_do(
    old_home: Path, boli: Boli
) -> None:
    assert boli("upgrade").status == 0

    after = boli("upgrade", "--check", "--json")

    assert marks(after.lines)["catalogue"] == "ok"
    assert look_at(f"sqlite:///{old_home / 'boli.sqlite'}").revision == newest_revision()


def test_a_catalogue_that_somebody_works_in_is_looked_at_with_its_log_and_left_as_it_is(
    tmp_path: Path,
) -> None:
    url = f"sqlite:///{tmp_path / 'boli.sqlite'}"
    at_work = open_catalog(url)
    with at_work.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0003'"))
    log = (tmp_path / "boli.sqlite-wal").read_bytes()

    state = look_at(url)

    assert state.revision == "0003"  # which stands in the log alone
    assert (tmp_path / "boli.sqlite-wal").read_bytes() == log
    at_work.close()


def test_tables_of_a_newer_version_stop_the_upgrade(old_home: Path, boli: Boli) -> None:
    with sqlite3.connect(old_home / "boli.sqlite") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()

    answer = boli("upgrade", "--json")

    assert answer.status == 1
    assert marks(answer.lines)["catalogue"] == "stop"
    assert "a newer Boli made them" in said(answer.lines, "catalogue")


def test_every_file_with_a_key_that_this_version_does_not_know_is_named_with_its_line(
    boli: Boli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configs = Path(shutil.copytree(ROOT / "configs", tmp_path / "configs"))
    monkeypatch.setenv("BOLI_CONFIGS", str(configs))
    faulty = [sorted((configs / kind).glob("*.yaml"))[0] for kind in ("projects", "recipes", "languages")]
    for path in faulty:
        path.write_text(path.read_text("utf-8") + "\nkey_of_before: 1\n", "utf-8")

    answer = boli("upgrade", "--check", "--json")

    assert answer.status == 1
    for path in faulty:
        assert f"{path}:{len(path.read_text('utf-8').splitlines())}: key_of_before" in said(
            answer.lines, "configs"
        )


def test_a_setting_that_is_gone_is_the_first_thing_said(boli: Boli, tmp_path: Path) -> None:
    (tmp_path / "boli.toml").write_text("threads_of_before = 4\n")

    answer = boli("upgrade", "--check", "--json")

    assert answer.status == 1
    assert marks(answer.lines) == {"settings": "stop"}
    assert "threads_of_before" in said(answer.lines, "settings")


@pytest.mark.parametrize(
    ("hours", "revision", "mark"),
    [(2, "0001", Mark.OK), (30, "0001", Mark.STOP), (2, "0000", Mark.STOP), (None, "", Mark.STOP)],
)
def test_steps_wait_for_a_backup_of_today_and_of_these_tables(
    old_home: Path, tmp_path: Path, hours: int | None, revision: str, mark: Mark
) -> None:
    target = tmp_path / "backup"
    if hours is not None:
        backed_up(target, at=NOW - timedelta(hours=hours), revision=revision)

    assert look(old_home, backup=target)["backup"].mark is mark
    assert target.exists() is (hours is not None)


def test_an_old_backup_is_only_told_where_no_step_waits(old_home: Path, tmp_path: Path, boli: Boli) -> None:
    assert boli("upgrade").status == 0
    backed_up(tmp_path / "backup", at=NOW - timedelta(days=9), revision=newest_revision())

    finding = look(old_home, backup=tmp_path / "backup")["backup"]

    assert (finding.mark, "216 h old" in finding.said) == (Mark.NOTE, True)


def test_room_is_needed_for_the_tables_that_are_written_anew(old_home: Path) -> None:
    with (old_home / "boli.sqlite").open("r+b") as file:
        file.truncate(2 * shutil.disk_usage(old_home).free)  # a file with a hole: it takes no room itself

    finding = look(old_home)["disk"]

    assert finding.mark is Mark.STOP
    assert "while tables are written anew" in finding.said


def test_what_still_runs_is_told_by_a_look_and_refused_by_the_upgrade(
    old_home: Path, boli: Boli, monkeypatch: pytest.MonkeyPatch
) -> None:
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as portal:
        monkeypatch.setenv("BOLI_PORTAL_PORT", str(portal.server_port))
        looked, done = boli("upgrade", "--check", "--json"), boli("upgrade")

    assert (looked.status, marks(looked.lines)["running"]) == (0, "note")
    assert done.status == 1
    assert "running" in done.err
    assert look_at(f"sqlite:///{old_home / 'boli.sqlite'}").revision == "0001"


def test_packages_other_than_the_locked_ones_are_named(tmp_path: Path) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text(
        f"alembic==0.0.1 \\\n    --hash=sha256:00\nnumpy==0.1 ; python_full_version < '3.0' \\\n"
        f"numpy=={version('numpy')}\n"
        "not-there==1.0\nnot-here==1.0 ; sys_platform == 'win32'\n"
    )

    first = next(findings(Settings(home=tmp_path), backup=None, prefect=None, now=NOW, lock=lock))

    assert (first.name, first.mark) == ("program", Mark.STOP)
    assert f"alembic {version('alembic')} is not 0.0.1; not-there is missing." in first.said


class _Prefect(BaseHTTPRequestHandler):
    """The one answer of a Prefect server that is asked for."""

    def do_GET(self) -> None:
        known = self.headers.get("Authorization") == "Basic Ym9saTpzZXNhbWU="
        self.send_response(200 if known and self.path == "/api/admin/version" else 401)
        self.end_headers()
        self.wfile.write(b'"3.0.1"' if known else b"")

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def prefect() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), _Prefect)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/api"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("auth", "mark"), [("boli:sesame", Mark.NOTE), ("boli:wrong", Mark.STOP), (None, Mark.STOP)]
)
def test_a_prefect_server_of_ones_own_is_asked_for_its_version(
    prefect: str, tmp_path: Path, auth: str | None, mark: Mark
) -> None:
    found = findings(Settings(home=tmp_path), backup=None, prefect=PrefectServer(prefect, auth), now=NOW)

    (finding,) = (each for each in found if each.name == "prefect")

    assert finding.mark is mark
    if mark is Mark.NOTE:
        assert f"is 3.0.1, this environment has {version('prefect')}" in finding.said


def test_a_prefect_server_that_is_away_stops_the_upgrade(tmp_path: Path) -> None:
    away = PrefectServer("http://127.0.0.1:9/api", None)

    found = {
        each.name: each for each in findings(Settings(home=tmp_path), backup=None, prefect=away, now=NOW)
    }

    assert found["prefect"].mark is Mark.STOP


def test_postgresql_is_looked_at_without_a_change(postgres_url: str) -> None:
    assert look_at(postgres_url).revision is None
    open_catalog(postgres_url).close()
    engine = create_engine(postgres_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0020'"))

    state = look_at(postgres_url)

    assert state.revision == "0020"
    assert state.server.startswith("PostgreSQL ")
    assert [step.revision for step in pending(state.revision) or ()][:1] == ["0021"]
    with engine.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == "0020"
    engine.dispose()


def test_a_database_that_is_away_is_said_without_its_password(tmp_path: Path) -> None:
    with pytest.raises(CatalogUnavailable) as caught:
        look_at("postgresql+psycopg://boli:sesame@127.0.0.1:9/boli")

    assert "sesame" not in str(caught.value)
