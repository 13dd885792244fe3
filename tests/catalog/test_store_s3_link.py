"""Small objects are read by a signed link; whatever is not simple about one is left to boto3."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from catalog.store import Damaged, NotStored, S3Options, TooLarge
from catalog.store.s3 import DIGEST, S3Store
from catalog.store.s3_link import get_by_link
from tests.catalog.s3_proxy import Proxy, bad_link
from tests.servers import S3Server


@pytest.fixture
def store(s3_store_url: str, s3_options: S3Options) -> S3Store:
    bucket, _, prefix = s3_store_url.removeprefix("s3://").partition("/")
    return S3Store(bucket, prefix, s3_options)


@pytest.fixture
def proxy(s3_server: S3Server) -> Iterator[Proxy]:
    with bad_link(s3_server) as proxy:
        yield proxy


def linked(store: S3Store, key: str, most: int = 2**20) -> tuple[bytes, str | None] | None:
    return get_by_link(store._client, store.bucket, f"{store.prefix}{key}", most=most, digest=DIGEST)


def test_a_clip_comes_by_its_link_with_the_hash_that_its_writer_left(store: S3Store) -> None:
    stored = store.put_bytes("clips/गाँव 1.flac", b"sound" * 1000)

    assert linked(store, "clips/गाँव 1.flac") == (b"sound" * 1000, stored.sha256)


def test_what_is_absent_or_too_large_is_left_to_boto3_which_says_so(store: S3Store) -> None:
    store.put_bytes("large", b"x" * 100)

    assert linked(store, "absent") is None
    assert linked(store, "large", most=99) is None
    with pytest.raises(NotStored):
        store.get_bytes("absent", 99)
    with pytest.raises(TooLarge):
        store.get_bytes("large", 99)


def test_a_link_that_breaks_gives_nothing_and_the_object_comes_whole_all_the_same(
    store: S3Store, proxy: Proxy
) -> None:
    far = S3Store(store.bucket, store.prefix.strip("/"), replace(store.options, endpoint=proxy.endpoint))
    data = bytes(range(256)) * 1000
    store.put_bytes("clip", data)
    proxy.cut_after = 100_000

    proxy.cut_downloads = 1
    assert linked(far, "clip") is None

    proxy.cut_downloads = 2
    assert far.get_bytes("clip", 2**20) == data
    assert proxy.cut_downloads == 0


def test_bytes_that_are_not_those_that_were_written_are_refused(store: S3Store) -> None:
    store._client.put_object(
        Bucket=store.bucket, Key=f"{store.prefix}clip", Body=b"other", Metadata={DIGEST: "0" * 64}
    )

    with pytest.raises(Damaged):
        store.get_bytes("clip", 100)
