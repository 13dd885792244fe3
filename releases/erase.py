"""Taking withdrawn voices, and clips as they were before a reviewer's mend, out of versions already published.

Versions never change, but for this. The parts that hold such a clip are written anew without it, and a redaction
beside the commit of each version says what was taken out and what its files and parts are now, so that `verify` says
redacted, and not corrupt. When no version names the old parts any more they are destroyed in the store (every version
of the object), and then the rewritten card and lists take their place.

Safe to stop and run again at any moment: new bytes are always there, or put aside, before something names them.
"""

import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from catalog import audit
from catalog.database import Catalog
from catalog.errors import UserError
from catalog.states import ReleaseState, moved
from catalog.store import AlreadyExists, ObjectStore
from catalog.tables import Release, ReleaseItem
from releases.abandon import give_up
from releases.collect import collect_parts
from releases.redact import RedactedParts, redacted
from releases.release_rows import (
    AT_A_TIME,
    holds_withdrawn,
    known_versions,
    release_id,
    unfinished,
    withdrawn_rows,
)
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
    hashes = {version: _hashes(catalog, dataset, version) for version in known_versions(catalog, dataset)}
    withdrawn = {version for version, found in hashes.items() if found}
    half_done = {key.split("/")[3] for key in _aside_keys(store, dataset)}
    if not withdrawn and not half_done:
        if given_up:
            collect_parts(catalog, store, dataset, now=now)
        return Erased(dataset, (), given_up)
    scratch.mkdir(parents=True, exist_ok=True)
    parts = RedactedParts(store, dataset, frozenset().union(*hashes.values()), scratch)
    done: list[tuple[str, int]] = []
    for version in listed(store, dataset):
        number = version.commit.version
        if number in withdrawn:
            stones = _tombstones(catalog, dataset, number, hashes[number], at=now)
            bury(store, dataset, stones)
            before = version.redacted_rows
            if not {stone.clip for stone in stones} <= version.redacted_clips:
                version = _redact(store, version, stones, parts, at=now, scratch=scratch)
            done.append((number, version.redacted_rows - before))
    collect_parts(catalog, store, dataset, now=now)
    for number in sorted(half_done | {number for number, _ in done}):
        _finish(store, read_version(store, dataset, number))
    for number, _ in done:
        _note(catalog, read_version(store, dataset, number), actor=actor, now=now)
    return Erased(dataset, tuple(done), given_up)


def _give_up_unfinished(
    catalog: Catalog, store: ObjectStore, dataset: str, *, now: datetime
) -> Iterable[str]:
    for version in unfinished(catalog, dataset):
        with catalog.reading() as session:
            is_held = holds_withdrawn(session, dataset, version)
            project = session.scalar(
                select(Release.project_id).where(Release.id == release_id(dataset, version))
            )
        if is_held and project and give_up(catalog, store, dataset, version, project=project, now=now):
            yield version


def _hashes(catalog: Catalog, dataset: str, version: str) -> frozenset[str]:
    """Of the rows to be taken out of a version."""
    with catalog.reading() as session:
        return frozenset(row.sha256 for row in withdrawn_rows(session, dataset, version))


def _tombstones(
    catalog: Catalog, dataset: str, version: str, hashes: frozenset[str], *, at: datetime
) -> Sequence[Tombstone]:
    """Of these rows; of what was withdrawn meanwhile the next run."""
    moment = at.isoformat()
    with catalog.reading() as session:
        return [
            Tombstone(clip=row.clip, row_sha256=row.sha256, speaker=row.speaker, version=version, at=moment)
            for row in withdrawn_rows(session, dataset, version)
            if row.sha256 in hashes
        ]


def _redact(
    store: ObjectStore,
    version: Version,
    stones: Sequence[Tombstone],
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


def _note(catalog: Catalog, version: Version, *, actor: str, now: datetime) -> None:
    """Rows are marked some at a time; the last of them with the release itself, so that a run that is stopped before
    finds some left, and comes back."""
    dataset, number = version.commit.dataset, version.commit.version
    identifier, redacted = release_id(dataset, number), version.redacted_clips
    with catalog.reading() as session:
        clips = [row.clip for row in withdrawn_rows(session, dataset, number) if row.clip in redacted]
    pages = [clips[start : start + AT_A_TIME] for start in range(0, len(clips), AT_A_TIME)]
    for page in pages[:-1]:
        with catalog.writing() as session:
            _mark_erased(session, identifier, page, now)
    with catalog.writing() as session:
        if pages:
            _mark_erased(session, identifier, pages[-1], now)
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
            detail={"version": version.label, "rows": len(clips)},
        )


def _mark_erased(session: Session, release: str, clips: Iterable[str], now: datetime) -> None:
    session.execute(
        update(ReleaseItem), [{"release_id": release, "clip_id": clip, "erased_at": now} for clip in clips]
    )


def _aside_keys(store: ObjectStore, dataset: str) -> Iterable[str]:
    return (each.key for each in store.list(redacting_folder(dataset)))
