"""`verify` reads everything again, and says which file and which clip."""

import gzip
import io
import json
from collections.abc import Callable

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from catalog.store import ObjectStore
from releases.refusals import BrokenManifest, NoSuchVersion
from releases.verify import verify
from releases.versions import commit_key
from tests.releases.conftest import Archive, tone

FOLDER = "datasets/tiny/1.0.0"
TRAIN = f"{FOLDER}/data/train-00000-of-00001.parquet"


@pytest.fixture
def store(archive: Archive) -> ObjectStore:
    archive.publish()
    return archive.store


def a_flipped_byte(store: ObjectStore) -> str:
    data = bytearray(store.get_bytes(TRAIN, 10**8))
    data[5000] ^= 1
    store.put_bytes(TRAIN, bytes(data))
    return "data/train-00000-of-00001.parquet"


def a_lost_sound(store: ObjectStore) -> str:
    key = next(each.key for each in store.list(f"{FOLDER}/audio/"))
    store.delete(key)
    return key.removeprefix(f"{FOLDER}/")


def a_cut_off_list(store: ObjectStore) -> str:
    key = f"{FOLDER}/manifests/nemo/train.jsonl"
    store.put_bytes(key, store.get_bytes(key, 10**8)[:-10])
    return "manifests/nemo/train.jsonl"


def a_file_too_many(store: ObjectStore) -> str:
    store.put_bytes(f"{FOLDER}/data/extra.parquet", b"PAR1")
    return "data/extra.parquet"


@pytest.mark.parametrize("damage", [a_flipped_byte, a_lost_sound, a_cut_off_list, a_file_too_many])
def test_damage_is_found_and_the_file_is_named(
    store: ObjectStore, damage: Callable[[ObjectStore], str]
) -> None:
    path = damage(store)

    report = verify(store, "tiny", "1.0.0")

    assert [problem.path for problem in report.problems] == [path]
    assert not report.ok


def test_each_level_sees_what_it_reads(store: ObjectStore) -> None:
    a_flipped_byte(store)
    assert verify(store, "tiny", "1.0.0", level="sizes").ok
    assert not verify(store, "tiny", "1.0.0", level="bytes").ok

    a_cut_off_list(store)
    assert verify(store, "tiny", "1.0.0", level="structure").ok
    assert not verify(store, "tiny", "1.0.0", level="sizes").ok

    a_lost_sound(store)
    assert not verify(store, "tiny", "1.0.0", level="structure").ok


def resealed(store: ObjectStore, path: str, data: bytes) -> None:
    """Put other bytes, and forge the commit and the checksums so that every hash agrees with them."""
    from hashlib import sha256

    store.put_bytes(f"{FOLDER}/{path}", data)
    commit = json.loads(store.get_bytes(commit_key("tiny", "1.0.0"), 10**7))
    for file in commit["files"]:
        if file["path"] == path:
            file["sha256"], file["size"] = sha256(data).hexdigest(), len(data)
    listed = [file for file in commit["files"] if file["path"] != "checksums.sha256"]
    sums = "".join(f"{each['sha256']}  {each['path']}\n" for each in listed).encode()
    store.put_bytes(f"{FOLDER}/checksums.sha256", sums)
    for file in commit["files"]:
        if file["path"] == "checksums.sha256":
            file["sha256"], file["size"] = sha256(sums).hexdigest(), len(sums)
    store.put_bytes(commit_key("tiny", "1.0.0"), json.dumps(commit).encode())


def rewritten(store: ObjectStore, change: Callable[[dict[str, object]], None]) -> bytes:
    """The train shard with its first row changed."""
    table = pq.read_table(io.BytesIO(store.get_bytes(TRAIN, 10**8)))
    rows = table.to_pylist()
    change(rows[0])
    file = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), file)
    return file.getvalue()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda row: row.update(duration=row["duration"] + 0.1), "lasts 1.0000 s and says 1.1000 s"),
        (
            lambda row: row.update(audio={"bytes": tone(1.0, pitch=99), "path": "x"}),
            "another sound than its row says",
        ),
        (lambda row: row.update(audio={"bytes": b"no sound", "path": "x"}), "does not decode"),
        (lambda row: row.update(text="other"), "has another text"),
        (
            lambda row: row.update(words=[{"word": "a", "start": 0.5, "end": 1.5, "score": 1.0}]),
            "has 'a' at 0.500–1.500 s of 1.000 s",
        ),
        (lambda row: row.update(speaker="te-02"), "has speaker te-02 in test and train"),
        (lambda row: row.update(id="clip-nobody"), "names"),
    ],
)
def test_a_version_that_contradicts_itself_is_found_even_where_every_hash_agrees(
    store: ObjectStore, change: Callable[[dict[str, object]], None], said: str
) -> None:
    resealed(store, "data/train-00000-of-00001.parquet", rewritten(store, change))

    report = verify(store, "tiny", "1.0.0")

    assert any(said in problem.what for problem in report.problems), report.problems


def test_a_list_that_leaves_a_clip_out_is_found(store: ObjectStore) -> None:
    path = "manifests/lhotse/supervisions-train.jsonl.gz"
    lines = gzip.decompress(store.get_bytes(f"{FOLDER}/{path}", 10**7)).splitlines(keepends=True)
    resealed(store, path, gzip.compress(b"".join(lines[1:])))

    report = verify(store, "tiny", "1.0.0")

    assert [problem.path for problem in report.problems] == [path]
    assert "does not name" in report.problems[0].what


def test_a_version_that_is_not_there_says_which_are(store: ObjectStore) -> None:
    with pytest.raises(NoSuchVersion, match=r"committed are: 1\.0\.0"):
        verify(store, "tiny", "2.0.0")


def test_a_commit_that_was_changed_by_hand_is_said_to_be_broken(store: ObjectStore) -> None:
    store.put_bytes(commit_key("tiny", "1.0.0"), b'{"dataset": "tiny"}')

    with pytest.raises(BrokenManifest, match="not what Boli writes there"):
        verify(store, "tiny", "1.0.0")
