"""The identity of a catalogue and of a store: ids by which two machines know that they work with the same ones."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.database import Catalog
from catalog.ids import new_id
from catalog.keys import store_id_key
from catalog.store import AlreadyExists, NotStored, ObjectStore
from catalog.tables import CatalogIdentity

_ROW = 1
_ID_BYTES = 200


def catalog_id(catalog: Catalog, *, at: datetime) -> str:
    """The catalogue's own id, made when it is first asked for. A copy of the catalogue makes another."""
    with catalog.reading() as session:
        found = _read(session)
    return found or catalog.write(lambda session: _read(session) or _make(session, at))


def store_id(store: ObjectStore) -> str:
    """The store's own id, made when it is first asked for. A copy of the store makes another."""
    key = store_id_key()
    try:
        return store.get_bytes(key, _ID_BYTES).decode()
    except NotStored:
        made = new_id("store")
        try:
            store.create(key, made.encode())
        except AlreadyExists:  # another machine was faster
            return store.get_bytes(key, _ID_BYTES).decode()
        return made


def _read(session: Session) -> str | None:
    return session.scalar(select(CatalogIdentity.value).where(CatalogIdentity.id == _ROW))


def _make(session: Session, at: datetime) -> str:
    made = CatalogIdentity(id=_ROW, value=new_id("catalog"), made_at=at)
    session.add(made)
    return made.value
