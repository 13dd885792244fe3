"""From a store's address to the store."""

from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from catalog.store.contract import ObjectStore, checked_key
from catalog.store.errors import InvalidAddress
from catalog.store.options import S3Options

FORMS = "file:///folder or s3://bucket/prefix"


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
