"""What an installation holds in the end, without what differs between two runs of the same: times and row numbers."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from catalog.audit_heads import PREFIX
from catalog.database import open_catalog
from catalog.keys import store_id_key
from catalog.store import open_store
from catalog.tables import Base
from catalog.tables.base import UtcDateTime
from flows.workspace import s3_options
from tests.end_to_end.conftest import Installation

_LEFT_OUT = {"figure", "catalog_identity"}
"""Tables of what can be counted anew at any time, with the moment at which it was; and which catalogue it is."""
_NUMBERS_OF_ROWS = {
    "audit_event": {"id", "previous", "hash"},
    "audit_head": {"event_id", "hash"},
    "sound_print": {"id"},
    "sound_landmark": {"print_id"},
}
"""Numbers of rows, and the chain of hashes, in which times and order stand."""


def rows(installation: Installation) -> dict[str, Counter[str]]:
    """Every row of every table, as text, with how often it stands there."""
    catalog = open_catalog(installation.settings.catalog_url)
    try:
        with catalog.reading() as session:
            return {
                name: Counter(
                    _told(dict(row._mapping), table) for row in session.execute(select(table)).all()
                )
                for name, table in sorted(Base.metadata.tables.items())
                if name not in _LEFT_OUT
            }
    finally:
        catalog.close()


def objects(installation: Installation) -> dict[str, tuple[int, str | None] | bool]:
    """Every object of the store with its size and hash; of heads of the audit log only that there are some.

    A run that goes over midnight keeps one for each day.
    """
    store = open_store(installation.settings.store_address, s3_options(installation.settings))
    found = (store.head(item.key) for item in store.list(""))
    kept = {stored.key: (stored.size, stored.sha256) for stored in found if stored is not None}
    heads = [key for key in kept if key.startswith(PREFIX)]
    others = {key: each for key, each in kept.items() if key not in (*heads, store_id_key())}
    return others | {PREFIX: bool(heads)}


def _told(row: dict[str, Any], table: Any) -> str:
    return json.dumps(dict(_lasting(row, table)), sort_keys=True, default=str, ensure_ascii=False)


def _lasting(row: dict[str, Any], table: Any) -> Iterator[tuple[str, Any]]:
    for column in table.columns:
        value = row[column.name]
        if isinstance(column.type, UtcDateTime) or column.name in _NUMBERS_OF_ROWS.get(table.name, ()):
            continue
        yield column.name, value
