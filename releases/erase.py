"""Taking withdrawn voices out of versions that are already published.

Versions never change, but for this. Of each version that holds a withdrawn clip the files are rewritten without
it, the old ones destroyed in the store (every version of the object), and a redaction beside the commit says what
was taken out and what the files are now, so that `verify` says redacted, and not corrupt.

Safe to stop and run again at any moment: new files are first put aside, then the redaction is created, then each
file takes its place.
"""

import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select, update

from catalog import audit
from catalog.database import Catalog
from catalog.states import ReleaseState, moved
from catalog.store import AlreadyExists, ObjectStore
from catalog.tables import Release, ReleaseItem
from releases.abandon import give_up
from releases.redact import redacted
from releases.release_rows import release_id, unfinished, withdrawn_clips
from releases.tombstones import Tombstone, bury
from releases.versions import (
    File,
    Redaction,
    Version,
    commits,
    dump,
    folder,
    read_version,
    redaction_key,
    redactions,
    root,
)


@dataclass(frozen=True, slots=True)
class Erased:
    """What one run took out: version and number of rows. given_up: versions that were never finished"""

    dataset: str
    rows: tuple[tuple[str, int], ...]
    given_up: tuple[str, ...]


class RedactionUnderWay(Exception):
    """Two erasures of one version at the same time."""


def erase(
    catalog: Catalog, store: ObjectStore, dataset: str, *, now: datetime, actor: str, scratch: Path
) -> Erased:
    """Take every clip whose voices no longer all consent out of every version of a dataset.

    Does nothing where nothing is to be taken out. Builds that hold such a clip and are not committed are given up.
    """
    given_up = tuple(_give_up_unfinished(catalog, store, dataset, now=now))
    done: list[tuple[str, int]] = []
    for commit in commits(store, dataset):
        version = Version(commit, redactions(store, dataset, commit.version))
        _finish(store, version)
        with catalog.reading() as session:
            clips = withdrawn_clips(session, dataset, commit.version)
        if not clips:
            continue
        before = version.redacted_rows
        stones = _tombstones(catalog, dataset, commit.version, clips, at=now)
        bury(store, dataset, stones)
        if not {stone.clip for stone in stones} <= version.redacted_clips:
            version = _redact(store, version, stones, at=now, scratch=scratch)
            _finish(store, version)
        _note(catalog, dataset, commit.version, clips, actor=actor, now=now)
        done.append((commit.version, version.redacted_rows - before))
    return Erased(dataset, tuple(done), given_up)


def _give_up_unfinished(
    catalog: Catalog, store: ObjectStore, dataset: str, *, now: datetime
) -> Iterable[str]:
    for version in unfinished(catalog, dataset):
        with catalog.reading() as session:
            clips = withdrawn_clips(session, dataset, version)
            project = session.scalar(
                select(Release.project_id).where(Release.id == release_id(dataset, version))
            )
        if clips and project and give_up(catalog, store, dataset, version, project=project, now=now):
            yield version


def _tombstones(
    catalog: Catalog, dataset: str, version: str, clips: Iterable[str], *, at: datetime
) -> tuple[Tombstone, ...]:
    with catalog.reading() as session:
        rows = session.execute(
            select(ReleaseItem.clip_id, ReleaseItem.row_sha256, ReleaseItem.speaker)
            .where(
                ReleaseItem.release_id == release_id(dataset, version), ReleaseItem.clip_id.in_(tuple(clips))
            )
            .order_by(ReleaseItem.clip_id)
        )
        return tuple(
            Tombstone(clip=clip, row_sha256=row, speaker=speaker, version=version, at=at.isoformat())
            for clip, row, speaker in rows
        )


def _redact(
    store: ObjectStore, version: Version, stones: tuple[Tombstone, ...], *, at: datetime, scratch: Path
) -> Version:
    """Put the new files aside and create the redaction that names them."""
    commit = version.commit
    clips = {stone.clip for stone in stones}
    scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f"{commit.dataset}-redaction-", dir=scratch) as place:
        changed = redacted(store, version, frozenset(clips), Path(place), at=at)
        for file in changed.rewritten:
            store.put_file(_aside(version, file), Path(place) / file.path, sha256=file.sha256)
    earlier = version.redactions[-1] if version.redactions else None
    redaction = Redaction(
        dataset=commit.dataset,
        version=commit.version,
        number=len(version.redactions) + 1,
        at=at.isoformat(),
        rows=tuple(sorted({*(earlier.rows if earlier else ()), *(stone.row_sha256 for stone in stones)})),
        clips=tuple(sorted({*(earlier.clips if earlier else ()), *clips})),
        files=changed.files,
    )
    key = redaction_key(commit.dataset, commit.version, redaction.number)
    try:
        store.create(key, dump(redaction))
    except AlreadyExists:
        raise RedactionUnderWay(
            f"another process is redacting {version.label} at this moment; given up here, nothing is lost.\n"
            "Run the same command again when it has ended: it goes on with what is left."
        ) from None
    return read_version(store, commit.dataset, commit.version)


def _finish(store: ObjectStore, version: Version) -> None:
    """Bring the files of a redacted version to what its last redaction says; what is so already is left alone."""
    if not version.redactions:
        return
    prefix = f"{folder(version.commit.dataset, version.commit.version)}/"
    there = {each.key.removeprefix(prefix): each for each in store.list(prefix)}
    wanted = {file.path: file for file in version.files}
    for path in sorted(there.keys() - wanted.keys()):
        store.delete(prefix + path)
    waiting = {each.key for each in store.list(_aside_folder(version))}
    for file in wanted.values():
        aside = _aside(version, file)
        if aside not in waiting:
            continue
        with tempfile.TemporaryDirectory(prefix="boli-redaction-") as place:
            local = Path(place) / "file"
            store.fetch(aside, local, sha256=file.sha256)
            # Every version of the old object goes before the new one comes: a bucket that keeps versions would
            # still hold the voice.
            store.delete(prefix + file.path)
            store.put_file(prefix + file.path, local, sha256=file.sha256)
        store.delete(aside)
    for leftover in store.list(_aside_folder(version)):
        store.delete(leftover.key)


def _note(
    catalog: Catalog, dataset: str, version: str, clips: tuple[str, ...], *, actor: str, now: datetime
) -> None:
    identifier = release_id(dataset, version)
    with catalog.writing() as session:
        session.execute(
            update(ReleaseItem)
            .where(ReleaseItem.release_id == identifier, ReleaseItem.clip_id.in_(clips))
            .values(erased_at=now)
        )
        release = session.get_one(Release, identifier)
        if release.state is ReleaseState.BUILDING:  # committed by a run that ended before it could say so
            release.state = moved(release.state, ReleaseState.PUBLISHED)
        release.state = moved(release.state, ReleaseState.REDACTED)
        audit.record(
            session,
            at=now,
            actor=actor,
            action="release.redacted",
            subject=("release", identifier),
            detail={"version": f"{dataset}@{version}", "rows": len(clips)},
        )


def _aside_folder(version: Version) -> str:
    return f"{root(version.commit.dataset)}/redacting/{version.commit.version}/"


def _aside(version: Version, file: File) -> str:
    """Where a rewritten file waits; its hash is in the name, so that a stopped erasure can't leave a wrong one."""
    return f"{_aside_folder(version)}{file.sha256}/{file.path}"
