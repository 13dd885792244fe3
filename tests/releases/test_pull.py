"""A version to a folder, whole and compared."""

import json
from pathlib import Path

import pytest

from releases.changes import diff
from releases.pull import pull
from releases.refusals import PullFailed
from releases.versions import commit_key, datasets, listed
from tests.releases.conftest import Archive
from tests.releases.stores import everything


def test_a_pull_goes_on_where_it_stopped_and_mends_what_is_wrong(
    either_archive: Archive, tmp_path: Path
) -> None:
    archive = either_archive
    archive.publish()
    copy = tmp_path / "copy"
    first = pull(archive.store, "tiny", "1.0.0", copy)
    (copy / "README.md").unlink()
    (copy / "CHANGES.md").write_text("other")

    again = pull(archive.store, "tiny", "1.0.0", copy)

    assert (first.fetched, again.fetched) == (first.files, 2)
    pulled = {str(each.relative_to(copy)): each.read_bytes() for each in copy.rglob("*") if each.is_file()}
    prefix = "datasets/tiny/1.0.0/"
    assert pulled == {
        key.removeprefix(prefix): data for key, data in everything(archive.store, prefix).items()
    }


def test_damaged_bytes_are_never_pulled(archive: Archive, tmp_path: Path) -> None:
    archive.publish()
    archive.store.put_bytes("datasets/tiny/1.0.0/README.md", b"other")

    with pytest.raises(PullFailed, match=r"README\.md"):
        pull(archive.store, "tiny", "1.0.0", tmp_path / "copy")

    assert not (tmp_path / "copy" / "README.md").exists()


def test_a_forged_manifest_writes_nothing_outside_the_folder(archive: Archive, tmp_path: Path) -> None:
    archive.publish()
    commit = json.loads(archive.store.get_bytes(commit_key("tiny", "1.0.0"), 10**7))
    commit["files"][0]["path"] = "../outside"
    archive.store.put_bytes(commit_key("tiny", "1.0.0"), json.dumps(commit).encode())

    with pytest.raises(PullFailed, match="outside of itself"):
        pull(archive.store, "tiny", "1.0.0", tmp_path / "copy")

    assert not (tmp_path / "outside").exists()


def test_versions_are_listed_and_their_difference_told_by_language(archive: Archive) -> None:
    archive.publish()
    archive.add_speaker("te-05")
    added = archive.add_recording("te-05", clips=1)
    archive.rewrite(archive.add_recording("te-01", clips=1)[0], "నాకు ఇష్టం")
    archive.publish()
    with archive.catalog.reading() as session:
        from sqlalchemy import select

        from catalog.tables import Clip

        clip = session.scalars(select(Clip.id).where(Clip.language == "kn").order_by(Clip.id)).first()
    assert clip is not None
    archive.rewrite(clip, "ನನಗೆ ಇಷ್ಟ")
    archive.withdraw("te-03")
    archive.publish()

    changes = diff(archive.store, "tiny", "1.0.0", "1.2.0")

    assert datasets(archive.store) == ("tiny",)
    assert [each.commit.version for each in listed(archive.store, "tiny")] == ["1.0.0", "1.1.0", "1.2.0"]
    assert added[0] in changes.clips["added"]
    assert changes.clips["changed"] == (clip,)
    assert (changes.rewritten, changes.unchanged) == (1, 7)
    assert {
        language: {k: v.clips for k, v in kinds.items()} for language, kinds in changes.by_language.items()
    } == {
        "kn": {"changed": 1},
        "te": {"added": 2, "removed": 2},
    }
