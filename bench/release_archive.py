"""An hour of made sound and more, in a catalogue and a store, for what measures versions."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import update

from catalog.database import open_catalog
from catalog.store import ObjectStore, open_store
from catalog.tables import Transcript
from tests.releases.conftest import Archive

PART_SECONDS = 180.0
CLIPS, SECONDS = 12, 5.0
RECORDINGS = 60  # an hour
NIGHTS = 30  # in which its last tenth comes
FIRST_DAY = datetime(2026, 9, 1, 12, tzinfo=UTC)


@contextmanager
def archive_at(folder: Path, store: ObjectStore | None = None) -> Iterator[Archive]:
    catalog = open_catalog(f"sqlite:///{folder / 'boli.sqlite'}")
    try:
        yield Archive(catalog, store or open_store((folder / "store").as_uri()), folder / "scratch")
    finally:
        catalog.close()


def record(archive: Archive, count: int, *, day: int, speakers: int = 20) -> list[str]:
    """So many recordings, whose texts are accepted on that day of the collection."""
    clips: list[str] = []
    for number in range(count):
        clips += archive.add_recording(
            f"te-{(day * count + number) % speakers:02}", clips=CLIPS, seconds=SECONDS
        )
    accepted(archive, clips, day)
    return clips


def accepted(archive: Archive, clips: list[str], day: int) -> None:
    with archive.catalog.writing() as session:
        for start in range(0, len(clips), 500):
            session.execute(
                update(Transcript)
                .where(Transcript.clip_id.in_(clips[start : start + 500]))
                .values(accepted_at=FIRST_DAY + timedelta(days=day))
            )


def open_with_speakers(archive: Archive, speakers: int = 20) -> None:
    archive.open()
    for number in range(speakers):
        archive.add_speaker(f"te-{number:02}", gender="female" if number % 2 else "male")
