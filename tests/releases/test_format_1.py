"""A version of the first format, which held its rows itself and each sound twice, lives on among those that follow.

saved/format-1.tar.gz is what Boli wrote for these very clips before parts were shared.
"""

import json
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from catalog.ids import content_id
from catalog.states import ReleaseState
from catalog.store import ObjectStore, open_store
from catalog.tables import Release, ReleaseItem, Transcript
from releases.difference import diff
from releases.pull import pull
from releases.verify import verify
from releases.versions import commits, read_version, sha256_of
from tests.releases.conftest import NOON, Archive
from tests.releases.stores import everything
from tests.releases.test_erase import sounds_of, voice_in
from tests.releases.test_pull import copied

SAVED = Path(__file__).parent / "saved" / "format-1.tar.gz"


@pytest.fixture
def archive(make_archive: Callable[..., Archive], tmp_path: Path) -> Archive:
    """The clips of the saved version, and that version in the store and in the catalogue."""
    with tarfile.open(SAVED) as saved:
        saved.extractall(tmp_path / "store", filter="data")
    made = make_archive(open_store((tmp_path / "store").as_uri()))
    for name in ("te-01", "te-02", "te-03"):
        made.add_speaker(name)
        made.add_recording(name, clips=2, seconds=0.25)
    commit = commits(made.store, "tiny")[0]
    with made.catalog.writing() as session:
        identifier = content_id("release", "tiny", "1.0.0")
        session.add(
            Release(
                id=identifier,
                project_id="demo",
                name="tiny",
                version="1.0.0",
                parent=None,
                selection_sha256=commit.selection_sha256,
                manifest_sha256=sha256_of(commit),
                state=ReleaseState.PUBLISHED,
                clips=6,
                seconds=1.5,
                created_at=NOON,
            )
        )
        session.flush()
        for split in ("train", "validation", "test"):
            for line in lines(made.store, f"datasets/tiny/1.0.0/alignments/{split}.jsonl"):
                text = session.query(Transcript).filter_by(clip_id=line["id"]).one()
                session.add(
                    ReleaseItem(
                        release_id=identifier,
                        clip_id=line["id"],
                        transcript_id=text.id,
                        speaker=line["speaker"],
                        split=split,
                        shard=f"data/{split}-00000-of-00001.parquet",
                        row_sha256=line["row_sha256"],
                        erased_at=None,
                    )
                )
    return made


def test_it_is_verified_byte_by_byte(archive: Archive) -> None:
    report = verify(archive.store, "tiny", "1.0.0")

    assert (report.problems, report.state, report.rows) == ((), "whole", 6)
    assert sha256_of(commits(archive.store, "tiny")[0]) == (
        "199bc7d8d3db6ab98f739a8b2be4b5abadf567990f9a0ef15a57a8a15ba734d2"
    )


def test_damage_to_its_lists_is_found(archive: Archive) -> None:
    key = "datasets/tiny/1.0.0/manifests/nemo/train.jsonl"
    archive.store.put_bytes(key, archive.store.get_bytes(key, 10**6)[:-10])

    assert [problem.path for problem in verify(archive.store, "tiny", "1.0.0").problems] == [
        "manifests/nemo/train.jsonl"
    ]


def test_it_is_pulled_whole(archive: Archive, tmp_path: Path) -> None:
    pulled = pull(archive.store, "tiny", "1.0.0", tmp_path / "copy")

    prefix = "datasets/tiny/1.0.0/"
    assert copied(tmp_path / "copy") == {
        key.removeprefix(prefix): data for key, data in everything(archive.store, prefix).items()
    }
    assert pulled.files == 28


def test_a_withdrawal_takes_the_voice_out_of_it_and_it_verifies_as_redacted(archive: Archive) -> None:
    sounds = sounds_of(archive, "te-02")
    assert voice_in(everything(archive.store, "datasets/"), sounds)
    archive.withdraw("te-02")

    erased = archive.erase()

    assert erased.rows == (("1.0.0", 2),)
    assert not voice_in(everything(archive.store, "datasets/"), sounds)
    report = verify(archive.store, "tiny", "1.0.0")
    assert (report.problems, report.state, report.rows) == ((), "redacted", 4)


def test_a_version_of_parts_follows_it_and_says_what_really_changed(archive: Archive) -> None:
    archive.add_speaker("te-04")
    archive.add_recording("te-04", clips=1)
    with archive.catalog.reading() as session:
        clip = session.query(ReleaseItem.clip_id).order_by(ReleaseItem.clip_id).first()
    assert clip is not None
    archive.rewrite(clip[0], "నాకు ఇష్టం")

    published = archive.publish()

    assert (published.version, published.clips) == ("1.1.0", 7)
    assert read_version(archive.store, "tiny", "1.1.0").commit.parent == "1.0.0"
    changes = diff(archive.store, "tiny", "1.0.0", "1.1.0")
    assert {kind: len(found) for kind, found in changes.clips.items()} == {
        "added": 1,
        "removed": 0,
        "changed": 1,
    }
    assert (changes.rewrites[0].after, changes.unchanged) == ("నాకు ఇష్టం", 5)
    said = archive.store.get_bytes("datasets/tiny/1.1.0/CHANGES.md", 10**5).decode()
    assert "5 clips are as they were; the text of 1 was rewritten." in said
    assert all(verify(archive.store, "tiny", version).ok for version in ("1.0.0", "1.1.0"))


def test_a_copy_that_an_older_boli_pulled_becomes_one_of_the_new_version(
    archive: Archive, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    pull(archive.store, "tiny", "1.0.0", copy)
    (copy / ".boli-pull.json").unlink()  # which it did not write yet
    (copy / "notes.txt").write_text("mine")
    archive.publish()

    pull(archive.store, "tiny", "1.1.0", copy)

    version = read_version(archive.store, "tiny", "1.1.0")
    assert set(copied(copy)) == {"notes.txt", *(file.path for file in version.files)}


def lines(store: ObjectStore, key: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in store.get_bytes(key, 10**6).splitlines()]
