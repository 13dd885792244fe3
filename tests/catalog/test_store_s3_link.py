"""Small objects are read by a signed link; whatever is not simple about one is left to boto3."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from socket import SHUT_RDWR
from urllib.parse import SplitResult, parse_qs, urlsplit

import pytest

from catalog.store import Damaged, NotStored, S3Options, TooLarge
from catalog.store.s3 import DIGEST, S3Store
from catalog.store.s3_link import LINK_SECONDS, MOST_IDLE
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


def _moment(link: SplitResult) -> list[str]:
    return parse_qs(link.query)["X-Amz-Date"]


def linked(store: S3Store, key: str, most: int = 2**20) -> tuple[bytes, str | None] | None:
    return store._links.get(f"{store.prefix}{key}", most=most)


def test_a_clip_comes_by_its_link_with_the_hash_that_its_writer_left(store: S3Store) -> None:
    stored = store.put_bytes("clips/गाँव 1.flac", b"sound" * 1000)

    assert linked(store, "clips/गाँव 1.flac") == (b"sound" * 1000, stored.sha256)


@pytest.mark.parametrize("key", ["clips/गाँव 1.flac", "a+b=c~d'(e)*f&g?h#i%20;j:k@l,m$n!.flac"])
def test_a_link_is_the_one_that_boto3_would_have_signed(store: S3Store, key: str) -> None:
    name = f"{store.prefix}{key}"
    asked = {"Bucket": store.bucket, "Key": name}

    def both() -> tuple[SplitResult, SplitResult]:
        theirs = store._client.generate_presigned_url("get_object", Params=asked, ExpiresIn=LINK_SECONDS)
        return urlsplit(store._links._link(name)), urlsplit(theirs)

    ours, theirs = next(pair for pair in iter(both, None) if _moment(pair[0]) == _moment(pair[1]))

    assert ours[:3] == theirs[:3]
    assert parse_qs(ours.query) == parse_qs(theirs.query)


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


def test_a_connection_that_the_server_has_closed_meanwhile_is_opened_again(
    store: S3Store, proxy: Proxy
) -> None:
    far = S3Store(store.bucket, store.prefix.strip("/"), replace(store.options, endpoint=proxy.endpoint))
    store.put_bytes("clip", b"sound")
    assert linked(far, "clip") is not None
    far._links._idle[0].sock.shutdown(SHUT_RDWR)

    assert far.get_bytes("clip", 100) == b"sound"
    assert linked(far, "clip") is not None


def test_many_threads_read_by_links_and_few_connections_stay_open(store: S3Store) -> None:
    wanted = {f"clips/{number}": b"%d" % number * 1000 for number in range(40)}
    for key, data in wanted.items():
        store.put_bytes(key, data)

    keys = list(wanted) * 5

    with ThreadPoolExecutor(30) as pool:
        read = list(pool.map(lambda key: linked(store, key), keys))

    assert [found and found[0] for found in read] == [wanted[key] for key in keys]
    assert len(store._links._idle) <= MOST_IDLE


def test_a_server_behind_a_proxy_is_read_by_botos_own_connections(
    store: S3Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")  # nobody answers there
    monkeypatch.setenv("no_proxy", "")
    behind = S3Store(
        store.bucket, store.prefix.strip("/"), replace(store.options, attempts=1, connect_timeout=1.0)
    )

    store.put_bytes("clip", b"sound")

    assert linked(behind, "clip") is None
    assert linked(store, "clip") is not None
