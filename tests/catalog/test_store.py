"""The contract of a store: the same for a folder and for S3."""

import hashlib
import os
import pickle
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from threading import Barrier

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.store import (
    AlreadyExists,
    Damaged,
    InvalidAddress,
    InvalidKey,
    NotStored,
    ObjectStore,
    S3Options,
    Stored,
    TooLarge,
    open_store,
)

KEYS = [
    "recordings/abc.m4a",
    "ग्राम सभा/बोली – पहली.flac",
    "with space/plus+and&percent%20=?#.txt",
    "quote'\"<tag>;.json",
    "தமிழ்/ഗ്രാമം\u200d.txt",
    "emoji/🎙️.opus",
    "deep/" * 20 + "end",
]


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    if request.param == "folder":
        return open_store((tmp_path / "a store").as_uri())
    return open_store(request.getfixturevalue("s3_store_url"), request.getfixturevalue("s3_options"))


@pytest.fixture
def spoil(store: ObjectStore, request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str, bytes], None]:
    """Change an object's bytes behind the store's back, and nothing that is recorded of it."""

    def spoil_folder(key: str, data: bytes) -> None:
        with (tmp_path / "a store" / key).open("r+b") as file:
            file.write(data)

    def spoil_s3(key: str, data: bytes) -> None:
        client = request.getfixturevalue("s3_server").client()
        bucket, _, prefix = store.url.removeprefix("s3://").partition("/")
        metadata = client.head_object(Bucket=bucket, Key=f"{prefix}/{key}")["Metadata"]
        client.put_object(Bucket=bucket, Key=f"{prefix}/{key}", Body=data, Metadata=metadata)

    return spoil_folder if store.url.startswith("file:") else spoil_s3


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("key", KEYS)
def test_a_key_in_any_script_round_trips(store: ObjectStore, key: str, tmp_path: Path) -> None:
    data = key.encode()

    put = store.put_bytes(key, data)

    assert put == Stored(key, len(data), sha256(data))
    assert store.head(key) == put
    assert store.get_bytes(key, 1000) == data
    assert [each.key for each in store.list()] == [key]
    assert store.fetch(key, tmp_path / "got") == put
    assert (tmp_path / "got").read_bytes() == data


@settings(max_examples=40)
@given(key=st.text(alphabet=st.one_of(st.characters(), st.sampled_from("/.\\ aक्")), min_size=1, max_size=30))
def test_a_key_is_refused_or_kept_exactly(store: ObjectStore, key: str) -> None:
    try:
        store.put_bytes(key, b"x")
    except InvalidKey:
        return

    listed = [each.key for each in store.list()]
    store.delete(key)

    assert listed == [key]


@pytest.mark.parametrize(
    "key",
    [
        "",
        "/etc/passwd",
        "../x",
        "a/../b",
        "a//b",
        "a/",
        "./a",
        ".hidden",
        "a/.incoming",
        "a\0b",
        "a\nb",
        "a\\b",
        "\ud800",
        "e\u0301",
        "x" * 241,
        "x/" * 450 + "x",
    ],
)
def test_a_key_that_some_store_would_change_or_climb_out_with_is_refused(
    store: ObjectStore, key: str
) -> None:
    for use in (lambda: store.put_bytes(key, b""), lambda: store.create(key, b""), lambda: store.open(key)):
        with pytest.raises(InvalidKey, match="a key"):
            use()


def test_what_is_not_there_is_said_by_name(store: ObjectStore, tmp_path: Path) -> None:
    for use in (
        lambda: store.open("no/such"),
        lambda: store.get_bytes("no/such", 10),
        lambda: store.fetch("no/such", tmp_path / "got"),
    ):
        with pytest.raises(NotStored, match="no/such"):
            use()

    assert store.head("no/such") is None
    assert not store.exists("no/such")
    assert store.delete("no/such") == 0
    assert list(store.list("no")) == []
    assert list(tmp_path.glob("**/*got*")) == []


def test_a_file_larger_than_one_part_round_trips_and_a_second_put_sends_nothing(
    store: ObjectStore, tmp_path: Path
) -> None:
    source = tmp_path / "long.wav"
    source.write_bytes(os.urandom(9 * 2**20 + 17))
    digest = sha256(source.read_bytes())

    put = store.put_file("recordings/long.wav", source, sha256=digest)
    again = store.put_file("recordings/long.wav", source)

    with store.open("recordings/long.wav") as stream:
        first, rest = stream.read(100), stream.read()
    assert (
        again
        == put
        == store.head("recordings/long.wav")
        == Stored("recordings/long.wav", 9 * 2**20 + 17, digest)
    )
    assert first + rest == source.read_bytes()
    assert store.fetch("recordings/long.wav", tmp_path / "got", sha256=digest) == put
    assert (tmp_path / "got").read_bytes() == source.read_bytes()


def test_an_empty_object_is_an_object(store: ObjectStore, tmp_path: Path) -> None:
    store.put_bytes("empty", b"")

    assert store.get_bytes("empty", 0) == b""
    assert store.fetch("empty", tmp_path / "got").size == 0
    assert store.open("empty").read() == b""


def test_a_put_replaces_what_was_there(store: ObjectStore) -> None:
    store.put_bytes("card.md", b"one")

    store.put_bytes("card.md", b"two and more")

    assert store.get_bytes("card.md", 100) == b"two and more"
    assert store.head("card.md") == Stored("card.md", 12, sha256(b"two and more"))


def test_a_file_that_is_not_what_its_sender_believes_is_not_stored(
    store: ObjectStore, tmp_path: Path
) -> None:
    source = tmp_path / "a.wav"
    source.write_bytes(b"changed meanwhile")

    with pytest.raises(Damaged):
        store.put_file("recordings/a.wav", source, sha256=sha256(b"as it was"))

    assert not store.exists("recordings/a.wav")


def test_bytes_that_rot_in_the_store_are_found_on_reading(
    store: ObjectStore, spoil: Callable[[str, bytes], None], tmp_path: Path
) -> None:
    store.put_bytes("clips/a.flac", b"sound sound")

    spoil("clips/a.flac", b"sOund sound")

    with pytest.raises(Damaged, match=r"clips/a\.flac"):
        store.fetch("clips/a.flac", tmp_path / "got")
    with pytest.raises(Damaged, match=r"clips/a\.flac"):
        store.get_bytes("clips/a.flac", 100)
    assert not (tmp_path / "got").exists()
    assert list(tmp_path.glob("*.part")) == []


def test_a_fetch_holds_the_object_to_its_readers_digest(store: ObjectStore, tmp_path: Path) -> None:
    (tmp_path / "got").write_bytes(b"what stood here")
    store.put_bytes("a", b"other bytes")

    with pytest.raises(Damaged):
        store.fetch("a", tmp_path / "got", sha256=sha256(b"these bytes"))

    assert (tmp_path / "got").read_bytes() == b"what stood here"


def test_a_small_object_is_held_to_its_readers_digest(store: ObjectStore) -> None:
    stored = store.put_bytes("clips/a.flac", b"whole")

    assert store.get_bytes("clips/a.flac", 100, sha256=stored.sha256) == b"whole"
    with pytest.raises(Damaged):
        store.get_bytes("clips/a.flac", 100, sha256="0" * 64)


def test_a_range_is_the_bytes_that_stand_there_and_ends_where_the_object_ends(store: ObjectStore) -> None:
    store.put_bytes("a", b"0123456789")

    assert store.read_range("a", 3, 4) == b"3456"
    assert store.read_range("a", 8, 100) == b"89"
    assert store.read_range("a", 10, 1) == b""
    assert store.read_range("a", 3, 0) == b""
    with pytest.raises(NotStored):
        store.read_range("b", 0, 1)


def test_an_object_larger_than_its_reader_takes_is_refused(store: ObjectStore) -> None:
    store.put_bytes("a", b"123456")

    assert store.get_bytes("a", 6) == b"123456"
    with pytest.raises(TooLarge):
        store.get_bytes("a", 5)


def test_an_object_is_created_once_even_with_the_same_bytes(store: ObjectStore) -> None:
    created = store.create("datasets/te/versions/1.json", b"first")

    for data in (b"second", b"first"):
        with pytest.raises(AlreadyExists, match=r"versions/1\.json"):
            store.create("datasets/te/versions/1.json", data)

    assert created == store.head("datasets/te/versions/1.json")
    assert store.get_bytes("datasets/te/versions/1.json", 100) == b"first"


def test_one_of_many_racing_threads_creates(store: ObjectStore) -> None:
    writers = 4
    start = Barrier(writers)

    def create(writer: int) -> bytes | None:
        start.wait()
        return attempt(store, b"writer %d" % writer)

    with ThreadPoolExecutor(writers) as pool:
        winners = [won for won in pool.map(create, range(writers)) if won is not None]

    assert len(winners) == 1
    assert store.get_bytes("commit.json", 100) == winners[0]


@pytest.mark.slow
def test_one_of_many_racing_processes_creates(store: ObjectStore) -> None:
    with ProcessPoolExecutor(3, mp_context=get_context("spawn")) as pool:
        winners = [
            won for won in pool.map(attempt, [store] * 6, [b"writer %d" % each for each in range(6)]) if won
        ]

    assert len(winners) == 1
    assert store.get_bytes("commit.json", 100) == winners[0]


def attempt(store: ObjectStore, data: bytes) -> bytes | None:
    """The data where this call created the object, else None."""
    try:
        store.create("commit.json", data)
    except AlreadyExists:
        return None
    return data


def test_a_listing_holds_every_key_that_starts_with_its_prefix_once(store: ObjectStore) -> None:
    keys = ["a.flac", "a/b.flac", "a/c/d.flac", "a0", "ab/x", "b/बोली", "b/बोलि"]
    for key in reversed(keys):
        store.put_bytes(key, key.encode())

    assert sorted(each.key for each in store.list()) == sorted(keys)
    assert {each.key: each.size for each in store.list("a/")} == {"a/b.flac": 8, "a/c/d.flac": 10}
    assert sorted(each.key for each in store.list("b/बोल")) == ["b/बोलि", "b/बोली"]
    assert [each.key for each in store.list("a/c/d.flac")] == ["a/c/d.flac"]


def test_a_deleted_object_is_gone_and_its_name_is_free(store: ObjectStore) -> None:
    store.create("clips/r/c.flac", b"voice")
    store.put_bytes("clips/r/c.flac2", b"neighbour")

    assert store.delete("clips/r/c.flac") == 1

    assert not store.exists("clips/r/c.flac")
    assert [each.key for each in store.list()] == ["clips/r/c.flac2"]
    assert store.create("clips/r/c.flac", b"new").size == 3


def test_dropping_stale_uploads_touches_nothing_that_is_whole(store: ObjectStore) -> None:
    store.put_bytes("a", b"whole")

    assert store.abort_stale_uploads(datetime.now(UTC) + timedelta(days=1)) == 0
    assert store.get_bytes("a", 10) == b"whole"


def test_a_store_goes_to_another_process_by_its_address(store: ObjectStore) -> None:
    store.put_bytes("a", b"here")

    other: ObjectStore = pickle.loads(pickle.dumps(store))

    assert other.url == store.url
    assert other.get_bytes("a", 10) == b"here"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/srv/store",
        "file:relative",
        "file://host/x",
        "file:///",
        "s3://",
        "s3:///x",
        "http://x/y",
        "s3://b/../x",
        "s3://bucket/p?x=1",
    ],
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises((InvalidAddress, InvalidKey)):
        open_store(url)


def test_a_secret_never_shows_in_a_print(s3_options: S3Options) -> None:
    assert s3_options.secret_key is not None
    assert s3_options.secret_key not in repr(s3_options)
    with pytest.raises(InvalidAddress, match="come together"):
        S3Options(access_key="only")


def test_everything_under_a_prefix_is_listed_and_erased_and_nothing_beside_it(store: ObjectStore) -> None:
    for key in ("clips/a/1.flac", "clips/a/2.flac", "clips/ab/1.flac"):
        store.put_bytes(key, key.encode())

    found = list(store.versions("clips/a/"))
    store.erase(found)
    store.erase(found)  # again is fine

    assert [(each.key, each.size, each.unfinished) for each in found] == [
        ("clips/a/1.flac", 14, False),
        ("clips/a/2.flac", 14, False),
    ]
    assert [each.key for each in store.list()] == ["clips/ab/1.flac"]
