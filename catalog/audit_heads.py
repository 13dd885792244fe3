"""The head of the audit log's chain, once a day into the store: what whoever owns the database can't write anew."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime

from catalog.audit import StoredHead, head_of
from catalog.database import Catalog
from catalog.store import AlreadyExists, ObjectStore

PREFIX = "audit/heads/"
LARGEST = 4096
MOST = 4000
"""Days, the newest: eleven years."""


def keep_head(catalog: Catalog, store: ObjectStore, now: datetime) -> bool:
    """Keep the head of the day, in UTC. False where the day has one: the first stays."""
    day = now.date().isoformat()
    with catalog.reading() as session:
        head = head_of(session, day)
    if head.events == 0:
        return False
    try:
        store.create(f"{PREFIX}{day}.json", json.dumps(asdict(head), sort_keys=True).encode())
    except AlreadyExists:
        return False
    return True


def kept_heads(store: ObjectStore) -> Mapping[int, StoredHead]:
    """The heads of earlier days, by the id of their act."""
    keys = sorted(each.key for each in store.list(PREFIX))[-MOST:]
    heads = (StoredHead(**json.loads(store.get_bytes(key, LARGEST))) for key in keys)
    return {head.event_id: head for head in heads}
