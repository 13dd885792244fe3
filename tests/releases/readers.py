"""People of ML teams in tests: taken on, with a copy of a version, and what was written to them."""

from sqlalchemy import select

from catalog.states import Role
from catalog.tables import DownloaderMessage
from releases.downloads import note_download
from releases.release_rows import release_id
from tests.releases.conftest import Archive
from transcription.people import add_person, set_contact


def reader(archive: Archive, handle: str, email: str = "", language: str | None = None) -> str:
    with archive.catalog.writing() as session:
        person = add_person(
            session,
            handle,
            project="demo",
            roles=[Role.ML_READER],
            languages=[],
            by="test",
            now=archive.now,
        ).id
        if email:
            set_contact(session, person, email=email, language=language, by="test", now=archive.now)
    return person


def download(archive: Archive, person: str, version: str = "1.0.0", size: int = 100) -> None:
    with archive.catalog.writing() as session:
        note_download(session, person, release_id("tiny", version), size=size, at=archive.later())


def messages(archive: Archive) -> list[DownloaderMessage]:
    with archive.catalog.reading() as session:
        return list(session.scalars(select(DownloaderMessage).order_by(DownloaderMessage.made_at)))
