"""A source is read once: what is as it was when it was taken in is passed over by its listing alone."""

import os
import time
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import select

from catalog import consent
from catalog.consent import ConsentScope
from catalog.store import open_inbox, open_store
from catalog.tables import SourceObject, Speaker, Upload
from flows.sources import FolderSource, StoreSource
from flows.steps.receive import ReceiveReport, receive_all
from flows.workspace import Workspace


class WatchedFolder(FolderSource):
    """A folder that counts how often each file is read, an hour later: nothing in it was written just now."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder.resolve(), clock_ns=lambda: time.time_ns() + 3_600 * 10**9)
        self.reads: Counter[str] = Counter()

    def look(self, name):
        self.reads[name] += 1
        return super().look(name)


def run(workspace: Workspace, folder: Path) -> tuple[ReceiveReport, list[str]]:
    source = WatchedFolder(folder)
    report = receive_all(workspace, source)
    return report, sorted(source.reads)


def test_a_second_run_reads_nothing_and_a_third_only_what_is_new_or_changed(workspace, coordinator):
    for name in ("te/a.mp3", "te/b.mp3"):
        coordinator.puts(name, name.encode())
    first, read = run(workspace, coordinator.folder)
    assert (first.received, read) == (2, ["te/a.mp3", "te/b.mp3"])

    second, read = run(workspace, coordinator.folder)
    assert (second.found, second.received, read) == (2, 0, [])

    coordinator.puts("te/c.mp3", b"new")
    (coordinator.folder / "te/a.mp3").write_bytes(b"other")
    third, read = run(workspace, coordinator.folder)
    assert (third.received, read) == (2, ["te/a.mp3", "te/c.mp3"])


def test_the_same_size_and_time_with_other_bytes_is_seen_by_the_time_of_the_change(workspace, coordinator):
    path = coordinator.puts("te/a.mp3", b"one")
    times = path.stat()
    run(workspace, coordinator.folder)

    path.write_bytes(b"two")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    report, read = run(workspace, coordinator.folder)

    assert (report.received, read) == (1, ["te/a.mp3"])


def test_what_was_written_a_moment_ago_is_read_again(workspace, coordinator):
    coordinator.puts("te/a.mp3", b"one")
    source = FolderSource(coordinator.folder.resolve())
    receive_all(workspace, source)

    assert [each.stamp for each in source.listing()] == [None]
    with workspace.catalog.reading() as session:
        assert session.scalars(select(SourceObject)).all() == []


def test_a_mended_list_corrects_what_is_remembered_without_reading_it(workspace, coordinator):
    coordinator.puts("te/a.mp3", b"one", speaker="te-01")
    run(workspace, coordinator.folder)
    coordinator.files.clear()
    coordinator.lists("te/a.mp3", language="te", speaker="te-02")

    mended, read = run(workspace, coordinator.folder)
    after, _ = run(workspace, coordinator.folder)

    assert (mended.lists.corrected.count, read) == (1, [])
    assert after.lists.corrected.count == 0
    with workspace.catalog.reading() as session:
        pseudonyms = session.scalars(select(Speaker.pseudonym).join(Upload, Upload.speaker_id == Speaker.id))
        assert list(pseudonyms) == ["te-02"]


def test_what_waits_for_its_list_or_can_not_be_read_is_looked_at_every_time(workspace, coordinator):
    (coordinator.folder / "te").mkdir()
    (coordinator.folder / "te/gone.mp3").symlink_to(coordinator.folder / "nowhere.mp3")
    for _ in range(2):
        report, read = run(workspace, coordinator.folder)
        assert read == ["te/gone.mp3"]
    assert report.unreadable == 1


def test_a_voice_that_says_yes_again_is_taken_in_again(workspace, coordinator):
    coordinator.puts("te/a.mp3", b"one", speaker="te-01")
    coordinator.brings_consent("te-01")
    run(workspace, coordinator.folder)
    speaker_id = _speaker(workspace)
    with workspace.catalog.writing() as session:
        consent.withdraw(session, speaker_id=speaker_id, recorded_by="asha", at=workspace.now())
    _, while_over = run(workspace, coordinator.folder)
    with workspace.catalog.writing() as session:
        consent.grant(
            session,
            speaker_id=speaker_id,
            scopes=(ConsentScope.TRANSCRIPTION,),
            notice_version="1",
            notice_language="te",
            evidence="tape 8",
            evidence_sha256=None,
            recorded_by="asha",
            at=workspace.now(),
        )

    again, read = run(workspace, coordinator.folder)

    assert while_over == []
    assert (again.received, read) == (1, ["te/a.mp3"])


def _speaker(workspace: Workspace) -> str:
    with workspace.catalog.reading() as session:
        return session.scalars(select(Speaker.id).where(Speaker.pseudonym == "te-01")).one()


@pytest.mark.slow
def test_a_bucket_is_listed_and_each_object_crosses_the_network_once(
    workspace, tmp_path, s3_store_url, s3_options
):
    sender = open_store(s3_store_url, s3_options)
    for name in ("te/a.mp3", "te/b.mp3"):
        sender.put_bytes(name, name.encode())

    def run_again() -> tuple[ReceiveReport, list[str]]:
        inbox = open_inbox(s3_store_url, s3_options)
        fetched: list[str] = []
        events = inbox._client.meta.events  # type: ignore[attr-defined]
        events.register("before-call.s3.GetObject", lambda params, **_: fetched.append(params["url_path"]))
        report = receive_all(workspace, StoreSource(inbox, tmp_path / "scratch"))
        return report, sorted(path.rsplit("/", 1)[-1] for path in fetched)

    report, fetched = run_again()
    assert (report.received, fetched) == (2, ["a.mp3", "b.mp3"])
    report, fetched = run_again()
    assert (report.received, fetched) == (0, [])
    sender.put_bytes("te/b.mp3", b"other")
    report, fetched = run_again()
    assert (report.received, fetched) == (1, ["b.mp3"])
