"""Giving up a number whose build will never be a version: nobody can commit it any more, and nothing is left of it."""

import secrets
from datetime import datetime

from catalog.database import Catalog
from catalog.store import AlreadyExists, ObjectStore
from releases.release_rows import forget
from releases.versions import (
    Claim,
    commit_key,
    dump,
    folder,
    order,
    read_claim,
    read_commit,
    uncommitted,
    void,
)


def give_up(
    catalog: Catalog, store: ObjectStore, dataset: str, version: str, *, project: str, now: datetime
) -> bool:
    """Void a number, destroy its files, and take it out of the catalogue. Its parts are collected later.

    Returns False, and does nothing, where it was committed before. Doing it again is fine, and destroys what a
    publisher that was slow to notice has put there since.
    """
    if not _voided(store, dataset, version, project=project, now=now):
        return False
    for stored in list(store.list(f"{folder(dataset, version)}/")):
        store.delete(stored.key)
    forget(catalog, dataset, version)
    return True


def void_below(store: ObjectStore, dataset: str, version: str, *, project: str, now: datetime) -> None:
    """Void every number below this one that is claimed and not committed, so that none is committed after it.

    Whoever still builds such a number finds that out when it commits, clears away what it wrote, and takes a later one.
    """
    for number in uncommitted(store, dataset):
        if order(number) < order(version):
            _voided(store, dataset, number, project=project, now=now)


def _voided(store: ObjectStore, dataset: str, version: str, *, project: str, now: datetime) -> bool:
    """Whether the number is void, now or before; False where it was committed."""
    claim = read_claim(store, dataset, version) or Claim(
        dataset=dataset, version=version, build_sha256="", selection_sha256=""
    )
    gone = void(claim, project=project, nonce=secrets.token_hex(16), at=now.isoformat())
    try:
        store.create(commit_key(dataset, version), dump(gone))
    except AlreadyExists:
        there = read_commit(store, dataset, version)
        return there is not None and there.void
    return True
