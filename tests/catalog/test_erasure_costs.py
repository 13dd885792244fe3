"""What an erasure asks of the database costs what the voice has given, whatever else is there."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from catalog.database import Catalog
from catalog.erasure.recordings import AT_ONCE
from catalog.keys import clip_key, recording_key
from catalog.states import RecordingState, UploadState
from catalog.store import ObjectStore
from catalog.tables import Recording, RecordingSpeaker, Upload
from tests.catalog.conftest import NOON
from tests.catalog.test_consent import say_no, say_yes
from tests.catalog.test_erasure import erase, second_speaker_id, send, store, talk

__all__ = ["second_speaker_id", "send", "store", "talk"]
LARGE = (
    "upload",
    "recording",
    "recording_speaker",
    "clip",
    "task",
    "slot",
    "submission",
    "transcript",
    "erased_object",
)
"""Tables that grow with what comes in."""


@pytest.fixture
def catalog_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """SQLite tells its plan without rows; the other database has the same indexes."""
    return f"sqlite:///{tmp_path_factory.mktemp('plans') / 'boli.sqlite'}"


def test_no_statement_of_an_erasure_reads_a_whole_table_of_what_came_in(
    catalog: Catalog, store: ObjectStore, talk: str, speaker_id: str
) -> None:
    say_no(catalog, speaker_id)

    with statements(catalog) as asked:
        erase(catalog, store)

    steps = {step for statement in asked for step in plan(catalog, statement)}
    assert not {step for step in steps if step.startswith(tuple(f"SCAN {table}" for table in LARGE))}
    subjects = "erased_object USING INDEX ix_erased_object_subject (erasure_id=? AND subject_id=?)"
    assert f"SEARCH {subjects}" in steps


def test_a_recording_more_costs_statements_and_no_flush_of_its_own(
    catalog: Catalog, store: ObjectStore, speaker_id: str
) -> None:
    """On a small machine the disk's flushes are what an erasure waits for."""
    say_yes(catalog, speaker_id)
    for number in range(AT_ONCE):
        add_recording(catalog, store, speaker_id, number)
    say_no(catalog, speaker_id)

    with commits(catalog) as made:
        erase(catalog, store)

    assert list(store.list()) == [] and len(made) < 3 * AT_ONCE


def add_recording(catalog: Catalog, store: ObjectStore, speaker_id: str, number: int) -> None:
    """As ingest and segment leave it, with one rendition of a clip."""
    recording, sha256 = f"recording-{number}", f"{number:064x}"
    known = {"project_id": "telangana", "language": "te"}
    with catalog.writing() as session:
        session.add(
            Upload(
                id=f"upload-{number}",
                name=f"{number}.wav",
                sha256=sha256,
                size=5,
                receipt="AAA-AAA",
                speaker_id=speaker_id,
                state=UploadState.INGESTED,
                recording_id=recording,
                received_at=NOON,
                **known,
            )
        )
        session.flush()
        session.add(
            Recording(
                id=recording,
                upload_id=f"upload-{number}",
                sha256=sha256,
                audio_sha256=sha256,
                key=recording_key(sha256, "wav"),
                codec="pcm_s16le",
                sample_rate=16_000,
                channels=1,
                samples=16_000,
                state=RecordingState.ACCEPTED,
                findings=[],
                created_at=NOON,
                **known,
            )
        )
        session.flush()
        session.add(RecordingSpeaker(recording_id=recording, speaker_id=speaker_id))
    store.put_bytes(recording_key(sha256, "wav"), b"voice")
    store.put_bytes(clip_key(recording, "clip-1"), b"voice")


@contextmanager
def commits(catalog: Catalog) -> Iterator[list[object]]:
    made: list[object] = []

    def note(connection: object) -> None:
        made.append(connection)

    event.listen(catalog.engine, "commit", note)
    yield made
    event.remove(catalog.engine, "commit", note)


@contextmanager
def statements(catalog: Catalog) -> Iterator[set[str]]:
    asked: set[str] = set()

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith(("SELECT", "UPDATE", "DELETE", "INSERT")):
            asked.add(statement)

    event.listen(catalog.engine, "before_cursor_execute", note)
    yield asked
    event.remove(catalog.engine, "before_cursor_execute", note)


def plan(catalog: Catalog, statement: str) -> list[str]:
    with catalog.engine.connect() as connection:
        blanks = (None,) * statement.count("?")
        return [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", blanks)]
