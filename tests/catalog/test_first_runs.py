"""Processes that open a fresh catalogue at the same moment: every one of them succeeds."""

import hashlib
import multiprocessing
from multiprocessing.synchronize import Barrier as BarrierType
from pathlib import Path

from sqlalchemy import func, select

from catalog.database import open_catalog
from catalog.receiving import ArrivingFile, receive, register_project
from catalog.speakers import SpeakerFacts
from catalog.store import open_store
from catalog.tables import LanguageRow, ProjectRow, Speaker, Upload
from tests.catalog.conftest import NOON
from tests.waiting import PATIENCE_SECONDS

PROCESSES = 4


def test_processes_that_open_an_empty_database_at_once_all_find_its_tables_and_write(
    catalog_url: str, tmp_path: Path
) -> None:
    context = multiprocessing.get_context("spawn")
    together = context.Barrier(PROCESSES)
    sound = tmp_path / "a.mp3"
    sound.write_bytes(b"sound")
    arguments = (catalog_url, f"file://{tmp_path / 'store'}", str(sound), together)

    runs = [context.Process(target=_first_run, args=arguments) for _ in range(PROCESSES)]
    for run in runs:
        run.start()
    for run in runs:
        run.join(timeout=PATIENCE_SECONDS)

    assert [run.exitcode for run in runs] == [0] * PROCESSES
    catalog = open_catalog(catalog_url)
    with catalog.reading() as session:
        counts = [
            session.scalar(select(func.count()).select_from(table)) for table in (ProjectRow, Speaker, Upload)
        ]
        assert counts == [1, 1, 1]
        assert set(session.scalars(select(LanguageRow.code))) == {"te", "kn"}
    catalog.close()


def _first_run(url: str, store_url: str, sound: str, together: BarrierType) -> None:
    """As `boli run` begins on a fresh home."""
    together.wait(60)
    catalog = open_catalog(url)
    store = open_store(store_url)
    together.wait(60)
    catalog.write(
        lambda session: register_project(
            session, project_id="demo", title="Demo", languages={"te": "Telugu", "kn": "Kannada"}, at=NOON
        )
    )
    together.wait(60)
    path = Path(sound)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    arriving = ArrivingFile("a.mp3", 5, digest, "te", SpeakerFacts("te-01"))
    receive(catalog, store, project_id="demo", arriving=arriving, path=path, sender="test", at=NOON)
    catalog.close()
