"""A version to a folder, whole and compared."""

import json
from pathlib import Path

import pytest

from releases.difference import diff
from releases.local_copy import STATE
from releases.pull import pull
from releases.refusals import BrokenManifest, PullFailed
from releases.versions import commit_key, datasets, listed, read_version
from tests.releases.conftest import Archive
from tests.releases.stores import rows_of


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
    version = read_version(archive.store, "tiny", "1.0.0")
    assert copied(copy) == {
        file.path: archive.store.get_bytes(version.key(file), 10**8) for file in version.files
    }


def test_damaged_bytes_are_never_pulled(archive: Archive, tmp_path: Path) -> None:
    archive.publish()
    archive.store.put_bytes("datasets/tiny/1.0.0/README.md", b"other")

    with pytest.raises(PullFailed, match=r"README\.md"):
        pull(archive.store, "tiny", "1.0.0", tmp_path / "copy")

    assert not (tmp_path / "copy" / "README.md").exists()


@pytest.mark.parametrize("path", ["../outside", "/outside", "data/../../outside", ".boli-pull.json", "a//b"])
def test_a_forged_manifest_writes_nothing_outside_the_folder(
    archive: Archive, tmp_path: Path, path: str
) -> None:
    archive.publish()
    commit = json.loads(archive.store.get_bytes(commit_key("tiny", "1.0.0"), 10**7))
    commit["files"][0]["path"] = path
    archive.store.put_bytes(commit_key("tiny", "1.0.0"), json.dumps(commit).encode())

    with pytest.raises(PullFailed, match="outside of the copy"):
        pull(archive.store, "tiny", "1.0.0", tmp_path / "copy")

    assert not (tmp_path / "outside").exists()


def test_a_forged_part_is_a_broken_manifest(archive: Archive, tmp_path: Path) -> None:
    archive.publish()
    commit = json.loads(archive.store.get_bytes(commit_key("tiny", "1.0.0"), 10**7))
    commit["parts"][0]["sha256"] = "../../recordings/secret"
    archive.store.put_bytes(commit_key("tiny", "1.0.0"), json.dumps(commit).encode())

    with pytest.raises(BrokenManifest, match="SHA-256"):
        pull(archive.store, "tiny", "1.0.0", tmp_path / "copy")


def test_a_forged_state_takes_nothing_away_outside_the_folder(archive: Archive, tmp_path: Path) -> None:
    archive.publish()
    copy = tmp_path / "copy"
    pull(archive.store, "tiny", "1.0.0", copy)
    (tmp_path / "precious").write_text("mine")
    state = json.loads((copy / STATE).read_text())
    state["files"]["../precious"] = "0" * 64
    (copy / STATE).write_text(json.dumps(state))

    with pytest.raises(PullFailed, match="outside of the copy"):
        pull(archive.store, "tiny", "1.0.0", copy)

    assert (tmp_path / "precious").read_text() == "mine"


def test_a_newer_version_takes_the_place_of_the_older_one_and_leaves_other_peoples_files(
    archive: Archive, tmp_path: Path
) -> None:
    archive.publish()
    copy = tmp_path / "copy"
    pull(archive.store, "tiny", "1.0.0", copy)
    (copy / "data" / "notes.txt").write_text("mine")
    archive.rewrite(rows_of(archive.store, "1.0.0")[0]["id"], "నాకు ఇష్టం")
    archive.publish()

    pulled = pull(archive.store, "tiny", "1.1.0", copy)

    assert pulled.removed == 1
    version = read_version(archive.store, "tiny", "1.1.0")
    assert set(copied(copy)) == {"data/notes.txt", *(file.path for file in version.files)}
    (again := pull(archive.store, "tiny", "1.1.0", copy))
    assert (again.fetched, again.removed, again.travelled) == (0, 0, 0)


def test_a_file_of_somebody_else_in_the_place_of_one_of_ours_stops_the_pull(
    archive: Archive, tmp_path: Path
) -> None:
    archive.publish()
    copy = tmp_path / "copy"
    copy.mkdir()
    (copy / "README.md").write_text("my own notes")

    with pytest.raises(PullFailed, match="not written by pull"):
        pull(archive.store, "tiny", "1.0.0", copy)

    assert (copy / "README.md").read_text() == "my own notes"


def test_a_second_pull_into_the_same_folder_is_refused(archive: Archive, tmp_path: Path) -> None:
    archive.publish()
    copy = tmp_path / "copy"
    refused: list[bool] = []

    def meanwhile(label: str, done: int, whole: int) -> None:
        if not refused:
            with pytest.raises(PullFailed, match="another pull"):
                pull(archive.store, "tiny", "1.0.0", copy)
            refused.append(True)

    pull(archive.store, "tiny", "1.0.0", copy, progress=meanwhile)

    assert refused


def test_a_disk_that_is_too_small_is_told_before_a_byte_is_fetched(archive: Archive, tmp_path: Path) -> None:
    archive.publish()
    commit = json.loads(archive.store.get_bytes(commit_key("tiny", "1.0.0"), 10**7))
    commit["parts"][0]["size"] = 10**17
    archive.store.put_bytes(commit_key("tiny", "1.0.0"), json.dumps(commit).encode())

    with pytest.raises(PullFailed, match=r"100000000\.\d GB\. Make room"):
        pull(archive.store, "tiny", "1.0.0", tmp_path / "copy")

    assert copied(tmp_path / "copy") == {}


def test_a_corrected_text_makes_a_pull_fetch_no_sound_again(archive: Archive, tmp_path: Path) -> None:
    archive.add_speaker("te-09")
    archive.add_recording("te-09", clips=120, seconds=0.5)
    archive.publish()
    copy = tmp_path / "copy"
    whole = pull(archive.store, "tiny", "1.0.0", copy)
    clip = next(row["id"] for row in rows_of(archive.store, "1.0.0") if row["speaker"] == "te-09")
    archive.rewrite(clip, "నాకు ఇష్టం")
    archive.publish()

    update = pull(archive.store, "tiny", "1.1.0", copy)

    assert verify_copy(archive, copy, "1.1.0")
    assert update.travelled < whole.travelled / 5
    assert update.bytes > whole.bytes * 0.99


def test_what_a_stopped_pull_left_half_written_goes_and_hidden_files_of_others_stay(
    archive: Archive, tmp_path: Path
) -> None:
    archive.publish()
    copy = tmp_path / "copy"
    pull(archive.store, "tiny", "1.0.0", copy, forms=["ctm"])
    for path in (f"data/.{'a' * 32}.part", f"ctm/.{'b' * 32}.partial"):
        (copy / path).write_bytes(b"half")
    part = next((copy / "data").glob("train-*.parquet"))
    (copy / "data" / f".{part.name}.{'c' * 16}.partial").write_bytes(b"half")
    (copy / "data" / ".notes.partial").write_text("mine")

    pull(archive.store, "tiny", "1.0.0", copy)

    hidden = {each.name for each in copy.rglob(".*") if not each.name.startswith(".boli-pull")}
    assert hidden == {".notes.partial"}


def test_a_pull_that_was_stopped_inside_a_part_goes_on_there(archive: Archive, tmp_path: Path) -> None:
    archive.publish()
    version = read_version(archive.store, "tiny", "1.0.0")
    file = version.parts[0].file
    copy = tmp_path / "copy"
    data = archive.store.get_bytes(version.key(file), 10**8)
    (copy / "data").mkdir(parents=True)
    name = f".{Path(file.path).name}.{file.sha256[:16]}.partial"
    (copy / "data" / name).write_bytes(data[: len(data) // 2])

    pulled = pull(archive.store, "tiny", "1.0.0", copy)

    assert verify_copy(archive, copy, "1.0.0")
    assert pulled.travelled == pulled.bytes - len(data) // 2


def verify_copy(archive: Archive, copy: Path, number: str) -> bool:
    version = read_version(archive.store, "tiny", number)
    return copied(copy) == {
        file.path: archive.store.get_bytes(version.key(file), 10**8) for file in version.files
    }


def copied(copy: Path) -> dict[str, bytes]:
    """What lies in a copy, but for what pull notes down."""
    return {
        str(each.relative_to(copy)): each.read_bytes()
        for each in copy.rglob("*")
        if each.is_file() and not each.name.startswith(".boli-pull")
    }


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
    assert list(changes.clips["changed"]) == [clip]
    assert (changes.rewritten, changes.unchanged) == (1, 7)
    assert {
        language: {k: v.clips for k, v in kinds.items()} for language, kinds in changes.by_language.items()
    } == {
        "kn": {"changed": 1},
        "te": {"added": 2, "removed": 2},
    }
