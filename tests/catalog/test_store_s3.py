"""What only S3 can do, and what can go wrong on the way there."""

import os
import re
import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from catalog.store import (
    AlreadyExists,
    Damaged,
    ObjectStore,
    S3Options,
    StoreRefused,
    StoreUnavailable,
    UnsafeStore,
    open_store,
    probe,
)
from tests.catalog.s3_proxy import Proxy, bad_link
from tests.processes import free_ports, stop_process
from tests.servers import REGION, S3Server, start_seaweedfs
from tests.waiting import PATIENCE_SECONDS


@pytest.fixture
def store(s3_store_url: str, s3_options: S3Options) -> ObjectStore:
    return open_store(s3_store_url, s3_options)


@pytest.fixture
def proxy(s3_server: S3Server) -> Iterator[Proxy]:
    with bad_link(s3_server) as proxy:
        yield proxy


@pytest.fixture
def far_store(s3_store_url: str, s3_options: S3Options, proxy: Proxy) -> ObjectStore:
    """The same place as `store`, over a bad link."""
    return open_store(s3_store_url, replace(s3_options, endpoint=proxy.endpoint))


def get(url: str) -> tuple[int, bytes, str]:
    try:
        with urlopen(Request(url), timeout=PATIENCE_SECONDS) as answer:
            return answer.status, answer.read(), answer.headers.get("Content-Disposition", "")
    except HTTPError as error:
        return error.code, error.read(), ""


@pytest.mark.parametrize("replies_lost", [1, 2, 3])
def test_a_create_whose_reply_was_lost_knows_that_it_has_won(
    far_store: ObjectStore, store: ObjectStore, proxy: Proxy, replies_lost: int
) -> None:
    proxy.lose_put_replies = replies_lost  # 3 are all that there are: no retry of ours gets a reply

    created = far_store.create("commit.json", b"mine")

    assert created == store.head("commit.json")
    with pytest.raises(AlreadyExists):
        store.create("commit.json", b"mine")


def test_a_create_that_lost_its_reply_never_takes_anothers_object_for_its_own(
    far_store: ObjectStore, store: ObjectStore, proxy: Proxy
) -> None:
    store.create("commit.json", b"the same bytes")
    proxy.lose_put_replies = 1

    with pytest.raises(AlreadyExists):
        far_store.create("commit.json", b"the same bytes")


def test_a_conflict_is_tried_again_as_nothing_was_written(far_store: ObjectStore, proxy: Proxy) -> None:
    proxy.conflicts = 2

    assert far_store.create("commit.json", b"mine").size == 4


def test_endless_conflicts_are_not_taken_for_somebody_elses_success(
    far_store: ObjectStore, proxy: Proxy
) -> None:
    proxy.conflicts = 100

    with pytest.raises(StoreUnavailable, match=r"commit\.json"):
        far_store.create("commit.json", b"mine")


def test_a_put_whose_replies_were_lost_is_repeated_by_the_same_command(
    far_store: ObjectStore, store: ObjectStore, proxy: Proxy
) -> None:
    proxy.lose_put_replies = 3

    with pytest.raises(StoreUnavailable, match="run the same command again"):
        far_store.put_bytes("a", b"bytes")

    assert far_store.put_bytes("a", b"bytes") == store.head("a")


def test_a_file_that_changes_while_it_is_sent_is_not_stored(
    far_store: ObjectStore, store: ObjectStore, proxy: Proxy, tmp_path: Path
) -> None:
    source = tmp_path / "growing.wav"
    source.write_bytes(bytes(40 * 2**20))

    def change(sent: int) -> None:
        with source.open("r+b") as file:
            file.seek(-1, os.SEEK_END)
            file.write(b"x")

    proxy.on_upload = change

    with pytest.raises(Damaged):
        far_store.put_file("recordings/growing.wav", source)

    assert not store.exists("recordings/growing.wav")


def test_a_download_that_breaks_goes_on_where_it_broke(
    far_store: ObjectStore, store: ObjectStore, proxy: Proxy, tmp_path: Path
) -> None:
    data = os.urandom(3 * 2**20)
    store.put_bytes("a.flac", data)
    proxy.cut_downloads, proxy.cut_after = 2, 700_001

    far_store.fetch("a.flac", tmp_path / "got")

    assert (tmp_path / "got").read_bytes() == data
    assert proxy.cut_downloads == 0


def test_a_download_never_mixes_two_versions_of_an_object(
    far_store: ObjectStore, store: ObjectStore, proxy: Proxy
) -> None:
    store.put_bytes("a", b"1" * 2**20)
    proxy.cut_downloads, proxy.cut_after = 1, 300_000
    stream = far_store.open("a")

    store.put_bytes("a", b"2" * 2**20)

    with pytest.raises(Damaged, match="replaced"):
        stream.read()


def test_a_link_plays_the_object_and_nothing_else(store: ObjectStore) -> None:
    store.put_bytes("clips/बोली.flac", b"fLaC sound")
    store.put_bytes("clips/other.flac", b"another's")

    link = store.presign("clips/बोली.flac", 60)
    assert link is not None

    assert get(link)[:2] == (200, b"fLaC sound")
    other = re.sub(r"clips/[^?]*", "clips/other.flac", link)
    longer = link.replace("X-Amz-Expires=60", "X-Amz-Expires=6000")
    unsigned = link.partition("?")[0]
    for tampered in (other, longer, unsigned, re.sub("Signature=.", "Signature=z", link)):
        assert tampered != link
        assert get(tampered)[0] == 403


def test_a_link_ends_at_its_hour(store: ObjectStore) -> None:
    store.put_bytes("a", b"sound")
    link = store.presign("a", 1)
    assert link is not None

    give_up = monotonic() + 60
    while (answer := get(link))[0] != 403 and monotonic() < give_up:
        pass

    assert answer[0] == 403
    with pytest.raises(ValueError, match="1 to 604800 seconds"):
        store.presign("a", 8 * 24 * 3600)


def test_a_link_saves_under_the_name_it_was_given(store: ObjectStore) -> None:
    store.put_bytes("a.flac", b"sound")

    link = store.presign("a.flac", 60, download_name='ग्राम "1".flac')
    assert link is not None

    status, _, disposition = get(link)
    assert status == 200
    assert disposition.startswith("attachment; filename*=UTF-8''%E0%A4%97")


def test_erasing_takes_every_version_and_marker_of_one_object_alone(
    s3_server: S3Server, s3_options: S3Options
) -> None:
    client = s3_server.client()
    s3_server.create_bucket("boli-versions")
    client.put_bucket_versioning(Bucket="boli-versions", VersioningConfiguration={"Status": "Enabled"})
    prefix = uuid.uuid4().hex
    store = open_store(f"s3://boli-versions/{prefix}", s3_options)
    for take in (b"first", b"second", b"third"):
        store.put_bytes("clips/a.flac", take)
    store.put_bytes("clips/a.flac2", b"neighbour")
    # a plain delete adds a marker and erases nothing
    client.delete_object(Bucket="boli-versions", Key=f"{prefix}/clips/a.flac")
    client.create_multipart_upload(Bucket="boli-versions", Key=f"{prefix}/clips/a.flac")

    assert store.delete("clips/a.flac") == 5

    found = client.list_object_versions(Bucket="boli-versions", Prefix=prefix)
    assert [each["Key"] for each in found["Versions"]] == [f"{prefix}/clips/a.flac2"]
    assert found.get("DeleteMarkers", []) == []
    assert client.list_multipart_uploads(Bucket="boli-versions", Prefix=prefix).get("Uploads", []) == []


def test_uploads_that_crashed_are_dropped_by_age_within_the_stores_own_prefix(
    store: ObjectStore, s3_server: S3Server
) -> None:
    client = s3_server.client()
    bucket, _, prefix = store.url.removeprefix("s3://").partition("/")
    client.create_multipart_upload(Bucket=bucket, Key=f"{prefix}/recordings/half.wav")
    elsewhere = f"elsewhere-{prefix}"
    client.create_multipart_upload(Bucket=bucket, Key=elsewhere)
    now = datetime.now(UTC)

    assert store.abort_stale_uploads(now - timedelta(hours=1)) == 0
    assert store.abort_stale_uploads(now + timedelta(hours=1)) == 1

    left = [each["Key"] for each in client.list_multipart_uploads(Bucket=bucket)["Uploads"]]
    assert elsewhere in left
    assert not any(key.startswith(prefix) for key in left)


def test_a_listing_of_more_than_a_page_is_whole(store: ObjectStore, s3_server: S3Server) -> None:
    client = s3_server.client()
    bucket, _, prefix = store.url.removeprefix("s3://").partition("/")
    names = [f"clips/r/{number:05d}.flac" for number in range(1050)]

    with ThreadPoolExecutor(8) as pool:
        list(
            pool.map(lambda name: client.put_object(Bucket=bucket, Key=f"{prefix}/{name}", Body=b"x"), names)
        )

    assert sorted(each.key for each in store.list("clips/")) == names


@pytest.mark.parametrize(("access_key", "secret_key"), [("nobody", None), (None, "x" * 32)])
def test_a_wrong_key_is_refused_and_said_so(
    s3_store_url: str, s3_options: S3Options, access_key: str | None, secret_key: str | None
) -> None:
    wrong = replace(
        s3_options,
        access_key=access_key or s3_options.access_key,
        secret_key=secret_key or s3_options.secret_key,
    )
    store = open_store(s3_store_url, wrong)

    with pytest.raises(StoreRefused, match="access key"):
        store.put_bytes("a", b"x")


def test_a_bucket_that_is_not_there_is_named(s3_options: S3Options, tmp_path: Path) -> None:
    store = open_store("s3://no-such-bucket/p", s3_options)

    with pytest.raises(StoreRefused, match="no-such-bucket"):
        store.put_bytes("a", b"x")
    with pytest.raises(StoreRefused, match="no-such-bucket"):
        store.get_bytes("a", 10)


def test_a_store_that_nobody_answers_for_is_unavailable_in_seconds(s3_options: S3Options) -> None:
    nobody = replace(s3_options, endpoint=f"http://127.0.0.1:{free_ports(1)[0]}", attempts=2)
    store = open_store("s3://bucket", nobody)

    for use in (
        lambda: store.put_bytes("a", b""),
        lambda: store.create("a", b""),
        lambda: list(store.list()),
    ):
        with pytest.raises(StoreUnavailable, match="can't be reached"):
            use()


def test_an_upload_that_somebody_dropped_half_way_is_no_refusal_and_goes_through_the_next_time(
    far_store: ObjectStore, store: ObjectStore, proxy: Proxy, tmp_path: Path
) -> None:
    source = tmp_path / "session.wav"
    source.write_bytes(os.urandom(20 * 2**20))

    def clear_up(sent: int) -> None:
        if sent > 8 * 2**20:
            store.abort_stale_uploads(datetime.now(UTC) + timedelta(hours=1))

    proxy.on_upload = clear_up
    with pytest.raises(StoreUnavailable, match="Run the same command again"):
        far_store.put_file("recordings/session.wav", source)
    proxy.on_upload = lambda sent: None

    assert not store.exists("recordings/session.wav")
    put = far_store.put_file("recordings/session.wav", source)
    assert store.head("recordings/session.wav") == put


def test_a_store_that_says_nothing_is_asked_as_often_as_was_set_and_no_more(
    store: ObjectStore, s3_store_url: str, s3_options: S3Options, proxy: Proxy
) -> None:
    far = open_store(s3_store_url, replace(s3_options, endpoint=proxy.endpoint, attempts=2, read_timeout=1.0))
    data = os.urandom(300_000)
    store.put_bytes("a", data)
    proxy.cut_after, proxy.cut_downloads = 100_000, 1

    with pytest.raises(StoreUnavailable, match="can't be reached"), far.open("a") as stream:
        proxy.speaks.clear()
        before = proxy.asked
        stream.read()

    assert proxy.asked - before == 2
    for use, most in (
        (lambda: far.read_range("a", 0, 10), 2),
        (lambda: far.get_bytes("a", 300_000), 3),
        (lambda: far.put_bytes("b", b"new"), 2),
        (lambda: far.create("c", b"new"), 4),
    ):
        before = proxy.asked
        with pytest.raises(StoreUnavailable, match="run the same command again"):
            use()
        assert proxy.asked - before <= most
    proxy.speaks.set()
    assert far.get_bytes("a", 300_000) == data


def test_a_store_that_ignores_conditions_is_refused(
    far_store: ObjectStore, store: ObjectStore, proxy: Proxy
) -> None:
    proxy.ignore_conditions = True

    with pytest.raises(UnsafeStore, match="4 racing creates of one key 4 succeeded"):
        probe(far_store)

    assert list(store.list()) == []


@pytest.mark.slow
def test_a_server_killed_in_the_middle_of_an_upload_costs_only_time(tmp_path: Path) -> None:
    server = start_seaweedfs(tmp_path / "server", owner=os.getpid())
    try:
        server.create_bucket("killed")
        source = tmp_path / "session.wav"
        source.write_bytes(os.urandom(40 * 2**20))
        killed = threading.Event()

        def kill_midway(sent: int) -> None:
            if sent > 16 * 2**20 and not killed.is_set():
                killed.set()
                stop_process(server.pid)

        with bad_link(server) as proxy:
            proxy.on_upload = kill_midway
            options = S3Options(
                endpoint=proxy.endpoint,
                region=REGION,
                access_key=server.access_key,
                secret_key=server.secret_key,
                attempts=2,
            )
            store = open_store("s3://killed", options)

            with pytest.raises(StoreUnavailable):
                store.put_file("recordings/session.wav", source)
            port = int(server.endpoint.rpartition(":")[2])
            server = start_seaweedfs(tmp_path / "server", owner=os.getpid(), port=port)

            assert killed.is_set()
            assert not store.exists("recordings/session.wav")
            put = store.put_file("recordings/session.wav", source)
            assert store.fetch("recordings/session.wav", tmp_path / "got") == put
            assert store.abort_stale_uploads(datetime.now(UTC) + timedelta(hours=1)) >= 0
    finally:
        stop_process(server.pid)
