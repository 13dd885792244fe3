"""From a store's address to the store."""

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from catalog.store.contract import ObjectStore, checked_key
from catalog.store.errors import InvalidAddress

FORMS = "file:///folder or s3://bucket/prefix"


@dataclass(frozen=True, slots=True)
class S3Options:
    """How to reach an S3 store. What is None is left to boto3's own chain (profile, role, region).

    endpoint:        address of a server that isn't Amazon's
    attempts:        how often one request is tried in all
    connect_timeout: seconds
    read_timeout:    seconds without a byte
    """

    endpoint: str | None = None
    region: str | None = None
    access_key: str | None = None
    secret_key: str | None = field(default=None, repr=False)
    session_token: str | None = field(default=None, repr=False)
    attempts: int = 5
    connect_timeout: float = 5.0
    read_timeout: float = 60.0

    def __post_init__(self) -> None:
        if (self.access_key is None) != (self.secret_key is None):
            raise InvalidAddress("an S3 access key and its secret key come together, given only one of them")


def open_inbox(url: str, options: S3Options | None = None) -> ObjectStore:
    """What others have put below `s3://bucket/prefix`, to be read by whatever keys they chose; not written to.

    Talks to no network yet. Raises `InvalidAddress`.
    """
    from catalog.store.s3 import S3Inbox

    return S3Inbox(*_bucket_and_prefix(urlsplit(url), url), options or S3Options())


def open_store(url: str, options: S3Options | None = None) -> ObjectStore:
    """The store at `file:///folder` (made where it is missing) or `s3://bucket/prefix`.

    Talks to no network yet. Raises `InvalidAddress`.
    """
    parts = urlsplit(url)
    if parts.query or parts.fragment:
        raise InvalidAddress(f"a store's address has no ? or # in it, given: {url}. Write %3F or %23.")
    if parts.scheme == "file":
        from catalog.store.folder import FolderStore

        folder = Path(unquote(parts.path))
        if parts.netloc or not folder.is_absolute() or folder == Path("/"):
            raise InvalidAddress(
                f"a folder store's address is file:///folder with three slashes, given: {url}"
            )
        return FolderStore(folder)
    if parts.scheme == "s3":
        from catalog.store.s3 import S3Store  # boto3 takes a third of a second to import

        bucket, prefix = _bucket_and_prefix(parts, url)
        return S3Store(bucket, checked_key(prefix) if prefix else "", options or S3Options())
    raise InvalidAddress(f"a store's address is {FORMS}, given: {url}")


def _bucket_and_prefix(parts: SplitResult, url: str) -> tuple[str, str]:
    if not parts.netloc:
        raise InvalidAddress(f"an S3 store's address names its bucket, s3://bucket/prefix, given: {url}")
    return parts.netloc, unquote(parts.path).strip("/")
