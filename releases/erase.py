"""Taking withdrawn voices, and clips as they were before a reviewer's mend, out of versions already published.

Versions never change, but for this. The parts that hold such a clip are written anew without it, and a redaction
beside the commit of each version says what was taken out and what its files and parts are now, so that `verify` says
redacted, and not corrupt. When no version names the old parts any more they are destroyed in the store (every version
of the object), and then the rewritten card and lists take their place.

Safe to stop and run again at any moment: new bytes are always there, or put aside, before something names them.
"""

import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select, update

from catalog import audit
from catalog.database import Catalog
from catalog.errors import UserError
from catalog.states import ReleaseState, moved
from catalog.store import AlreadyExists, ObjectStore
from catalog.tables import Release, ReleaseItem
from releases.abandon import give_up
from releases.collect import collect_parts
from releases.redact import RedactedParts, redacted
from releases.release_rows import known_versions, release_id, unfinished, withdrawn_clips
from releases.tombstones import Tombstone, bury
from releases.versions import (
    File,
    Redaction,
    Version,
    aside_key,
    dump,
    folder,
    listed,
    read_version,
    redacting_folder,
    redaction_key,
)


@dataclass(frozen=True, slots=True)
class Erased:
    """What one run took out: version and number of rows. given_up: versions that were never finished"""

    dataset: str
    rows: tuple[tuple[str, int], ...]
    given_up: tuple[str, ...]


class RedactionUnderWay(UserError):
    """Two erasures of one version at the same time."""


def erase(
    catalog: Catalog, store: ObjectStore, dataset: str, *, now: datetime, actor: str, scratch: Path
) -> Erased:
    """Take every clip whose voices no longer all consent, or whose text is withheld, out of every version of a dataset.

    Does nothing where nothing is to be taken out. Builds that hold such a clip and are not committed are given up.
    """
    given_up = tuple(_give_up_unfinished(catalog, store, dataset, now=now))
    withdrawn = _withdrawn(catalog, dataset)
    half_done = {key.split("/")[3] for key in _aside_keys(store, dataset)}
    if not withdrawn and not half_done:
        if given_up:
            collect_parts(catalog, store, dataset, now=now)
        return Erased(dataset, (), given_up)
    scratch.mkdir(parents=True, exist_ok=True)
    stones_of = {
        number: _tombstones(catalog, dataset, number, clips, at=now) for number, clips in withdrawn.items()
    }
    rows = frozenset(stone.row_sha256 for stones in stones_of.values() for stone in stones)
    parts = RedactedParts(store, dataset, rows, scratch)
    done: list[tuple[str, int]] = []
    for version in listed(store, dataset):
        number = version.commit.version
        if stones := stones_of.get(number):
            bury(store, dataset, stones)
            before = version.redacted_rows
            if not {stone.clip for stone in stones} <= version.redacted_clips:
                version = _redact(store, version, stones, parts, at=now, scratch=scratch)
            done.append((number, version.redacted_rows - before))
    collect_parts(catalog, store, dataset, now=now)
    for number in sorted(half_done | {number for number, _ in done}):
        _finish(store, read_version(store, dataset, number))
    for number, _ in done:
        _note(catalog, dataset, number, withdrawn[number], actor=actor, now=now)
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


def _withdrawn(catalog: Catalog, dataset: str) -> Mapping[str, tuple[str, ...]]:
    """By version, the clips to be taken out of it."""
    with catalog.reading() as session:
        found = {
            version: withdrawn_clips(session, dataset, version)
            for version in known_versions(catalog, dataset)
        }
    return {version: clips for version, clips in found.items() if clips}


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
    store: ObjectStore,
    version: Version,
    stones: tuple[Tombstone, ...],
    parts: RedactedParts,
    *,
    at: datetime,
    scratch: Path,
) -> Version:
    """Put the new files aside and create the redaction that names them."""
    commit = version.commit
    clips = {stone.clip for stone in stones}
    with tempfile.TemporaryDirectory(prefix=f"{commit.dataset}-redaction-", dir=scratch) as place:
        changed = redacted(store, version, frozenset(clips), parts, Path(place), at=at)
        for file in changed.rewritten:
            store.put_file(aside_key(version, file), Path(place) / file.path, sha256=file.sha256)
    earlier = version.redactions[-1] if version.redactions else None
    redaction = Redaction(
        dataset=commit.dataset,
        version=commit.version,
        number=len(version.redactions) + 1,
        at=at.isoformat(),
        rows=tuple(sorted({*(earlier.rows if earlier else ()), *(stone.row_sha256 for stone in stones)})),
        clips=tuple(sorted({*(earlier.clips if earlier else ()), *clips})),
        files=changed.files,
        parts=changed.parts,
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
    prefix = f"{folder(version.commit.dataset, version.commit.version)}/"
    waiting_at = f"{redacting_folder(version.commit.dataset)}{version.commit.version}/"
    waiting = {each.key for each in store.list(waiting_at)}
    if version.redactions:
        there = {each.key.removeprefix(prefix) for each in store.list(prefix)}
        for path in sorted(there - {file.path for file in version.own_files}):
            store.delete(prefix + path)
        for file in version.own_files:
            if aside_key(version, file) in waiting:
                _take_place(store, version, file)
    for leftover in waiting:
        store.delete(leftover)


def _take_place(store: ObjectStore, version: Version, file: File) -> None:
    aside, key = aside_key(version, file), version.key(file)
    with tempfile.TemporaryDirectory(prefix="boli-redaction-") as place:
        local = Path(place) / "file"
        store.fetch(aside, local, sha256=file.sha256)
        # Every version of the old object goes before the new one comes: a bucket that keeps versions would
        # still hold the voice.
        store.delete(key)
        store.put_file(key, local, sha256=file.sha256)
    store.delete(aside)


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


def _aside_keys(store: ObjectStore, dataset: str) -> Iterable[str]:
    return (each.key for each in store.list(redacting_folder(dataset)))
