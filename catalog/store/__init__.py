"""Where bytes are: one small contract, kept by a folder and by S3."""

from catalog.store.address import open_inbox, open_store
from catalog.store.contract import ObjectStore, Stored, StoredVersion, StoreReader
from catalog.store.errors import (
    AlreadyExists,
    Damaged,
    InvalidAddress,
    InvalidKey,
    NotStored,
    StoreError,
    StoreFull,
    StoreRefused,
    StoreUnavailable,
    TooLarge,
    UnsafeStore,
)
from catalog.store.options import S3Options
from catalog.store.probing import ProbeReport, probe, probed_beside

__all__ = [
    "AlreadyExists",
    "Damaged",
    "InvalidAddress",
    "InvalidKey",
    "NotStored",
    "ObjectStore",
    "ProbeReport",
    "S3Options",
    "StoreError",
    "StoreFull",
    "StoreReader",
    "StoreRefused",
    "StoreUnavailable",
    "Stored",
    "StoredVersion",
    "TooLarge",
    "UnsafeStore",
    "open_inbox",
    "open_store",
    "probe",
    "probed_beside",
]
