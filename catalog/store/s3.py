"""A store in an S3 bucket, through boto3."""

import base64
import hashlib
import io
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from awscrt.checksums import crc64nvme  # type: ignore[import-untyped]  # it carries no types
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

from catalog import tracing
from catalog.store.contract import Stored, StoredVersion, checked_key, checked_prefix
from catalog.store.errors import (
    AlreadyExists,
    Damaged,
    NotStored,
    StoreUnavailable,
    TooLarge,
    UnsafeStore,
)
from catalog.store.files import appearing, compare, pieces
from catalog.store.media import media_type
from catalog.store.options import S3Options
from catalog.store.s3_client import client
from catalog.store.s3_errors import (
    ABSENT,
    BROKEN_LINK,
    CONFLICT,
    NOT_IMPLEMENTED,
    OUT_OF_RANGE,
    PRECONDITION,
    UNREACHABLE,
    status,
    translated,
)
from catalog.store.s3_link import LinkReader
from catalog.store.s3_reader import S3Reader
from catalog.store.s3_versions import all_versions, delete_versions, unfinished_uploads

MULTIPART_FROM = 8 * 2**20
TRANSFER = TransferConfig(
    multipart_threshold=MULTIPART_FROM, multipart_chunksize=MULTIPART_FROM, max_concurrency=4
)
LONGEST_LINK = 7 * 24 * 3600  # AWS: a presigned URL is good for seven days at most
DIGEST = "sha256"
WRITER = "boli-writer"  # tells the winner of a create whose reply was lost that it was the one
CONFLICT_PAUSE = 0.05  # seconds, doubled at each try


class S3Store:
    """Objects under a prefix of one bucket; each carries its SHA-256 in its metadata."""

    def __init__(self, bucket: str, prefix: str, options: S3Options) -> None:
        self.bucket = bucket
        self.prefix = f"{prefix}/" if prefix else ""
        self.options = options
        self._client = client(options)
        self._links = LinkReader(self._client, bucket, options, digest=DIGEST)

    def __reduce__(self) -> tuple[type["S3Store"], tuple[str, str, S3Options]]:
        return S3Store, (self.bucket, self.prefix.removesuffix("/"), self.options)

    @property
    def url(self) -> str:
        return f"s3://{self.bucket}/{quote(self.prefix)}".removesuffix("/")

    @tracing.of_store
    def put_file(self, key: str, path: Path, *, sha256: str | None = None) -> Stored:
        name = self._name(key)
        with path.open("rb") as source:
            stored, checksum = _measure(key, source)
            if sha256 is not None and stored.sha256 != sha256:
                raise Damaged(
                    f"{path} must hold the bytes with SHA-256 {sha256}, they have {stored.sha256}. "
                    "Get it again from its source."
                )
            if self.head(key) == stored:
                return stored
            source.seek(0)
            if stored.size < MULTIPART_FROM:
                return self._put_whole(stored, source.read())
            with self._speaking(key):
                self._client.upload_fileobj(
                    source,
                    self.bucket,
                    name,
                    ExtraArgs={
                        "ChecksumCRC64NVME": checksum,
                        "ContentType": media_type(key),
                        "Metadata": {DIGEST: stored.sha256 or ""},
                    },
                    Config=TRANSFER,
                )
        if self.head(key) != stored:  # for servers that compare no checksum
            raise Damaged(f"{key} did not arrive in {self.url} as it was sent. Send it again.")
        return stored

    @tracing.of_store
    def put_bytes(self, key: str, data: bytes) -> Stored:
        stored = Stored(key, len(data), hashlib.sha256(data).hexdigest())
        return stored if self.head(key) == stored else self._put_whole(stored, data)

    @tracing.of_store
    def create(self, key: str, data: bytes) -> Stored:
        stored = Stored(key, len(data), hashlib.sha256(data).hexdigest())
        writer = uuid.uuid4().hex
        for attempt in range(self.options.attempts):
            try:
                return self._put_whole(stored, data, writer=writer)
            except StoreUnavailable:
                if self._writer(key) == writer:  # it had arrived; only the reply was lost
                    return stored
                raise
            except _Conflict:  # two at once: nothing has landed yet (409), or somebody was first (412)
                holder = self._writer(key)
                if holder == writer:
                    return stored
                if holder is not None:
                    raise AlreadyExists(f"{key} is created only once, and it exists in {self.url}") from None
                time.sleep(CONFLICT_PAUSE * 2**attempt)
        raise StoreUnavailable(
            f"{self.url} answered {self.options.attempts} times that others were creating {key}, and nobody did. "
            "Run the same command again."
        )

    def open(self, key: str) -> BinaryIO:
        return io.BufferedReader(self._reader(key), 2**20)

    @tracing.of_store
    def read_range(self, key: str, start: int, length: int) -> bytes:
        if length <= 0:
            return b""
        name = self._name(key)
        wanted = f"bytes={start}-{start + length - 1}"
        for attempt in range(1, self.options.attempts + 1):
            with self._speaking(key):
                try:
                    found = self._client.get_object(Bucket=self.bucket, Key=name, Range=wanted)
                except ClientError as error:
                    if status(error) == OUT_OF_RANGE:
                        return b""
                    if error.response["Error"]["Code"] == "NoSuchKey":
                        raise NotStored(f"{key} is not in the store {self.url}") from None
                    raise
                try:
                    return found["Body"].read()
                except BROKEN_LINK:  # in the middle: boto3 does not ask again by itself
                    if attempt == self.options.attempts:
                        raise
        raise AssertionError("the last attempt returns or raises")

    @tracing.of_store
    def get_bytes(self, key: str, max_bytes: int, *, sha256: str | None = None) -> bytes:
        linked = self._links.get(self._name(key), most=max_bytes)
        if linked is not None:
            data, recorded = linked
            compare(key, hashlib.sha256(data).hexdigest(), sha256 or recorded)
            return data
        reader = self._reader(key)
        with io.BufferedReader(reader) as file:
            if reader.size > max_bytes:
                raise TooLarge(
                    f"{key} has {reader.size} bytes, its reader takes {max_bytes} at most. Stream it instead."
                )
            data = file.read()
        compare(key, hashlib.sha256(data).hexdigest(), sha256 or reader.recorded)
        return data

    @tracing.of_store
    def fetch(self, key: str, path: Path, *, sha256: str | None = None) -> Stored:
        seen = hashlib.sha256()
        reader = self._reader(key)
        with io.BufferedReader(reader, 2**20) as source, appearing(path) as target:
            for piece in pieces(source):
                seen.update(piece)
                target.write(piece)
            compare(key, seen.hexdigest(), sha256 or reader.recorded)
        return Stored(key, reader.size, seen.hexdigest())

    @tracing.of_store
    def head(self, key: str) -> Stored | None:
        name = self._name(key)
        with self._speaking(key):
            try:
                found = self._client.head_object(Bucket=self.bucket, Key=name)
            except ClientError as error:
                if status(error) in ABSENT:
                    return None
                raise
        return Stored(key, found["ContentLength"], found["Metadata"].get(DIGEST))

    def exists(self, key: str) -> bool:
        return self.head(key) is not None

    def list(self, prefix: str = "") -> Iterator[Stored]:
        start = f"{self.prefix}{checked_prefix(prefix)}"
        pages = iter(self._client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=start))
        while True:
            with self._speaking():
                page = next(pages, None)
            if page is None:
                return
            for each in page.get("Contents", []):
                if not each["Key"].endswith("/"):  # folders, as some tools draw them
                    yield Stored(each["Key"].removeprefix(self.prefix), each["Size"], None, each.get("ETag"))

    @tracing.of_store
    def delete(self, key: str) -> int:
        versions = [each for each in self.versions(checked_key(key)) if each.key == key]
        self.erase(versions)
        return len(versions)

    def versions(self, prefix: str = "") -> Iterator[StoredVersion]:
        found = all_versions(self._client, self.bucket, self.prefix, starting=checked_prefix(prefix))
        while True:
            with self._speaking(prefix):
                each = next(found, None)
            if each is None:
                return
            yield each

    def erase(self, versions: Sequence[StoredVersion]) -> None:
        with self._speaking():
            delete_versions(self._client, self.bucket, self.prefix, versions)

    def presign(self, key: str, seconds: int, *, download_name: str | None = None) -> str | None:
        if not 1 <= seconds <= LONGEST_LINK:
            raise ValueError(f"a link is good for 1 to {LONGEST_LINK} seconds, given: {seconds}")
        asked = {"Bucket": self.bucket, "Key": self._name(key)}
        if download_name is not None:
            asked["ResponseContentDisposition"] = (
                f"attachment; filename*=UTF-8''{quote(download_name, safe='')}"
            )
        with self._speaking(key):
            return self._client.generate_presigned_url("get_object", Params=asked, ExpiresIn=seconds)

    def abort_stale_uploads(self, started_before: datetime) -> int:
        with self._speaking():
            stale = [
                (name, upload)
                for name, upload, started in unfinished_uploads(self._client, self.bucket, self.prefix)
                if started < started_before
            ]
            for name, upload in stale:
                self._client.abort_multipart_upload(Bucket=self.bucket, Key=name, UploadId=upload)
        return len(stale)

    def _put_whole(self, stored: Stored, data: bytes, *, writer: str | None = None) -> Stored:
        """One request; with a writer's name only where the key holds nothing, else `_Conflict`.

        stored: what the data are, measured before
        """
        name = self._name(stored.key)
        sha256 = stored.sha256 or ""
        # The server compares it with what arrives.
        checksum = base64.b64encode(bytes.fromhex(sha256)).decode()
        metadata = {DIGEST: sha256}
        content = media_type(stored.key)
        with self._speaking(stored.key):
            if writer is None:
                self._client.put_object(
                    Bucket=self.bucket,
                    Key=name,
                    Body=data,
                    ChecksumSHA256=checksum,
                    ContentType=content,
                    Metadata=metadata,
                )
            else:
                try:
                    self._client.put_object(
                        Bucket=self.bucket,
                        Key=name,
                        Body=data,
                        ChecksumSHA256=checksum,
                        ContentType=content,
                        Metadata={**metadata, WRITER: writer},
                        IfNoneMatch="*",
                    )
                except ClientError as error:
                    if status(error) in (PRECONDITION, CONFLICT):
                        raise _Conflict from error
                    if status(error) == NOT_IMPLEMENTED:
                        raise UnsafeStore(
                            f"{self.url} can't create an object only where there is none (501). "
                            "Publish to a store that knows If-None-Match."
                        ) from error
                    raise
        return stored

    def _writer(self, key: str) -> str | None:
        """Who has created an object: None where there is none, empty where its writer left no name."""
        name = self._name(key)
        with self._speaking(key):
            try:
                return self._client.head_object(Bucket=self.bucket, Key=name)["Metadata"].get(WRITER, "")
            except ClientError as error:
                if status(error) in ABSENT:
                    return None
                raise

    def _reader(self, key: str) -> S3Reader:
        name = self._name(key)
        with self._speaking(key):
            try:
                return S3Reader(
                    self._client, self.bucket, name, key=key, url=self.url, attempts=self.options.attempts
                )
            except ClientError as error:
                if error.response["Error"]["Code"] == "NoSuchKey":
                    raise NotStored(f"{key} is not in the store {self.url}") from None
                raise

    def _name(self, key: str) -> str:
        return f"{self.prefix}{checked_key(key)}"

    @contextmanager
    def _speaking(self, key: str = "") -> Iterator[None]:
        """Turn an error of S3 or of the way there into one of the store's."""
        try:
            yield
        except (ClientError, *UNREACHABLE) as error:
            what = f"{key} in the store {self.url}" if key else f"the store {self.url}"
            raise translated(error, what) from error


class S3Inbox(S3Store):
    """What others have put under a prefix, read by their own keys: decomposed letters, tabs, dots, double slashes."""

    def __reduce__(self) -> tuple[type[S3Store], tuple[str, str, S3Options]]:
        return S3Inbox, (self.bucket, self.prefix.removesuffix("/"), self.options)

    def _name(self, key: str) -> str:
        return f"{self.prefix}{key}"


class _Conflict(Exception):
    """A conditional write that did not write."""


def _measure(key: str, file: BinaryIO) -> tuple[Stored, str]:
    """What a file holds, and the checksum of the whole that S3 compares when it joins the parts.

    S3 has no SHA-256 over the whole of a multipart object; its CRC-64/NVME is one.
    """
    seen = hashlib.sha256()
    size = crc = 0
    for piece in pieces(file):
        seen.update(piece)
        size += len(piece)
        crc = crc64nvme(piece, crc)
    return Stored(key, size, seen.hexdigest()), base64.b64encode(crc.to_bytes(8, "big")).decode()
