"""The files of a version as the store knows them, read once and asked again only whether something was taken out."""

import threading
from collections import OrderedDict

from starlette.requests import HTTPConnection

from catalog.store import ObjectStore
from releases.versions import Version, read_version, redaction_key

MOST_KEPT = 8
"""A version of a thousand hours lists a million files: about a hundred megabytes."""


class KeptVersions:
    """Commits never change, so that what was read of them holds until the next redaction."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, str, str], Version] = OrderedDict()

    def of(self, store: ObjectStore, dataset: str, version: str) -> Version:
        """Raises NoSuchVersion, BrokenManifest, StoreError."""
        name = (store.url, dataset, version)
        with self._lock:
            kept = self._kept.get(name)
        if kept is None or store.exists(redaction_key(dataset, version, len(kept.redactions) + 1)):
            kept = read_version(store, dataset, version)
        with self._lock:
            self._kept[name] = kept
            self._kept.move_to_end(name)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return kept


def kept_versions(request: HTTPConnection) -> KeptVersions:
    """Those of the application that a request came to."""
    state = request.app.state
    if not hasattr(state, "kept_versions"):
        state.kept_versions = KeptVersions()
    kept = state.kept_versions
    assert isinstance(kept, KeptVersions)
    return kept
