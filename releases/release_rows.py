"""The rows of a version in the catalogue: noted before its first part is written, finished after its commit."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from sqlalchemy import Select, delete, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from catalog import audit
from catalog.consent import ConsentScope, Purpose, agreed_to_less_since, consented
from catalog.database import Catalog
from catalog.ids import content_id
from catalog.reports import is_withheld
from catalog.states import ClipState, ReleaseState, moved
from catalog.tables import Clip, Release, ReleaseItem, Review, Transcript
from releases.marks import Mark
from releases.parts import PartRows
from releases.versions import Claim, Commit, part_path, sha256_of

AT_A_TIME = 1_000
"""Rows of a version that are written with one statement."""


def release_id(dataset: str, version: str) -> str:
    return content_id("release", dataset, version)


def known_versions(catalog: Catalog, dataset: str) -> dict[str, str]:
    """Every version the catalogue has a row of, with the hash of its selection."""
    with catalog.reading() as session:
        rows = session.execute(
            select(Release.version, Release.selection_sha256).where(Release.name == dataset)
        )
        return dict(rows.tuples().all())


def unfinished(catalog: Catalog, dataset: str) -> dict[str, tuple[str, datetime]]:
    """Versions that were begun and not finished: hash of the selection, and when they were begun."""
    with catalog.reading() as session:
        rows = session.execute(
            select(Release.version, Release.selection_sha256, Release.created_at).where(
                Release.name == dataset, Release.state == ReleaseState.BUILDING
            )
        )
        return {version: (digest, at) for version, digest, at in rows}


def note_building(
    catalog: Catalog,
    project_id: str,
    parts: Sequence[PartRows],
    claim: Claim | Commit,
    parent: str | None,
    purposes: Sequence[Purpose],
    *,
    now: datetime,
) -> bool:
    """Write down which clips are about to be published, so that a withdrawal finds them.

    Returns False where the version belongs to another selection.
    """
    identifier = release_id(claim.dataset, claim.version)
    try:
        with catalog.writing() as session:
            there = session.get(Release, identifier)
            if there is not None:
                return there.selection_sha256 == claim.selection_sha256
            session.add(
                Release(
                    id=identifier,
                    project_id=project_id,
                    name=claim.dataset,
                    version=claim.version,
                    parent=parent,
                    selection_sha256=claim.selection_sha256,
                    manifest_sha256=None,
                    state=ReleaseState.BUILDING,
                    clips=sum(len(part.rows) for part in parts),
                    seconds=sum(part.seconds for part in parts),
                    purposes=f" {' '.join(sorted(purposes))} ",
                    created_at=now,
                )
            )
            session.flush()
            items = _items(identifier, parts)
            while some := list(islice(items, AT_A_TIME)):
                session.execute(insert(ReleaseItem), some)
    except IntegrityError:  # another process has just written the same row
        return known_versions(catalog, claim.dataset).get(claim.version) == claim.selection_sha256
    return True


def note_published(catalog: Catalog, commit: Commit, *, actor: str, now: datetime) -> None:
    """The version is committed. Saying so again changes nothing."""
    identifier = release_id(commit.dataset, commit.version)
    with catalog.writing() as session:
        release = session.get_one(Release, identifier)
        if release.state is ReleaseState.BUILDING:
            release.state = moved(release.state, ReleaseState.PUBLISHED)
            release.manifest_sha256 = sha256_of(commit)
            release.bytes = sum(part.size for part in commit.parts) + sum(file.size for file in commit.files)
            audit.record(
                session,
                at=now,
                actor=actor,
                action="release.published",
                subject=("release", identifier),
                detail={"version": f"{commit.dataset}@{commit.version}", "clips": commit.clips},
            )


def note_mark(catalog: Catalog, mark: Mark, *, now: datetime) -> None:
    """A version was marked. A catalogue that doesn't know the version has nothing to note."""
    identifier = release_id(mark.dataset, mark.version)
    with catalog.writing() as session:
        release = session.get(Release, identifier)
        if release is None:
            return
        release.mark, release.mark_why = (None, None) if mark.kind == "in use" else (mark.kind, mark.why)
        audit.record(
            session,
            at=now,
            actor=mark.by,
            action="release.marked",
            subject=("release", identifier),
            detail={"version": f"{mark.dataset}@{mark.version}", "mark": mark.kind, "why": mark.why},
        )


def reasons_of_texts(catalog: Catalog, transcripts: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """By transcript, the codes with which a reviewer changed it; how it was decided where none were given."""
    found: dict[str, tuple[str, ...]] = {}
    with catalog.reading() as session:
        for start in range(0, len(transcripts), AT_A_TIME):
            rows = session.execute(
                select(Transcript.id, Transcript.origin, Review.reasons)
                .outerjoin(Review, Review.id == Transcript.review_id)
                .where(Transcript.id.in_(transcripts[start : start + AT_A_TIME]))
            )
            found.update({each: tuple(reasons or (origin,)) for each, origin, reasons in rows})
    return found


def forget(catalog: Catalog, dataset: str, version: str) -> None:
    """Take the row of a build that never became a version out of the catalogue."""
    identifier = release_id(dataset, version)
    with catalog.writing() as session:
        release = session.get(Release, identifier)
        if release is not None and release.state is ReleaseState.BUILDING:
            session.execute(delete(ReleaseItem).where(ReleaseItem.release_id == identifier))
            session.delete(release)


@dataclass(frozen=True, slots=True)
class WithdrawnRow:
    """A row that is to leave a version. speaker: the pseudonym it was published under"""

    clip: str
    sha256: str
    speaker: str


def withdrawn_rows(session: Session, dataset: str, version: str) -> Iterator[WithdrawnRow]:
    """Rows still in that version that must leave it, by clip.

    Their voices don't all consent to publication, or to what the version is given out for; or their text is withheld.
    """
    query = _withdrawn(dataset, version).order_by(ReleaseItem.clip_id)
    rows = session.execute(query, execution_options={"yield_per": AT_A_TIME})
    return (WithdrawnRow(*row) for row in rows)


def holds_withdrawn(session: Session, dataset: str, version: str) -> bool:
    """Whether there is any such row."""
    return session.execute(_withdrawn(dataset, version).limit(1)).first() is not None


def _withdrawn(dataset: str, version: str) -> Select[tuple[str, str, str]]:
    return (
        select(ReleaseItem.clip_id, ReleaseItem.row_sha256, ReleaseItem.speaker)
        .join(Clip, Clip.id == ReleaseItem.clip_id)
        .join(Release, Release.id == ReleaseItem.release_id)
        .where(
            ReleaseItem.release_id == release_id(dataset, version),
            ReleaseItem.erased_at.is_(None),
            (Clip.state == ClipState.WITHDRAWN)
            | ~consented(Clip.recording_id, ConsentScope.PUBLICATION)
            | agreed_to_less_since(Clip.recording_id, Release.purposes)
            | is_withheld(ReleaseItem.transcript_id),
        )
    )


def withheld_rows(session: Session, dataset: str, clips: Sequence[str]) -> frozenset[str]:
    """Hashes of a dataset's rows of these clips that it may not give out, whatever their voices say to publication.

    Their text is withheld by now, or a voice has agreed to less since.
    """
    found: set[str] = set()
    for start in range(0, len(clips), 500):
        found.update(
            session.scalars(
                select(ReleaseItem.row_sha256)
                .join(Clip, Clip.id == ReleaseItem.clip_id)
                .join(Release, Release.id == ReleaseItem.release_id)
                .where(
                    ReleaseItem.clip_id.in_(clips[start : start + 500]),
                    Release.name == dataset,
                    agreed_to_less_since(Clip.recording_id, Release.purposes)
                    | is_withheld(ReleaseItem.transcript_id),
                )
            )
        )
    return frozenset(found)


def _items(identifier: str, parts: Sequence[PartRows]) -> Iterator[dict[str, object]]:
    for part in parts:
        path = part_path(part.split, part.sha256)
        for row in part.rows:
            yield {
                "release_id": identifier,
                "clip_id": row.id,
                "transcript_id": row.transcript_id,
                "speaker": row.speaker,
                "split": part.split,
                "shard": path,
                "row_sha256": row.sha256,
                "erased_at": None,
            }
