"""A worker beside others: it works with the run's catalogue and store or not at all, and accepts in turn."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from catalog.config.settings import Settings
from catalog.turns import Turn, take_turn
from flows.batch import ALIGN, INGEST, SEGMENT
from flows.identity import OtherWorkspace, identity_of, refuse_other
from flows.sources import FolderSource
from flows.steps.batches import Batch, UnknownBatch
from flows.steps.ingest import ingest_batch, waiting_uploads
from flows.steps.receive import receive_all
from flows.workspace import open_workspace
from tests.audio.sounds import encode, pcm
from tests.flows.test_ingest import voice  # noqa: F401  (a fixture)
from tests.waiting import until


def test_a_worker_with_the_same_catalogue_store_and_program_is_taken(settings):
    with open_workspace("demo", settings) as ours, open_workspace("demo", settings) as worker:
        refuse_other(worker, identity_of(ours))


def test_a_worker_is_refused_with_what_is_other_and_how_to_mend_it(settings, tmp_path):
    with open_workspace("demo", settings) as ours:
        expected = identity_of(ours)
        with pytest.raises(OtherWorkspace, match=r"another program or recipe .*\n.*version of Boli"):
            refuse_other(replace(ours, version="boli 0.1"), expected)
    elsewhere = settings.model_copy(update={"database_url": None, "home": tmp_path / "other"})
    with (
        open_workspace("demo", elsewhere) as worker,
        pytest.raises(OtherWorkspace, match=r"another catalogue .*\n.*BOLI_DATABASE_URL"),
    ):
        refuse_other(worker, expected)
    other_store = settings.model_copy(update={"store_url": (tmp_path / "other store").as_uri()})
    with (
        open_workspace("demo", other_store) as worker,
        pytest.raises(OtherWorkspace, match=r"another store .*\n.*BOLI_STORE_URL"),
    ):
        refuse_other(worker, expected)


@pytest.mark.parametrize("step", [INGEST, SEGMENT, ALIGN], ids=lambda step: step.name)
def test_a_batch_none_of_whose_ids_is_known_is_a_failure_and_no_success(workspace, step):
    with pytest.raises(UnknownBatch, match="the catalogue here holds none of them"):
        step.work(workspace, Batch("1 of 1", ("made-elsewhere",), 60.0), None)


@pytest.mark.slow
def test_of_two_copies_that_two_workers_look_at_in_the_same_moment_one_is_accepted(
    settings: Settings,
    postgres_url: str,
    coordinator,
    voice,  # noqa: F811
):
    there = settings.model_copy(update={"database_url": SecretStr(postgres_url)})
    coordinator.puts("a.wav", pcm(coordinator.folder / "x.wav", voice, 16_000))
    coordinator.puts("bb.mp3", encode(coordinator.folder / "x.mp3", voice, 16_000))
    for made in ("x.wav", "x.mp3"):
        (coordinator.folder / made).unlink()
    with open_workspace("demo", there) as one, open_workspace("demo", there) as two:
        receive_all(one, FolderSource(coordinator.folder.resolve()))
        ids = [each for batch in waiting_uploads(one) for each in batch.ids]
        first, second = (Batch("1 of 1", (each,), 60.0) for each in ids)
        with ThreadPoolExecutor(2) as pool:
            with one.catalog.writing() as session:
                take_turn(session, Turn.ACCEPTANCE)
                reports = [pool.submit(ingest_batch, one, first), pool.submit(ingest_batch, two, second)]
                until(lambda: _waiting_for_the_turn(two) == 2)  # both have looked, and found no copy
            done = [each.result() for each in reports]

    assert sum(report.accepted for report in done) == 1
    assert sum((report.rejected for report in done), ()) == ("near_duplicate",)


def _waiting_for_the_turn(workspace) -> int:
    with workspace.catalog.reading() as session:
        waiting = (
            "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database "
            "WHERE locktype = 'advisory' AND NOT granted AND datname = current_database()"
        )
        return int(session.execute(text(waiting)).scalar_one())
