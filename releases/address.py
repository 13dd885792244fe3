"""Where a version lies, as one address: `s3://bucket/prefix/datasets/telugu/1.2.0`."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from catalog.store import InvalidAddress, StoreReader
from releases.marks import newest_in_use
from releases.refusals import NoSuchVersion


@dataclass(frozen=True, slots=True)
class ReleaseAddress:
    """version: None for the newest one"""

    store_url: str
    dataset: str
    version: str | None


def parse(url: str) -> ReleaseAddress:
    """The parts of a version's address. Raises InvalidAddress.

    >>> parse("file:///srv/boli/datasets/telugu/1.2.0")
    ReleaseAddress(store_url='file:///srv/boli', dataset='telugu', version='1.2.0')
    >>> parse("s3://bucket/datasets/telugu").version
    """
    parts = urlsplit(url)
    before, found, after = parts.path.rstrip("/").rpartition("/datasets/")
    names = after.split("/")
    if not parts.scheme or not found or len(names) > 2 or not all(names):
        raise InvalidAddress(
            "a release's address is its store's, then datasets, its name and its version, as "
            f"s3://bucket/prefix/datasets/telugu/1.2.0 or file:///folder/datasets/telugu/1.2.0; given: {url}"
        )
    return ReleaseAddress(
        f"{parts.scheme}://{parts.netloc}{before}", names[0], names[1] if len(names) == 2 else None
    )


def version_at(store: StoreReader, address: ReleaseAddress) -> str:
    """The version that an address means; without one, the newest that is not yanked. Raises NoSuchVersion."""
    if address.version:
        return address.version
    found = newest_in_use(store, address.dataset)
    if found is None:
        raise NoSuchVersion(f"{store.url} holds no version of {address.dataset} yet. Publish one first.")
    return found.commit.version
