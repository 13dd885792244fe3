"""The chain of the audit log: whole whoever writes at once, and broken by whatever is done to it afterwards."""

import multiprocessing
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, delete, insert, make_url, select, text, update

from catalog import audit
from catalog.audit import BEGINNING, ActContent, hash_of
from catalog.audit_archive.proof import AuditProof, prove
from catalog.audit_heads import keep_head
from catalog.database import Catalog, migrate, open_catalog
from catalog.store import ObjectStore, open_store
from catalog.tables import AuditEvent, AuditHead
from tests.catalog.test_migrations import _upgrade
from tests.waiting import PATIENCE_SECONDS

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> ObjectStore:
    return open_store((tmp_path / "store").as_uri())


@pytest.fixture
def log(catalog_url: str) -> Iterator[Catalog]:
    """Six acts in it, two in each transaction."""
    catalog = open_catalog(catalog_url)
    for number in range(3):
        act(catalog, 2 * number, 2)
    yield catalog
    catalog.close()


def act(catalog: Catalog, first: int, count: int = 1, actor: str = "asha") -> None:
    with catalog.writing() as session:
        for number in range(first, first + count):
            audit.record(
                session,
                at=NOON + timedelta(minutes=number),
                actor=actor,
                action="clip.kept",
                subject=("clip", f"clip-{number}"),
                detail={"ఊరు": number, "share": 0.1 * number, "list": [None, True]},
            )


def proof(catalog: Catalog, store: ObjectStore) -> AuditProof:
    with catalog.reading() as session:
        return prove(session, store)


def content_of(event: AuditEvent) -> ActContent:
    return ActContent(event.at, event.actor, event.action, event.subject_kind, event.subject_id, event.detail)


def ids(catalog: Catalog) -> list[int]:
    with catalog.reading() as session:
        return list(session.scalars(select(AuditEvent.id).order_by(AuditEvent.id)))


def test_acts_of_one_and_of_several_transactions_fit_together(log: Catalog, store: ObjectStore) -> None:
    assert proof(log, store) == AuditProof(events=6, archived=0, heads=0, broken=None)


def test_an_empty_log_fits(catalog_url: str, store: ObjectStore) -> None:
    catalog = open_catalog(catalog_url)
    assert proof(catalog, store) == AuditProof(events=0, archived=0, heads=0, broken=None)
    assert not keep_head(catalog, store, NOON)
    catalog.close()


@pytest.mark.parametrize(
    "change",
    [
        {"actor": "bina"},
        {"action": "clip.dropped"},
        {"subject_id": "clip-9"},
        {"at": NOON - timedelta(days=1)},
        {"detail": {"share": 0.3}},
    ],
)
def test_a_changed_act_is_named(log: Catalog, store: ObjectStore, change: dict[str, object]) -> None:
    third = ids(log)[2]
    with log.writing() as session:
        session.execute(update(AuditEvent).where(AuditEvent.id == third).values(**change))

    assert proof(log, store).broken == f"act {third} is not what was written down"


def test_an_act_that_was_taken_out_shows_at_the_next_one(log: Catalog, store: ObjectStore) -> None:
    third, fourth = ids(log)[2:4]
    with log.writing() as session:
        session.execute(delete(AuditEvent).where(AuditEvent.id == third))

    assert str(proof(log, store).broken).startswith(f"act {fourth}: acts before it were taken out")


def test_an_act_that_was_put_in_shows(log: Catalog, store: ObjectStore) -> None:
    last = ids(log)[-1]
    with log.writing() as session:
        forged = AuditEvent(
            id=last + 1, at=NOON, actor="x", action="y", subject_kind="z", subject_id="z", detail={}
        )
        forged.previous = session.get_one(AuditEvent, last).hash
        forged.hash = hash_of(forged.previous, content_of(forged))
        row = {column.key: getattr(forged, column.key) for column in AuditEvent.__table__.columns}
        session.execute(insert(AuditEvent).values(**row))
        if log.is_postgresql:
            session.execute(text("SELECT nextval('audit_event_id_seq')"))

    act(log, 7)

    assert "was put in" in str(proof(log, store).broken)


def test_a_log_whose_end_was_cut_off_shows(log: Catalog, store: ObjectStore) -> None:
    with log.writing() as session:
        session.execute(delete(AuditEvent).where(AuditEvent.id > ids(log)[3]))

    assert "6 acts up to" in str(proof(log, store).broken)


def test_a_chain_that_was_written_anew_does_not_fit_the_head_in_the_store(
    log: Catalog, store: ObjectStore
) -> None:
    assert keep_head(log, store, NOON)
    with log.writing() as session:
        last = BEGINNING
        for event in session.scalars(select(AuditEvent).order_by(AuditEvent.id)):
            event.actor = "nobody"
            event.previous = last
            event.hash = last = hash_of(last, content_of(event))
        session.get_one(AuditHead, 1).hash = last

    assert str(proof(log, store).broken).endswith("the store knows of 2026-11-22")


def test_a_day_has_one_head_and_later_ones_are_held_against_the_log_too(
    log: Catalog, store: ObjectStore
) -> None:
    assert keep_head(log, store, NOON)
    act(log, 7)
    assert not keep_head(log, store, NOON + timedelta(hours=3))
    assert keep_head(log, store, NOON + timedelta(days=1))

    assert proof(log, store) == AuditProof(events=7, archived=0, heads=2, broken=None)


def test_an_act_of_a_transaction_that_failed_is_not_in_the_log(log: Catalog, store: ObjectStore) -> None:
    with pytest.raises(ZeroDivisionError), log.writing() as session:
        audit.record(session, at=NOON, actor="a", action="b", subject=("c", "d"))
        _ = 1 / 0

    act(log, 9)

    assert proof(log, store) == AuditProof(events=7, archived=0, heads=0, broken=None)


def test_writers_in_four_processes_make_one_chain(log: Catalog, catalog_url: str, store: ObjectStore) -> None:
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write, args=(catalog_url, str(number))) for number in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(timeout=PATIENCE_SECONDS)

    assert [writer.exitcode for writer in writers] == [0, 0, 0, 0]
    assert proof(log, store) == AuditProof(events=6 + 4 * 20 * 2, archived=0, heads=0, broken=None)


def _write(url: str, name: str) -> None:
    catalog = open_catalog(url)
    for number in range(20):
        act(catalog, number, 2, actor=name)
    catalog.close()


def test_the_acts_of_before_get_their_chain_when_the_tables_are_brought_up_to_date(
    catalog_url: str, store: ObjectStore
) -> None:
    catalog = Catalog(create_engine(make_url(catalog_url)))
    _upgrade(catalog, "0001")
    with catalog.engine.begin() as connection:
        for number in range(5):
            connection.execute(
                text(
                    "INSERT INTO audit_event (at, actor, action, subject_kind, subject_id, detail) "
                    "VALUES (:at, 'asha', 'clip.kept', 'clip', :clip, :detail)"
                ),
                {
                    "at": NOON + timedelta(microseconds=number),
                    "clip": f"clip-{number}",
                    "detail": '{"b": 0.30000000000000004, "a": "ఊరు"}',
                },
            )
    migrate(catalog)
    catalog.close()
    catalog = open_catalog(catalog_url)
    act(catalog, 9)

    assert proof(catalog, store) == AuditProof(events=6, archived=0, heads=0, broken=None)
    catalog.close()
