"""The store against the rows, in both directions: objects that no row knows, and rows whose object is gone."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from catalog.database import Catalog
from catalog.erasure.objects import pages
from catalog.keys import clips_prefix, landing_key
from catalog.states import ClipState, RecordingState, ReleaseState, UploadState
from catalog.store import ObjectStore, StoredVersion
from catalog.tables import Clip, ConsentEvent, Recording, Release, Transfer, Upload

GRACE = timedelta(hours=24)
"""What a step has put there and not yet written a row of is let be for so long."""
MOST_NAMED = 200
PAGE = 500
_WAITING = (UploadState.RECEIVED, UploadState.FAILED)


@dataclass(frozen=True, slots=True)
class StrayObject:
    """A version of an object that no row knows."""

    key: str
    version: str
    size: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class MissingObject:
    """A row whose object is not in the store."""

    kind: str
    id: str
    key: str


@dataclass(frozen=True, slots=True)
class StoreSweep:
    """What a sweep found. Lists name the first MOST_NAMED; `erased` and `young` count versions.

    stray:   objects without a row, older than the grace: erased unless it was a rehearsal or a build is under way
    young:   objects without a row that are not that old
    missing: rows without an object, and how many there are
    """

    looked_at: int
    stray: tuple[StrayObject, ...]
    stray_count: int
    erased: int
    young: int
    missing: tuple[MissingObject, ...]
    missing_count: int
    build_under_way: bool


def sweep_store(
    catalog: Catalog,
    store: ObjectStore,
    *,
    now: datetime,
    dry_run: bool,
    progress: Callable[[int], None] | None = None,
) -> StoreSweep:
    """Compare the whole store with all projects' rows; erase what nobody knows. Datasets are the release room's.

    dry_run: look, and erase nothing
    Memory is bounded: a page of keys, and the first of what was found.
    """
    with catalog.reading() as session:
        building = session.scalar(select(exists().where(Release.state == ReleaseState.BUILDING))) or False
    stray: list[StrayObject] = []
    stray_count = young = looked_at = erased = 0
    for prefix in ("landing/", "recordings/", "clips/", "consents/", "probe/"):
        for page in pages(store.versions(prefix), PAGE):
            looked_at += len(page)
            with catalog.reading() as session:
                known, gone = _known(session, prefix, page), _of_erased(session, prefix, page)
            strays = [each for each in page if each.key not in known]
            old = [each for each in strays if each.key in gone or each.at < now - GRACE]
            young += len(strays) - len(old)
            stray_count += len(old)
            stray += [
                StrayObject(each.key, each.version, each.size, each.at)
                for each in old[: MOST_NAMED - len(stray)]
            ]
            due = [each for each in old if each.key in gone or not building]
            if not dry_run:
                store.erase(due)
                erased += len(due)
            if progress:
                progress(looked_at)
    if not dry_run:
        store.abort_stale_uploads(now - GRACE)
    missing: list[MissingObject] = []
    missing_count = 0
    for found in _missing(catalog, store):
        missing_count += 1
        missing += [found] if len(missing) < MOST_NAMED else []
    return StoreSweep(
        looked_at=looked_at,
        stray=tuple(stray),
        stray_count=stray_count,
        erased=erased,
        young=young,
        missing=tuple(missing),
        missing_count=missing_count,
        build_under_way=building,
    )


def _known(session: Session, prefix: str, page: Sequence[StoredVersion]) -> frozenset[str]:
    """Of these keys, those that a row still needs."""
    keys = {each.key for each in page}
    match prefix:
        case "landing/":
            by_id = {key.removeprefix(prefix): key for key in keys}
            needed = select(Upload.id).where(
                Upload.id.in_(by_id), Upload.state != UploadState.INGESTED, Upload.erased_at.is_(None)
            )
            return frozenset(by_id[found] for found in session.scalars(needed))
        case "recordings/":
            needed = select(Recording.key).where(Recording.key.in_(keys), Recording.erased_at.is_(None))
            return frozenset(session.scalars(needed))
        case "clips/":
            by_key = {key: key.rpartition("/")[2].partition(".")[0] for key in keys}
            there = frozenset(
                session.scalars(
                    select(Clip.id)
                    .join(Recording, Recording.id == Clip.recording_id)
                    .where(Clip.id.in_(set(by_key.values())), Recording.erased_at.is_(None))
                )
            )
            return frozenset(key for key, clip in by_key.items() if clip in there)
        case "probe/":  # what a probe could not take back: the store fell silent
            return frozenset()
        case _:
            events = select(ConsentEvent.evidence).where(ConsentEvent.evidence.in_(keys))
            transfers = select(Transfer.evidence_key).where(Transfer.evidence_key.in_(keys))
            return frozenset([*session.scalars(events), *(key for key in session.scalars(transfers) if key)])


def _of_erased(session: Session, prefix: str, page: Sequence[StoredVersion]) -> frozenset[str]:
    """Of these keys, those that a step put there after its voice was erased: they have no grace."""
    keys = {each.key for each in page}
    if prefix == "landing/":
        by_id = {key.removeprefix(prefix): key for key in keys}
        gone = select(Upload.id).where(Upload.id.in_(by_id), Upload.erased_at.is_not(None))
        return frozenset(by_id[found] for found in session.scalars(gone))
    if prefix == "clips/":
        owners = {key: key.split("/")[1] for key in keys}
        erased = frozenset(
            session.scalars(
                select(Recording.id).where(
                    Recording.id.in_(set(owners.values())), Recording.erased_at.is_not(None)
                )
            )
        )
        return frozenset(key for key, owner in owners.items() if owner in erased)
    return frozenset()


def _missing(catalog: Catalog, store: ObjectStore) -> Iterator[MissingObject]:
    for upload_id in _ids(catalog, Upload.id, Upload.state.in_(_WAITING), Upload.landing_key.is_not(None)):
        if not store.exists(landing_key(upload_id)):
            yield MissingObject("upload", upload_id, landing_key(upload_id))
    for recording_id in _ids(
        catalog, Recording.id, Recording.state != RecordingState.WITHDRAWN, Recording.erased_at.is_(None)
    ):
        with catalog.reading() as session:
            key = session.get_one(Recording, recording_id).key
            clips = session.execute(
                select(Clip.id, Clip.cut_key).where(
                    Clip.recording_id == recording_id, Clip.state != ClipState.WITHDRAWN
                )
            ).all()
        if not store.exists(key):
            yield MissingObject("recording", recording_id, key)
        there = {each.key for each in store.list(clips_prefix(recording_id))} if clips else set()
        for clip_id, cut_key in clips:
            if cut_key not in there:
                yield MissingObject("clip", clip_id, cut_key)


def _ids(
    catalog: Catalog, identifier: InstrumentedAttribute[str], *which: ColumnElement[bool]
) -> Iterator[str]:
    after = ""
    while True:
        with catalog.reading() as session:
            page = session.scalars(
                select(identifier).where(identifier > after, *which).order_by(identifier).limit(PAGE)
            ).all()
        if not page:
            return
        yield from page
        after = page[-1]
