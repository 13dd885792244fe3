"""The mirror forgets what the store was made to forget: voices taken back, clips mended, files kept long enough.

By the rows, and not by the log of erased objects alone: a mirror is older than what it copies, and may hold a file
as it landed, or a clip as it was before its mend, of which the store had nothing left to erase.
What is missing from the store for another cause stays in the mirror: that is what a backup is for.
"""

from collections.abc import Collection

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, aliased

from catalog.backup.objects import OBJECTS, mirror_key
from catalog.database import Catalog
from catalog.erasure.objects import pages
from catalog.keys import landing_key
from catalog.states import ReportState, UploadState
from catalog.store import ObjectStore
from catalog.tables import AlignerModel, ClipReport, ErasedObject, Recording, Upload

PAGE = 500
_DATASETS = "datasets/"


def erase_from_mirror(catalog: Catalog, store: ObjectStore, target: ObjectStore) -> int:
    """How many versions of objects were destroyed. The mirror is listed once, a page of keys in memory."""
    return _of_voices(catalog, store, target) + _of_datasets(store, target)


def _of_voices(catalog: Catalog, store: ObjectStore, target: ObjectStore) -> int:
    erased = 0
    keys = (each.key.removeprefix(OBJECTS) for each in target.list(OBJECTS))
    for page in pages((key for key in keys if not key.startswith(_DATASETS)), PAGE):
        with catalog.reading() as session:
            gone = _gone(session, page)
        for key in sorted(gone):
            if not store.exists(key):
                erased += target.delete(mirror_key(key))
    return erased


def _of_datasets(store: ObjectStore, target: ObjectStore) -> int:
    """What a version no longer holds."""
    erased = 0
    for dataset in {each.key.split("/")[2] for each in target.list(mirror_key(_DATASETS))}:
        prefix = f"{_DATASETS}{dataset}/"
        there = {each.key for each in store.list(prefix)}
        if there:  # else the store lost it, and the mirror is all there is
            mirrored = [each.key for each in target.list(mirror_key(prefix))]
            for key in mirrored:
                if key.removeprefix(OBJECTS) not in there:
                    erased += target.delete(key)
    return erased


def _gone(session: Session, keys: Collection[str]) -> set[str]:
    """Of these keys of the store, those that it was made to forget."""
    logged = select(ErasedObject.key).where(ErasedObject.key.in_(keys), ErasedObject.erased_at.is_not(None))
    models = select(AlignerModel.key).where(AlignerModel.key.in_(keys), AlignerModel.erased_at.is_not(None))
    other = aliased(Recording)
    originals = select(Recording.key).where(
        Recording.key.in_(keys),
        Recording.erased_at.is_not(None),
        ~select(other.id).where(other.key == Recording.key, other.erased_at.is_(None)).exists(),
    )
    gone = {*session.scalars(logged), *session.scalars(originals)}
    gone.update(key for key in session.scalars(models) if key)
    return gone | _landed(session, keys) | _clips(session, keys)


def _landed(session: Session, keys: Collection[str]) -> set[str]:
    by_id = {key.rpartition("/")[2]: key for key in keys if key.startswith("landing/")}
    dropped = and_(Upload.state == UploadState.REJECTED, Upload.landing_key.is_(None))
    ids = session.scalars(
        select(Upload.id).where(Upload.id.in_(by_id), or_(Upload.erased_at.is_not(None), dropped))
    )
    return {landing_key(each) for each in ids} & set(keys)


def _clips(session: Session, keys: Collection[str]) -> set[str]:
    """Renditions of erased recordings, and of clips as they were before a mend."""
    owners = {key: key.split("/")[1] for key in keys if key.startswith("clips/")}
    clips = {key.rpartition("/")[2].partition(".")[0] for key in owners}
    erased = set(
        session.scalars(
            select(Recording.id).where(
                Recording.id.in_(set(owners.values())), Recording.erased_at.is_not(None)
            )
        )
    )
    replaced = session.scalars(
        select(ClipReport.replaced).where(ClipReport.clip_id.in_(clips), ClipReport.state == ReportState.DONE)
    )
    gone = {key for key, owner in owners.items() if owner in erased}
    return gone | {key for each in replaced for key in each if key in owners}
