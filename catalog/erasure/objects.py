"""The log of erased objects: each version is written down before it is destroyed: a crash leaves none unsaid."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Literal, TypeVar

from sqlalchemy import update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from catalog.database import Catalog
from catalog.store import ObjectStore, StoredVersion
from catalog.tables import ErasedObject

PAGE = 1000
"""Objects that are listed, written down and destroyed at once."""
Kind = Literal["original", "upload", "partial upload", "rendition", "evidence", "aligner"]
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose objects they are. sha256, audio_sha256: of the original or upload, where known"""

    kind: Kind
    id: str
    sha256: str | None = None
    audio_sha256: str | None = None


def versions_of(store: ObjectStore, key: str) -> list[StoredVersion]:
    """Of one object alone, and not of those whose keys begin like its own."""
    return [each for each in store.versions(key) if each.key == key]


def erase_versions(
    catalog: Catalog,
    store: ObjectStore,
    erasure_id: str,
    found: Sequence[tuple[Subject, StoredVersion]],
) -> int:
    """Write down and destroy. `note_erased` says later, with its rows, that a subject is gone."""
    if found:
        with catalog.writing() as session:
            write_down(session, erasure_id, found)
        store.erase([version for _, version in found])
    return len(found)


def write_down(session: Session, erasure_id: str, found: Iterable[tuple[Subject, StoredVersion]]) -> None:
    """Into the log, as found; what stands there already stays."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    rows = [
        {
            "erasure_id": erasure_id,
            "key": version.key,
            "version": version.version,
            "kind": subject.kind,
            "subject_id": subject.id,
            "size": version.size,
            "sha256": subject.sha256,
            "audio_sha256": subject.audio_sha256,
        }
        for subject, version in found
    ]
    if rows:
        session.execute(insert(ErasedObject).on_conflict_do_nothing(), rows)


def note_erased(session: Session, erasure_id: str, subject_id: str, *, at: datetime) -> None:
    """The objects of a subject are gone from the store."""
    session.execute(
        update(ErasedObject)
        .where(
            ErasedObject.erasure_id == erasure_id,
            ErasedObject.subject_id == subject_id,
            ErasedObject.erased_at.is_(None),
        )
        .values(erased_at=at),
        execution_options={"synchronize_session": False},
    )


def pages(items: Iterable[Item], size: int = PAGE) -> Iterator[list[Item]]:
    """
    >>> list(pages("abcde", 2))
    [['a', 'b'], ['c', 'd'], ['e']]
    """
    left = iter(items)
    while page := list(islice(left, size)):
        yield page
