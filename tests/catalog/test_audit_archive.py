"""The audit log over years: months that are old enough lie in the store, and nothing is lost, doubled or changed."""

import json
import multiprocessing
import os
import shutil
import signal
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, event, select, update

from catalog import audit
from catalog.audit import ChainedAct, acts_between, hash_of
from catalog.audit_archive.archives import archived_through, archives
from catalog.audit_archive.archiving import ArchivedMonths, BrokenChain, archive_audit_log
from catalog.audit_archive.proof import AuditProof, prove
from catalog.audit_archive.reading import acts_of_subjects, every_act, old_acts
from catalog.audit_archive.still_asked import FILE_RECEIVED
from catalog.audit_archive.wanted import WantedActs
from catalog.audit_heads import keep_head
from catalog.backup.backups import back_up, choose, restore
from catalog.backup.move import move_objects, move_rows
from catalog.calendar import month_of
from catalog.database import Catalog, open_catalog
from catalog.store import ObjectStore, open_store
from catalog.tables import AuditEvent, AuditHead
from tests.waiting import PATIENCE_SECONDS

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
MONTHS = 16
"""Of acts before NOW: with twelve kept, those of July, August, September and October 2025 are old enough."""
OLD = ("2025-07", "2025-08", "2025-09", "2025-10")


@pytest.fixture
def store(tmp_path: Path) -> ObjectStore:
    return open_store((tmp_path / "store").as_uri())


@pytest.fixture
def log(catalog_url: str) -> Iterator[Catalog]:
    """Acts of sixteen months, ten of them each: a file received, the others about its clip."""
    catalog = open_catalog(catalog_url)
    for months_ago in reversed(range(MONTHS + 1)):
        month = NOW - timedelta(days=30.4 * months_ago)
        with catalog.writing() as session:
            for number in range(10):
                audit.record(
                    session,
                    at=month + timedelta(minutes=number),
                    actor=f"person-{number % 3}",
                    action="clip.kept" if number else FILE_RECEIVED,
                    subject=("clip" if number else "upload", f"clip-{months_ago}-{number}"),
                    detail={"ఊరు": number, "share": 0.1 * number, "list": [None, True]},
                )
    yield catalog
    catalog.close()


def archived(catalog: Catalog, store: ObjectStore, scratch: Path, *, most: int = 100) -> ArchivedMonths:
    return archive_audit_log(
        catalog, store, keep_months=12, actor="test", now=NOW, scratch=scratch, most=most
    )


def proof(catalog: Catalog, store: ObjectStore) -> AuditProof:
    with catalog.reading() as session:
        return prove(session, store)


def in_table(catalog: Catalog) -> Sequence[ChainedAct]:
    with catalog.reading() as session:
        return list(acts_between(session, after=0, through=2**31 - 1))


def everything(catalog: Catalog, store: ObjectStore) -> list[tuple[int, str, str]]:
    with catalog.reading() as session:
        acts = every_act(session, store, WantedActs())
        return [
            (act.id, act.content.action, act.content.subject_id)
            for act in acts
            if act.content.action != "audit.archived"
        ]


def test_months_older_than_a_year_lie_in_the_store_and_the_chain_goes_through(
    log: Catalog, store: ObjectStore, tmp_path: Path
) -> None:
    before = in_table(log)

    done = archived(log, store, tmp_path)

    old = [act for act in before if month_of(act.content.at) in OLD]
    received = sum(act.content.action == FILE_RECEIVED for act in old)
    assert done == ArchivedMonths(OLD, len(old), len(old) - received)
    assert len(in_table(log)) == len(before) - done.removed + len(OLD)  # each move is an act itself
    assert proof(log, store) == AuditProof(len(before) + len(OLD), len(old), 0, None)


def test_every_act_is_found_once_in_its_order_wherever_it_lies(
    log: Catalog, store: ObjectStore, tmp_path: Path
) -> None:
    before = everything(log, store)

    archived(log, store, tmp_path)

    assert everything(log, store) == before


def test_a_second_run_moves_nothing_and_a_run_takes_as_many_months_as_it_may(
    log: Catalog, store: ObjectStore, tmp_path: Path
) -> None:
    assert archived(log, store, tmp_path, most=1).months == OLD[:1]
    assert archived(log, store, tmp_path, most=2).months == OLD[1:3]
    assert archived(log, store, tmp_path).months == OLD[3:]
    assert archived(log, store, tmp_path) == ArchivedMonths((), 0, 0)


def test_the_newest_act_stays_in_the_table_however_old_it_is(
    log: Catalog, store: ObjectStore, tmp_path: Path
) -> None:
    later = NOW + timedelta(days=3000)
    archive_audit_log(log, store, keep_months=12, actor="test", now=later, scratch=tmp_path, most=100)
    last = max(act.id for act in in_table(log))

    with log.writing() as session:
        audit.record(session, at=later, actor="asha", action="clip.kept", subject=("clip", "clip-new"))

    assert max(act.id for act in in_table(log)) > last
    assert proof(log, store).broken is None


@pytest.fixture(scope="module")
def empty_catalog(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("empty") / "boli.sqlite"
    open_catalog(f"sqlite:///{path}").close()
    return path


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    days=st.lists(st.integers(0, 900), min_size=2, max_size=40),
    keep=st.integers(1, 20),
    most=st.integers(1, 4),
)
def test_whatever_clocks_said_no_act_is_lost_or_doubled(
    tmp_path_factory: pytest.TempPathFactory, empty_catalog: Path, days: list[int], keep: int, most: int
) -> None:
    folder = tmp_path_factory.mktemp("clocks")
    shutil.copyfile(empty_catalog, folder / "boli.sqlite")
    catalog = open_catalog(f"sqlite:///{folder / 'boli.sqlite'}")
    store = open_store((folder / "store").as_uri())
    for number, ago in enumerate(days):
        with catalog.writing() as session:
            at = NOW - timedelta(days=ago)
            audit.record(session, at=at, actor="a", action="clip.kept", subject=("clip", f"clip-{number}"))
    before = everything(catalog, store)

    for _ in range(3):
        archive_audit_log(catalog, store, keep_months=keep, actor="t", now=NOW, scratch=folder, most=most)

    assert everything(catalog, store) == before
    assert proof(catalog, store).broken is None
    with catalog.reading() as session:
        months = [each.month for each in archives(session)]
        assert months == sorted(set(months))
        oldest = max((each.latest for each in archives(session)), default=NOW - timedelta(days=901))
    assert oldest < NOW - timedelta(days=30 * keep - 1)
    catalog.close()


KILLS = (
    "INSERT INTO audit_archive",
    "DELETE FROM audit_event",
    "UPDATE audit_archive",
    "COMMIT",
    "the store",
)


@pytest.mark.parametrize("at", KILLS)
def test_killed_between_any_two_steps_the_next_run_comes_to_the_same_end(
    log: Catalog, catalog_url: str, store: ObjectStore, tmp_path: Path, at: str
) -> None:
    before = everything(log, store)
    child = multiprocessing.get_context("spawn").Process(
        target=_archive_and_die, args=(catalog_url, store.url, str(tmp_path), at)
    )
    child.start()
    child.join(timeout=PATIENCE_SECONDS)
    assert child.exitcode == -signal.SIGKILL
    assert everything(log, store) == before
    assert proof(log, store).broken is None

    archived(log, store, tmp_path)

    assert everything(log, store) == before
    assert proof(log, store).broken is None
    with log.reading() as session:
        assert tuple(each.month for each in archives(session)) == OLD
        assert all(each.trimmed_at is not None for each in archives(session))
        done = session.scalars(select(AuditEvent.subject_id).where(AuditEvent.action == "audit.archived"))
        assert sorted(done) == list(OLD)
    assert len(list(store.list("audit/archive/"))) == len(OLD)


def _archive_and_die(catalog_url: str, store_url: str, scratch: str, at: str) -> None:
    """kill -9 as soon as a statement of that beginning was done, or a file lies in the store."""
    catalog, store = open_catalog(catalog_url), open_store(store_url)

    def die(*_: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    if at == "COMMIT":  # of the month's row
        event.listen(catalog.engine, "commit", lambda _: die() if noted else None)
    noted: list[bool] = []

    def look(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if at == "the store" and statement.startswith("INSERT INTO audit_archive"):
            die()
        if statement.startswith(at):
            die()

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("INSERT INTO audit_archive"):
            noted.append(True)

    event.listen(
        catalog.engine, "before_cursor_execute" if at == "the store" else "after_cursor_execute", look
    )
    event.listen(catalog.engine, "after_cursor_execute", note)
    archived(catalog, store, Path(scratch))


def test_a_changed_row_is_not_moved(log: Catalog, store: ObjectStore, tmp_path: Path) -> None:
    with log.writing() as session:
        session.execute(update(AuditEvent).where(AuditEvent.id == 3).values(actor="nobody"))

    with pytest.raises(BrokenChain, match="act 3 of the audit log"):
        archived(log, store, tmp_path)

    assert list(store.list("audit/archive/")) == []


def _key(catalog: Catalog, number: int) -> str:
    with catalog.reading() as session:
        return archives(session)[number].key


def test_an_archive_that_is_gone_or_another_is_named(
    log: Catalog, store: ObjectStore, tmp_path: Path
) -> None:
    archived(log, store, tmp_path)
    store.fetch(_key(log, 1), tmp_path / "another.parquet")
    store.delete(_key(log, 1))
    assert "the acts of 2025-08 can't be read" in str(proof(log, store).broken)

    data = bytearray((tmp_path / "another.parquet").read_bytes())
    data[len(data) // 3] ^= 1
    store.put_bytes(_key(log, 1), bytes(data))
    assert proof(log, store).broken is not None


@pytest.mark.parametrize("what", ["taken out", "changed", "put in"])
def test_a_row_that_stays_beside_the_archive_is_held_against_it(
    log: Catalog, store: ObjectStore, tmp_path: Path, what: str
) -> None:
    archived(log, store, tmp_path)
    with log.writing() as session:
        kept = session.get_one(AuditEvent, 1)
        match what:
            case "taken out":
                session.execute(delete(AuditEvent).where(AuditEvent.id == kept.id))
            case "changed":
                session.execute(update(AuditEvent).where(AuditEvent.id == kept.id).values(subject_id="other"))
            case _:
                copy = {name: getattr(kept, name) for name in AuditEvent.__table__.columns.keys()}  # noqa: SIM118  (columns, and not their names)
                session.add(AuditEvent(**{**copy, "id": 2, "action": FILE_RECEIVED}))

    broken = str(proof(log, store).broken)

    expected = {"taken out": "act 1, which stays", "changed": "act 1 is not", "put in": "act 2 is not"}
    assert expected[what] in broken


def test_an_archived_month_that_was_written_anew_does_not_fit_the_head_in_the_store(
    log: Catalog, store: ObjectStore, tmp_path: Path
) -> None:
    """Whoever owns the database forges it all before it is archived: the head of a day before is in the store."""
    assert keep_head(log, store, NOW)
    with log.writing() as session:
        last = audit.BEGINNING
        for each in session.scalars(select(AuditEvent).order_by(AuditEvent.id)):
            each.actor, each.previous = "nobody", last
            content = audit.ActContent(
                each.at, "nobody", each.action, each.subject_kind, each.subject_id, each.detail
            )
            each.hash = last = hash_of(last, content)
        session.get_one(AuditHead, 1).hash = last
    archived(log, store, tmp_path)

    assert "is not the one that the store knows of" in str(proof(log, store).broken)


def test_old_acts_are_found_by_person_kind_subject_and_time_page_by_page(
    log: Catalog, store: ObjectStore, tmp_path: Path
) -> None:
    before = everything(log, store)
    archived(log, store, tmp_path)
    with log.reading() as session:
        through = archived_through(session)
        seen: list[int] = []
        cursor: int | None = None
        while True:
            page = old_acts(session, store, WantedActs(), before=cursor, most=7)
            seen += [act.id for act in page.acts]
            cursor = page.reached
            if cursor is None:
                break
        assert seen == [each for each, *_ in reversed(before) if each <= through]

        of_one = old_acts(
            session, store, WantedActs(person="person-2", action="clip.kept"), before=None, most=99
        )
        assert {act.content.actor for act in of_one.acts} == {"person-2"} and len(of_one.acts) == 3 * len(OLD)
        none = old_acts(session, store, WantedActs(begin=NOW), before=None, most=9)
        assert none.acts == [] and none.reached is None
        (one,) = acts_of_subjects(session, store, ["clip-15-4"])
        assert one.content.detail == {"ఊరు": 4, "share": 0.1 * 4, "list": [None, True]}


def test_a_question_that_finds_little_ends_and_says_where_to_go_on(
    log: Catalog, store: ObjectStore, tmp_path: Path
) -> None:
    archived(log, store, tmp_path)
    with log.reading() as session:
        asked = WantedActs(subjects=frozenset({"clip-16-4"}))
        first = old_acts(session, store, asked, before=None, most=5, groups=3)
        assert (list(first.acts), first.at is not None) == ([], True)

        second = old_acts(session, store, asked, before=first.reached, most=5, groups=3)

    assert [act.content.subject_id for act in second.acts] == ["clip-16-4"] and second.reached is None


def test_an_archive_says_its_own_links_and_is_read_by_any_reader_of_parquet(
    log: Catalog, store: ObjectStore, tmp_path: Path
) -> None:
    import pyarrow.parquet as pq

    archived(log, store, tmp_path)

    with log.reading() as session:
        first, second, *_ = archives(session)
    store.fetch(second.key, tmp_path / "second.parquet")
    table = pq.read_table(tmp_path / "second.parquet")
    said = table.schema.metadata or pq.read_metadata(tmp_path / "second.parquet").metadata
    assert said[b"previous"].decode() == first.hash and said[b"hash"].decode() == second.hash
    assert table.num_rows == second.acts and json.loads(table["detail"][3].as_py())["ఊరు"] == 3


def test_backup_restore_and_move_carry_the_archives(log: Catalog, store: ObjectStore, tmp_path: Path) -> None:
    archived(log, store, tmp_path)
    before = everything(log, store)
    target = open_store((tmp_path / "backup").as_uri())
    back_up(log, store, target, now=NOW, keep=timedelta(days=30), scratch=tmp_path)

    there = open_catalog(f"sqlite:///{tmp_path / 'restored.sqlite'}")
    other = open_store((tmp_path / "restored").as_uri())
    restore(target, choose(target, None), there, other, scratch=tmp_path)
    assert everything(there, other) == before and proof(there, other).broken is None

    moved = open_catalog(f"sqlite:///{tmp_path / 'moved.sqlite'}")
    last = open_store((tmp_path / "moved").as_uri())
    move_objects(other, last, scratch=tmp_path)
    move_rows(there, moved, scratch=tmp_path)
    with moved.writing() as session:
        audit.record(session, at=NOW, actor="asha", action="clip.kept", subject=("clip", "clip-after"))
    assert everything(moved, last)[:-1] == before and proof(moved, last).broken is None
    there.close()
    moved.close()
