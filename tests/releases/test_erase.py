"""Withdrawal reaches the versions already published."""

import json
import os
import signal
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select

from catalog.database import open_catalog
from catalog.reconciliation.balance import reconcile
from catalog.states import ClipState, ReleaseState
from catalog.store import S3Options, open_store
from catalog.tables import Clip, RecordingSpeaker, Release, ReleaseItem, Transcript
from releases.pull import pull
from releases.reading import BeingRedacted
from releases.release_rows import release_id
from releases.tombstones import tombstones
from releases.verify import verify
from releases.versions import commit_key, read_version
from tests.releases.conftest import NOON, Archive
from tests.releases.stores import Deadly, Through, everything, killed_after, rows_of
from tests.servers import S3Server


def test_a_withdrawn_voice_is_gone_from_every_version_and_verify_says_redacted(
    either_archive: Archive,
) -> None:
    archive = either_archive
    archive.publish()
    commit = archive.store.get_bytes(commit_key("tiny", "1.0.0"), 10**7)
    archive.add_speaker("te-05")
    archive.add_recording("te-05", clips=1)
    archive.publish()
    sounds = sounds_of(archive, "te-02")
    assert voice_in(everything(archive.store, "datasets/"), sounds)

    archive.withdraw("te-02")
    erased = archive.erase()

    assert erased.rows == (("1.0.0", 2), ("1.1.0", 2))
    assert not voice_in(everything(archive.store, "datasets/"), sounds)
    for version, rows in (("1.0.0", 8), ("1.1.0", 9)):
        report = verify(archive.store, "tiny", version)
        assert report.problems == ()
        assert (report.state, report.redacted_rows, report.rows) == ("redacted", 2, rows)
    assert archive.store.get_bytes(commit_key("tiny", "1.0.0"), 10**7) == commit
    with archive.catalog.reading() as session:
        assert set(session.scalars(select(Release.state))) == {ReleaseState.REDACTED}
        erased_at = session.scalars(select(ReleaseItem.erased_at).where(ReleaseItem.speaker == "te-02")).all()
        assert None not in erased_at
        assert reconcile(session, archive.store, "demo").balanced


def test_tombstones_name_every_row_and_version_for_those_who_hold_copies(archive: Archive) -> None:
    archive.publish()
    rows = {
        (row["id"], row["row_sha256"]) for row in rows_of(archive.store, "1.0.0") if row["speaker"] == "te-02"
    }
    archive.withdraw("te-02")
    archive.erase()

    stones = list(tombstones(archive.store, "tiny"))

    assert {(stone.clip, stone.row_sha256) for stone in stones} == rows
    assert {(stone.version, stone.speaker) for stone in stones} == {("1.0.0", "te-02")}


def test_erasing_again_does_nothing(archive: Archive) -> None:
    archive.publish()
    archive.withdraw("te-02")
    archive.erase()
    before = everything(archive.store)

    assert archive.erase().rows == ()
    assert everything(archive.store) == before


def test_a_second_withdrawal_redacts_further(archive: Archive) -> None:
    archive.publish()
    archive.withdraw("te-02")
    archive.erase()
    archive.withdraw("te-03")

    archive.erase()

    report = verify(archive.store, "tiny", "1.0.0")
    assert report.problems == ()
    assert (report.redacted_rows, report.rows) == (4, 6)
    assert len(read_version(archive.store, "tiny", "1.0.0").redactions) == 2


def test_the_next_version_is_without_the_voice(archive: Archive) -> None:
    archive.publish()
    archive.withdraw("te-02")
    archive.erase()

    published = archive.publish()

    assert (published.version, published.clips) == ("1.1.0", 8)
    assert verify(archive.store, "tiny", "1.1.0").ok
    changes = archive.store.get_bytes("datasets/tiny/1.1.0/CHANGES.md", 10_000).decode()
    assert "8 clips are as they were" in changes


def test_a_split_that_a_withdrawal_empties_leaves_the_version_and_the_version_still_loads(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    from datasets import load_dataset

    archive.publish()
    tested = {row["speaker"] for row in rows_of(archive.store, "1.0.0", "test")}
    assert len(tested) == 1
    archive.withdraw(tested.pop())
    archive.erase()
    pull(archive.store, "tiny", "1.0.0", tmp_path / "copy")

    data = load_dataset(str(tmp_path / "copy"), cache_dir=str(tmp_path / "cache"))

    assert set(data) == {"train", "validation"}
    assert verify(archive.store, "tiny", "1.0.0").ok
    assert json.loads((tmp_path / "copy" / "files.json").read_text())["test"] == []
    described = json.loads((tmp_path / "copy" / "croissant.json").read_text())
    assert [each["name"] for each in described["recordSet"]] == ["train", "validation"]
    assert "> Nothing is left of: test." in (tmp_path / "copy" / "README.md").read_text()


def test_a_pulled_copy_loses_what_its_version_lost(archive: Archive, tmp_path: Path) -> None:
    archive.publish()
    pull(archive.store, "tiny", "1.0.0", tmp_path / "copy")
    sounds = sounds_of(archive, "te-02")
    archive.withdraw("te-02")
    archive.erase()

    pulled = pull(archive.store, "tiny", "1.0.0", tmp_path / "copy")

    assert pulled.removed == 1  # the part that held the voice and nothing else
    copy = {str(each): each.read_bytes() for each in (tmp_path / "copy").rglob("*") if each.is_file()}
    assert not voice_in(copy, sounds)
    assert len((tmp_path / "copy" / "withdrawn.jsonl").read_text().splitlines()) == 2


def test_a_build_that_holds_a_withdrawn_voice_and_was_stopped_is_given_up(archive: Archive) -> None:
    killed_after(archive, 4)
    sounds = sounds_of(archive, "te-02")
    archive.withdraw("te-02")

    erased = archive.erase()

    assert erased.given_up == ("1.0.0",)
    assert not voice_in(everything(archive.store, "datasets/"), sounds)
    assert archive.publish().version == "1.1.0"


def test_a_bucket_that_keeps_old_versions_holds_the_voice_in_none_of_them(
    make_archive: Callable[..., Archive], s3_server: S3Server, s3_options: S3Options
) -> None:
    client = s3_server.client()
    s3_server.create_bucket("boli-versioned-releases")
    client.put_bucket_versioning(
        Bucket="boli-versioned-releases", VersioningConfiguration={"Status": "Enabled"}
    )
    prefix = uuid.uuid4().hex
    archive = make_archive(open_store(f"s3://boli-versioned-releases/{prefix}", s3_options))
    for name in ("te-01", "te-02"):
        archive.add_speaker(name)
        archive.add_recording(name, clips=1)
    archive.publish()
    sounds = sounds_of(archive, "te-02")

    archive.withdraw("te-02")
    archive.erase()

    listed = client.list_object_versions(Bucket="boli-versioned-releases", Prefix=f"{prefix}/datasets/")
    kept = {
        f"{each['Key']}@{each['VersionId']}": client.get_object(
            Bucket="boli-versioned-releases", Key=each["Key"], VersionId=each["VersionId"]
        )["Body"].read()
        for each in listed["Versions"]
    }
    assert len(kept) >= 10
    assert not voice_in(kept, sounds)
    assert verify(archive.store, "tiny", "1.0.0").ok


@pytest.mark.slow
def test_killed_at_any_step_of_an_erasure_the_same_command_ends_in_the_same_state(
    make_archive: Callable[..., Archive], tmp_path: Path
) -> None:
    for last in range(1, 19):
        folder = tmp_path / str(last)
        archive = make_archive(open_store((folder / "store").as_uri()), f"sqlite:///{folder / 'boli.sqlite'}")
        for name in ("te-01", "te-02"):
            archive.add_speaker(name)
            archive.add_recording(name, clips=1)
        archive.publish()
        sounds = sounds_of(archive, "te-02")
        archive.withdraw("te-02")
        erasing_killed_after(archive, last)
        half_way = verify(archive.store, "tiny", "1.0.0")
        assert half_way.problems == (), last
        try:
            copied = pull(archive.store, "tiny", "1.0.0", folder / "copy")
        except BeingRedacted as error:
            assert "Nothing is damaged" in str(error) and "boli consent withdraw" in str(error)
        else:
            assert half_way.redacted_rows == 1 or copied.files == 10, last

        archive.erase()

        report = verify(archive.store, "tiny", "1.0.0")
        assert report.problems == (), last
        assert (report.state, report.redacted_rows, report.rows) == ("redacted", 1, 1)
        assert not voice_in(everything(archive.store, "datasets/"), sounds)
        assert len(list(tombstones(archive.store, "tiny"))) == 1
        assert not list(archive.store.list("datasets/tiny/redacting/"))


class DeadlyToo(Deadly):
    """Dies at deletions and plain puts as well."""

    def delete(self, key: str) -> int:
        count = self._store.delete(key)
        self._count()
        return count

    def put_bytes(self, key: str, data: bytes) -> object:
        stored = self._store.put_bytes(key, data)
        self._count()
        return stored


def erasing_killed_after(archive: Archive, writes: int) -> None:
    url = archive.catalog.engine.url.render_as_string(hide_password=False)
    archive.catalog.close()
    child = os.fork()
    if child == 0:
        try:
            store: Through = DeadlyToo(archive.store, writes)
            replace(archive, catalog=open_catalog(url), store=store).erase()
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL


def sounds_of(archive: Archive, pseudonym: str) -> list[bytes]:
    """Stretches from the middle of that speaker's FLAC bytes: no other file can hold them by chance."""
    with archive.catalog.reading() as session:
        keys = session.scalars(
            select(Clip.cut_key)
            .join(RecordingSpeaker, RecordingSpeaker.recording_id == Clip.recording_id)
            .where(RecordingSpeaker.speaker_id == f"speaker-{pseudonym}")
        ).all()
    return [archive.store.get_bytes(key, 10**7)[5000:5064] for key in keys]


def voice_in(objects: dict[str, bytes], sounds: list[bytes]) -> list[str]:
    assert sounds
    return [key for key, data in objects.items() if any(sound in data for sound in sounds)]


def test_a_voice_with_more_rows_than_a_statement_takes_parameters_is_taken_out(
    either_archive: Archive,
) -> None:
    archive = either_archive
    archive.publish()
    many = 70_001  # PostgreSQL takes 65,535 parameters, SQLite 32,766
    _make_rows(archive, "te-01", many)
    archive.withdraw("te-01")

    erased = archive.erase()

    assert erased.rows == (("1.0.0", many + 2),)
    assert len(list(tombstones(archive.store, "tiny"))) == many + 2
    with archive.catalog.reading() as session:
        left = select(func.count()).where(ReleaseItem.speaker == "te-01", ReleaseItem.erased_at.is_(None))
        assert session.scalar(left) == 0
        assert session.scalars(select(Release.state)).all() == [ReleaseState.REDACTED]
    assert archive.erase().rows == ()


def _make_rows(archive: Archive, pseudonym: str, count: int) -> None:
    """Rows of a published version without bytes: clips of the speaker's recording, with a text each."""
    with archive.catalog.writing() as session:
        recording = session.scalars(
            select(RecordingSpeaker.recording_id).where(RecordingSpeaker.speaker_id == f"speaker-{pseudonym}")
        ).one()
        known = {"project_id": "demo", "created_at": NOON, "language": "te"}
        rows: dict[type, list[dict[str, object]]] = {Clip: [], Transcript: [], ReleaseItem: []}
        for number in range(count):
            clip = f"made-{number:06}"
            rows[Clip].append(
                {"id": clip, "recording_id": recording, "recipe_id": "r", "number": number + 10,
                 "start": number + 10**6, "end": number + 10**6 + 1, "seconds": 1.0, "state": ClipState.ACCEPTED,
                 "measures": {}, "findings": [], "cut_key": clip, "cut_sha256": clip, "clean_key": clip,
                 "clean_sha256": clip, "preview_key": clip, "peaks_key": clip, **known}
            )  # fmt: skip
            rows[Transcript].append(
                {"id": clip, "clip_id": clip, "version": 1, "verbatim": "x", "normalised": "x",
                 "origin": "agreement", "guideline": "te@v1", "accepted_at": NOON}
            )  # fmt: skip
            rows[ReleaseItem].append(
                {"release_id": release_id("tiny", "1.0.0"), "clip_id": clip, "transcript_id": clip,
                 "speaker": pseudonym, "split": "train", "shard": "data/made", "row_sha256": f"{number:064x}"}
            )  # fmt: skip
        for table, some in rows.items():
            session.execute(insert(table), some)
