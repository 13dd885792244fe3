"""What a source held when it was last read: of ten million files a run reads only those that are new or changed."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from catalog.consent import arrival_round
from catalog.tables import SourceObject, Speaker, Upload
from flows.source import Listed, Source
from flows.steps.sidecar import FileNote
from flows.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Remembered:
    """A file that was taken in. note: a digest of what the lists said of it; sha256: of its bytes"""

    listed: Listed
    note: str
    upload_id: str
    sha256: str


@lru_cache(maxsize=4_096)
def note_digest(note: FileNote) -> str:
    """Of all that a list says of a file."""
    return hashlib.sha256(repr(note).encode()).hexdigest()


def recall(workspace: Workspace, source: Source, files: Sequence[Listed]) -> dict[str, Remembered]:
    """Those of `files` that are as they were, by name.

    A file whose speaker has said yes anew since is not among them: it belongs to the new yes, and is taken in again.
    """
    by_hash = {_hashed(each.name): each for each in files if each.stamp is not None}
    query = (
        select(
            SourceObject.name_sha256,
            SourceObject.size,
            SourceObject.stamp,
            SourceObject.note,
            SourceObject.upload_id,
            Upload.sha256,
            Upload.consent_round,
            Speaker,
        )
        .join(Upload, Upload.id == SourceObject.upload_id)
        .outerjoin(Speaker, Speaker.id == Upload.speaker_id)
        .where(
            SourceObject.project_id == workspace.project.name,
            SourceObject.source == source.address,
            SourceObject.name_sha256.in_(by_hash),
        )
    )
    found: dict[str, Remembered] = {}
    with workspace.catalog.reading() as session:
        for name, size, stamp, note, upload_id, sha256, consent_round, speaker in session.execute(query):
            listed = by_hash[name]
            same = (size, stamp) == (listed.size, listed.stamp)
            if same and (speaker is None or arrival_round(speaker) == consent_round):
                found[listed.name] = Remembered(listed, note, upload_id, sha256)
    return found


def remember(workspace: Workspace, source: Source, files: Iterable[Remembered]) -> None:
    """Keep what was taken in; a file that can't be distinguished from a changed one is read again by the next run."""
    rows = {
        _hashed(each.listed.name): {
            "project_id": workspace.project.name,
            "source": source.address,
            "name_sha256": _hashed(each.listed.name),
            "size": each.listed.size,
            "stamp": each.listed.stamp,
            "note": each.note,
            "upload_id": each.upload_id,
        }
        for each in files
        if each.listed.stamp is not None
    }
    if not rows:
        return

    def write(session: Session) -> None:
        session.query(SourceObject).where(
            SourceObject.project_id == workspace.project.name,
            SourceObject.source == source.address,
            SourceObject.name_sha256.in_(rows),
        ).delete(synchronize_session=False)
        session.execute(insert(SourceObject), list(rows.values()))

    workspace.catalog.write(write)


def _hashed(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()
