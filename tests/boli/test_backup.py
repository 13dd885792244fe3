"""`boli backup`: what is copied comes back whole, and what was taken back stays gone."""

import os
import random
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from catalog import audit
from catalog.backup.backups import COMMIT, back_up, backups, choose, restore
from catalog.backup.move import move_objects, move_rows
from catalog.backup.rows import DamagedRows, TableRows, row_digests
from catalog.config.settings import Settings
from catalog.database import Catalog, open_catalog
from catalog.store import ObjectStore, S3Options, open_store
from flows.workspace import open_workspace
from tests.boli.conftest import Boli


def digests(home: Path) -> set[TableRows]:
    catalog = open_catalog(f"sqlite:///{home / 'boli.sqlite'}")
    try:
        return set(row_digests(catalog))
    finally:
        catalog.close()


def objects(store: ObjectStore) -> dict[str, int]:
    return {each.key: each.size for each in store.list()}


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    return tmp_path / "elsewhere"


@pytest.fixture
def target(elsewhere: Path) -> ObjectStore:
    return open_store(elsewhere.as_uri())


def test_a_backup_comes_back_row_for_row_and_object_for_object(
    boli: Boli, home: Path, elsewhere: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = boli("backup", "make", elsewhere)
    (listed,) = boli("backup", "list", elsewhere, "--json").lines
    before = digests(home)

    monkeypatch.setenv("BOLI_HOME", str(tmp_path / "new"))
    restored = boli("backup", "restore", elsewhere)

    assert (made.status, restored.status) == (0, 0)
    assert digests(tmp_path / "new") == before
    assert sum(table.rows for table in before) == sum(table["rows"] for table in listed["tables"])
    assert objects(open_store((tmp_path / "new" / "store").as_uri())) == objects(
        open_store((home / "store").as_uri())
    )
    assert boli("status").status == 0 and boli("status", "--audit").status == 0


def test_a_second_backup_copies_only_what_is_new(boli: Boli, home: Path, elsewhere: Path) -> None:
    (first,) = boli("backup", "make", elsewhere, "--json").lines
    (second,) = boli("backup", "make", elsewhere, "--json").lines

    assert first["copied"]["copied"] == first["backup"]["objects"] > 0
    assert second["copied"]["copied"] == 0 and second["backup"]["objects"] == first["backup"]["objects"]


def test_a_place_that_has_rows_already_is_left_alone(boli: Boli, home: Path, elsewhere: Path) -> None:
    boli("backup", "make", elsewhere)
    before = digests(home)

    said = boli("backup", "restore", elsewhere)

    assert said.status == 1 and "already has rows" in said.err and "BOLI_HOME" in said.err
    assert digests(home) == before


def test_where_there_is_no_backup_that_is_said(boli: Boli, home: Path, elsewhere: Path) -> None:
    said = boli("backup", "check", elsewhere)

    assert said.status == 1 and "none yet: `boli backup make`" in said.err


def test_a_backup_that_was_interrupted_does_not_count(
    boli: Boli, home: Path, elsewhere: Path, target: ObjectStore
) -> None:
    boli("backup", "make", elsewhere)
    boli("backup", "make", elsewhere)
    first, second = backups(target)

    target.delete(f"catalogs/{second.name}/{COMMIT}")

    assert backups(target) == (first,)


def test_a_drill_restores_compares_and_leaves_nothing_behind(boli: Boli, home: Path, elsewhere: Path) -> None:
    boli("backup", "make", elsewhere)
    there = sorted((home / "scratch").iterdir())

    (report,) = boli("backup", "check", elsewhere, "--json").lines

    assert report["same_rows"] and report["gone"] == 0
    assert [(each["project"], each["missing"]) for each in report["projects"]] == [("demo", 0)]
    assert sorted((home / "scratch").iterdir()) == there


def test_a_drill_finds_an_object_that_the_backup_has_lost(
    boli: Boli, home: Path, elsewhere: Path, target: ObjectStore
) -> None:
    boli("backup", "make", elsewhere)
    original = next(each.key for each in target.list("objects/recordings/"))
    target.delete(original)

    said = boli("backup", "check", elsewhere, "--json")

    assert said.status == 1
    assert said.lines[0]["gone"] == 1 and said.lines[0]["projects"][0]["missing"] == 1


def test_rows_that_are_not_what_was_written_are_never_restored(
    boli: Boli, home: Path, elsewhere: Path, target: ObjectStore, tmp_path: Path
) -> None:
    boli("backup", "make", elsewhere)
    backup = choose(target, None)
    changed = replace(
        backup,
        tables=tuple(
            replace(each, digest="0" * 64) if each.table == "speaker" else each for each in backup.tables
        ),
    )
    catalog = open_catalog(f"sqlite:///{tmp_path / 'new.sqlite'}")
    empty = set(row_digests(catalog))

    with pytest.raises(DamagedRows, match=r"speaker\.jsonl\.gz"):
        restore(target, changed, catalog, open_store((tmp_path / "new").as_uri()), scratch=tmp_path)

    assert set(row_digests(catalog)) == empty
    catalog.close()


def test_a_voice_that_is_taken_back_is_gone_from_the_backup_and_stays_gone_after_an_old_one_is_restored(
    boli: Boli,
    home: Path,
    elsewhere: Path,
    target: ObjectStore,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    boli("backup", "make", elsewhere)
    (before,) = backups(target)
    sound = {key for key in objects(target) if key.startswith("objects/recordings/")}
    assert boli("consent", "withdraw", "te-01").status == 0

    (made,) = boli("backup", "make", elsewhere, "--json").lines

    assert made["erased"] > 0
    assert not sound & objects(target).keys()

    monkeypatch.setenv("BOLI_HOME", str(tmp_path / "new"))
    restored = boli("backup", "restore", elsewhere, "--name", before.name)
    assert "1 voices were taken back since" in restored.out
    history = boli("consent", "show", "te-01", "--json")
    assert "withdrawn" in history.out


def test_the_rows_of_earlier_backups_are_kept_for_as_long_as_is_said(
    boli: Boli, home: Path, elsewhere: Path, target: ObjectStore
) -> None:
    with open_workspace("demo", Settings(home=home)) as workspace:
        for days in (0, 20, 40):
            done = back_up(
                workspace.catalog,
                workspace.store,
                target,
                now=workspace.now() + timedelta(days=days),
                keep=timedelta(days=30),
                scratch=workspace.scratch,
            )

    assert len(done.dropped) == 1
    assert [each.name for each in backups(target)] == sorted(each.name for each in backups(target))
    assert len(backups(target)) == 2
    assert not list(target.list(f"catalogs/{done.dropped[0]}/"))


def test_a_move_to_postgresql_and_s3_brings_every_row_and_object_and_the_ids_go_on(
    home: Path, postgres_url: str, s3_store_url: str, s3_options: S3Options, tmp_path: Path
) -> None:
    with open_workspace("demo", Settings(home=home)) as workspace:
        there = open_store(s3_store_url, s3_options)
        moved: Catalog = open_catalog(postgres_url)

        rows = move_rows(workspace.catalog, moved, scratch=tmp_path)
        move_objects(workspace.store, there, scratch=tmp_path)
        again = move_rows(workspace.catalog, moved, scratch=tmp_path)

        assert rows == again == sum(each.rows for each in row_digests(workspace.catalog))
        assert set(row_digests(moved)) == set(row_digests(workspace.catalog))
        assert objects(there) == objects(workspace.store)
        with moved.writing() as session:
            audit.record(
                session, at=workspace.now(), actor="asha", action="project.moved", subject=("project", "demo")
            )
        moved.close()


def test_the_command_moves_and_says_what_to_set(boli: Boli, home: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'there.sqlite'}"

    said = boli("backup", "move", "--database-url", url, "--store-url", (tmp_path / "there").as_uri())

    assert said.status == 0 and f"BOLI_DATABASE_URL={url}" in said.out
    assert boli("backup", "move").status == 2


@pytest.mark.slow
def test_killed_at_random_moments_a_backup_and_a_restore_end_as_undisturbed_ones(
    boli: Boli, home: Path, elsewhere: Path, tmp_path: Path
) -> None:
    moments = random.Random(15)
    new = tmp_path / "new"
    for at, words in ((home, "make"), (new, "restore")):
        command = [sys.executable, "-m", "boli.cli", "backup", words, str(elsewhere)]
        environment = {**os.environ, "BOLI_HOME": str(at), "BOLI_WORKERS": "1"}
        for _ in range(10):
            process = subprocess.Popen(
                command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
            )
            try:
                process.wait(moments.uniform(0.2, 2.0))
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
            process.communicate()
        if at == new and digests(new) == digests(home):
            break
        assert subprocess.run(command, env=environment, check=False).returncode == 0

    assert digests(new) == digests(home)
    assert objects(open_store((new / "store").as_uri())) == objects(open_store((home / "store").as_uri()))
