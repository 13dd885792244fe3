"""`verify` reads everything again, and says which file and which clip."""

import io
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from catalog.keys import part_key
from catalog.store import ObjectStore
from releases.describe import checksums, data_files
from releases.refusals import BrokenManifest, NoSuchVersion
from releases.verify import Level, verify
from releases.versions import File, commit_key, dump, read_version
from tests.releases.conftest import Archive, tone

FOLDER = "datasets/tiny/1.0.0"


@pytest.fixture
def store(archive: Archive) -> ObjectStore:
    archive.publish()
    return archive.store


def train(store: ObjectStore) -> tuple[str, str]:
    """Path and key of the part of train."""
    version = read_version(store, "tiny", "1.0.0")
    file = next(part.file for part in version.parts if part.split == "train")
    return file.path, version.key(file)


def a_flipped_byte(store: ObjectStore) -> str:
    path, key = train(store)
    data = bytearray(store.get_bytes(key, 10**8))
    data[5000] ^= 1
    store.put_bytes(key, bytes(data))
    return path


def a_lost_part(store: ObjectStore) -> str:
    version = read_version(store, "tiny", "1.0.0")
    file = next(part.file for part in version.parts if part.split == "test")
    store.delete(version.key(file))
    return file.path


def a_cut_off_list(store: ObjectStore) -> str:
    key = f"{FOLDER}/files.json"
    store.put_bytes(key, store.get_bytes(key, 10**8)[:-10])
    return "files.json"


def a_file_too_many(store: ObjectStore) -> str:
    store.put_bytes(f"{FOLDER}/data/extra.parquet", b"PAR1")
    return "data/extra.parquet"


@pytest.mark.parametrize("damage", [a_flipped_byte, a_lost_part, a_cut_off_list, a_file_too_many])
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
    assert not verify(store, "tiny", "1.0.0", level="hashes").ok

    a_cut_off_list(store)
    assert verify(store, "tiny", "1.0.0", level="structure").ok
    assert not verify(store, "tiny", "1.0.0", level="sizes").ok

    a_lost_part(store)
    assert not verify(store, "tiny", "1.0.0", level="structure").ok


def forged(store: ObjectStore, change: Callable[[dict[str, Any]], None]) -> None:
    """Change the first row of train, and forge the commit and the lists so that every hash agrees with them."""
    version = read_version(store, "tiny", "1.0.0")
    part = next(part for part in version.parts if part.split == "train")
    table = pq.read_table(io.BytesIO(store.get_bytes(version.key(part.file), 10**8)))
    rows = table.to_pylist()
    change(rows[0])
    file = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), file)
    data = file.getvalue()
    new = replace(part, sha256=sha256(data).hexdigest(), size=len(data))
    store.put_bytes(part_key("tiny", new.sha256), data)
    parts = tuple(new if each == part else each for each in version.parts)
    own = {each.path: store.get_bytes(version.key(each), 10**7) for each in version.own_files}
    own["files.json"] = data_files("tiny", parts)
    own["croissant.json"] = own["croissant.json"].replace(part.sha256.encode(), new.sha256.encode())
    del own["checksums.sha256"]
    files = [File(path, sha256(data).hexdigest(), len(data)) for path, data in sorted(own.items())]
    own["checksums.sha256"] = checksums([*(each.file for each in parts), *files])
    sums = own["checksums.sha256"]
    files.append(File("checksums.sha256", sha256(sums).hexdigest(), len(sums)))
    for path, content in own.items():
        store.put_bytes(f"{FOLDER}/{path}", content)
    commit = replace(version.commit, parts=parts, files=tuple(files))
    store.put_bytes(commit_key("tiny", "1.0.0"), dump(commit))


@pytest.mark.parametrize("level", ["bytes", "sounds"])
@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda row: row.update(duration=row["duration"] + 0.1), "lasts 1.0000 s and says 1.1000 s"),
        (
            lambda row: row.update(audio={"bytes": tone(1.0, pitch=99), "path": "x"}),
            "another sound than its row says",
        ),
        (lambda row: row.update(audio={"bytes": b"no sound", "path": "x"}), "does not decode"),
        (lambda row: row.update(row_sha256="0" * 64), "holds other rows than the commit says"),
        (
            lambda row: row.update(words=[{"word": "a", "start": 0.5, "end": 1.5, "score": 1.0}]),
            "has 'a' at 0.500–1.500 s of 1.000 s",
        ),
        (lambda row: row.update(speaker="te-02"), "has speaker te-02 in train and validation"),
    ],
)
def test_a_version_that_contradicts_itself_is_found_even_where_every_hash_agrees(
    store: ObjectStore, change: Callable[[dict[str, Any]], None], said: str, level: Level
) -> None:
    forged(store, change)

    report = verify(store, "tiny", "1.0.0", level=level)

    assert any(said in problem.what for problem in report.problems), report.problems


def test_a_sound_that_was_published_broken_behind_a_good_header_is_found_where_sounds_are_decoded(
    store: ObjectStore,
) -> None:
    def spoil(row: dict[str, Any]) -> None:
        data = bytearray(row["audio"]["bytes"])
        data[len(data) // 2 :] = bytes(len(data) - len(data) // 2)
        row.update(audio={"bytes": bytes(data), "path": "x"}, audio_sha256=sha256(data).hexdigest())

    forged(store, spoil)

    assert verify(store, "tiny", "1.0.0", level="bytes").ok
    report = verify(store, "tiny", "1.0.0", level="sounds")
    assert [problem.path for problem in report.problems] == [train(store)[0]]


def test_a_version_that_is_not_there_says_which_are(store: ObjectStore) -> None:
    with pytest.raises(NoSuchVersion, match=r"committed are: 1\.0\.0"):
        verify(store, "tiny", "2.0.0")


def test_a_commit_that_was_changed_by_hand_is_said_to_be_broken(store: ObjectStore) -> None:
    store.put_bytes(commit_key("tiny", "1.0.0"), b'{"dataset": "tiny"}')

    with pytest.raises(BrokenManifest, match="not what Boli writes there"):
        verify(store, "tiny", "1.0.0")
