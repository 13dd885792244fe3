"""What only a folder can suffer: a full disk, a kill, a missing right."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic

import pytest

from catalog.store import StoreRefused, open_store
from tests.conftest import REPOSITORY

FILL_DISK = """
import resource, sys
from catalog.store import StoreFull, open_store
resource.setrlimit(resource.RLIMIT_FSIZE, (2**20, 2**20))
store = open_store(sys.argv[1])
store.put_bytes("small", b"fits")
for write in (store.put_bytes, store.create):
    try:
        write("large", b"x" * (3 * 2**20))
    except StoreFull as error:
        print(error)
"""

WRITE_FOR_EVER = """
import itertools, os, sys
from catalog.store import open_store
store = open_store(sys.argv[1])
for number in itertools.count():
    data = bytes([number % 256]) * (2 * 2**20)
    store.put_bytes(f"replaced/{number % 3}", data)
    store.create(f"created/{number}", data)
"""


def test_a_full_disk_is_said_and_leaves_what_was_there(tmp_path: Path) -> None:
    url = (tmp_path / "store").as_uri()

    child = subprocess.run(
        [sys.executable, "-c", FILL_DISK, url], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )

    assert child.stdout.count("Make room") == 2
    assert [each.key for each in open_store(url).list()] == ["small"]
    assert list((tmp_path / "store" / ".incoming").iterdir()) == []


@pytest.mark.parametrize("pause", [0.0, 0.02, 0.05])
def test_a_writer_killed_at_any_moment_leaves_only_whole_objects(tmp_path: Path, pause: float) -> None:
    folder = tmp_path / "store"
    writer = subprocess.Popen([sys.executable, "-c", WRITE_FOR_EVER, folder.as_uri()], cwd=REPOSITORY)
    give_up = monotonic() + 60
    while not (folder / "created" / "1").exists() and monotonic() < give_up:
        pass

    end = monotonic() + pause
    while monotonic() < end:
        pass
    writer.kill()
    writer.wait()

    store = open_store(folder.as_uri())
    kept = list(store.list())
    assert {"created/0", "created/1", "replaced/0"} <= {each.key for each in kept}
    for each in kept:
        data = store.get_bytes(each.key, 2**22)  # compared with its digest, too
        assert len(data) == 2 * 2**20
        assert set(data) == {data[0]}


def test_what_a_killed_writer_left_is_dropped_once_it_is_old(tmp_path: Path) -> None:
    store = open_store((tmp_path / "store").as_uri())
    store.put_bytes("whole", b"x")
    half = tmp_path / "store" / ".incoming" / "half"
    half.write_bytes(b"hal")
    now = datetime.now(UTC)

    assert [each.key for each in store.list()] == ["whole"]
    assert store.abort_stale_uploads(now - timedelta(hours=1)) == 0
    assert store.abort_stale_uploads(now + timedelta(hours=1)) == 1
    assert not half.exists()


def test_bytes_that_rot_are_mended_by_putting_the_file_again(tmp_path: Path) -> None:
    store = open_store((tmp_path / "store").as_uri())
    store.put_bytes("recordings/a.wav", b"as it was")
    with (tmp_path / "store" / "recordings" / "a.wav").open("r+b") as file:
        file.write(b"rot")

    store.put_bytes("recordings/a.wav", b"as it was")

    assert store.get_bytes("recordings/a.wav", 100) == b"as it was"


def test_a_folder_that_is_only_read_is_not_written_to(tmp_path: Path) -> None:
    store = open_store((tmp_path / "nothing").as_uri())

    assert list(store.list()) == []
    assert store.abort_stale_uploads(datetime.now(UTC)) == 0
    assert not (tmp_path / "nothing").exists()


def test_a_key_can_not_be_the_folder_of_another(tmp_path: Path) -> None:
    store = open_store((tmp_path / "store").as_uri())
    store.put_bytes("a", b"x")
    store.put_bytes("b/c", b"x")

    for key in ("a/b", "b"):
        with pytest.raises(StoreRefused, match="folder of another"):
            store.put_bytes(key, b"y")
    with pytest.raises(StoreRefused):
        store.create("b", b"y")
    assert sorted(each.key for each in store.list()) == ["a", "b/c"]


def test_a_folder_without_rights_is_refused_and_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"no folder")

    with pytest.raises(StoreRefused, match="Check who owns the folder"):
        open_store((tmp_path / "file").as_uri()).put_bytes("a", b"x")


def test_an_empty_folder_goes_with_its_last_object_and_the_store_stays(tmp_path: Path) -> None:
    store = open_store((tmp_path / "store").as_uri())
    store.put_bytes("clips/r/c.flac", b"x")

    store.delete("clips/r/c.flac")

    assert [each.name for each in (tmp_path / "store").iterdir()] == [".incoming"]


def test_a_folder_has_no_links(tmp_path: Path) -> None:
    store = open_store((tmp_path / "store").as_uri())
    store.put_bytes("a", b"x")

    assert store.presign("a", 60) is None
