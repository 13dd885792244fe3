"""Giving up a number whose build will never be a version: nobody can commit it any more, and nothing is left of it."""

import secrets
from datetime import datetime

from catalog.database import Catalog
from catalog.store import AlreadyExists, ObjectStore
from releases.release_rows import forget
from releases.versions import Claim, commit_key, dump, folder, read_claim, read_commit, void


def give_up(
    catalog: Catalog, store: ObjectStore, dataset: str, version: str, *, project: str, now: datetime
) -> bool:
    """Void a number, destroy its files, and take it out of the catalogue. Its parts are collected later.

    Returns False, and does nothing, where it was committed before. Doing it again is fine, and destroys what a
    publisher that was slow to notice has put there since.
    """
    claim = read_claim(store, dataset, version) or Claim(
        dataset=dataset, version=version, build_sha256="", selection_sha256=""
    )
    gone = void(claim, project=project, nonce=secrets.token_hex(16), at=now.isoformat())
    try:
        store.create(commit_key(dataset, version), dump(gone))
    except AlreadyExists:
        there = read_commit(store, dataset, version)
        if there is None or not there.void:
            return False
    for stored in list(store.list(f"{folder(dataset, version)}/")):
        store.delete(stored.key)
    forget(catalog, dataset, version)
    return True
