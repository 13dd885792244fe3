"""Files of a coordinator's folder to receipts."""

from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import select

from catalog import consent
from catalog.consent import ConsentScope
from catalog.notices import sign_notice
from catalog.states import UploadState
from catalog.tables import Speaker, Upload
from flows.sources import FolderSource
from flows.steps.ingest import waiting_uploads
from flows.steps.receive import receive_all

NAMES = [
    "two words.mp3",
    'he said "go".wav',
    "line\nend.amr",
    "గ్రామం/నా గొంతు.m4a",
    "'; DROP TABLE upload; --.mp3",
]


def receive(workspace, coordinator):
    return receive_all(workspace, FolderSource(coordinator.folder.resolve()))


def uploads(workspace) -> dict[str, Upload]:
    with workspace.catalog.reading() as session:
        return {row.name: row for row in session.scalars(select(Upload))}


def test_every_file_gets_a_receipt_and_its_bytes_are_kept(workspace, coordinator):
    for number, name in enumerate(NAMES):
        coordinator.puts(name, f"sound {number}".encode())

    report = receive(workspace, coordinator)

    assert (report.found, report.received, report.unreadable) == (5, 5, 0)
    kept = uploads(workspace)
    assert set(kept) == set(NAMES)
    for number, name in enumerate(NAMES):
        assert workspace.store.get_bytes(kept[name].landing_key, 100) == f"sound {number}".encode()


def test_receiving_again_takes_nothing_in(workspace, coordinator):
    coordinator.puts("a.mp3", b"sound")
    receive(workspace, coordinator)

    again = receive(workspace, coordinator)

    assert (again.found, again.received) == (1, 0)


def test_other_bytes_under_a_name_seen_before_are_another_upload(workspace, coordinator):
    coordinator.puts("a.mp3", b"sound")
    receive(workspace, coordinator)
    (coordinator.folder / "a.mp3").write_bytes(b"other sound")

    assert receive(workspace, coordinator).received == 1
    with workspace.catalog.reading() as session:
        assert len(session.scalars(select(Upload)).all()) == 2


def test_the_list_says_who_speaks_which_language(workspace, coordinator):
    coordinator.puts("a.mp3", b"sound", language="kn", speaker="kn-01")

    receive(workspace, coordinator)

    upload = uploads(workspace)["a.mp3"]
    with workspace.catalog.reading() as session:
        assert session.get_one(Speaker, upload.speaker_id).pseudonym == "kn-01"
    assert upload.language == "kn"


def test_without_a_list_the_folder_says_the_language_and_its_files_are_one_voice(workspace, coordinator):
    for name in ("sw/a.mp3", "sw/b.mp3"):
        (coordinator.folder / name).parent.mkdir(exist_ok=True)
        (coordinator.folder / name).write_bytes(name.encode())

    receive(workspace, coordinator)

    rows = uploads(workspace)
    assert {row.language for row in rows.values()} == {"sw"}
    assert len({row.speaker_id for row in rows.values()}) == 1


def test_what_cannot_be_read_is_counted_named_and_rejected(workspace, coordinator):
    coordinator.puts("good.mp3", b"sound")
    (coordinator.folder / "out.mp3").symlink_to("/etc/hostname")

    report = receive(workspace, coordinator)

    assert (report.found, report.received, report.unreadable) == (2, 1, 1)
    row = uploads(workspace)["out.mp3"]
    assert (row.state, row.reason) == (UploadState.REJECTED, "unreadable")
    assert row.detail == "it is a link that leads out of the folder"


def test_a_file_that_can_be_read_after_all_is_received_then(workspace, coordinator):
    (coordinator.folder / "a.mp3").symlink_to("later.bin")
    receive(workspace, coordinator)
    (coordinator.folder / "a.mp3").unlink()
    (coordinator.folder / "a.mp3").write_bytes(b"sound")

    assert receive(workspace, coordinator).received == 1


@dataclass
class GrowingSource(FolderSource):
    """A folder into which one file is still being copied."""

    def __init__(self, folder: Path, growing: str) -> None:
        super().__init__(folder)
        self.growing = growing

    def look(self, name):
        found = super().look(name)
        if name == self.growing:
            with (self.folder / name).open("ab") as file:
                file.write(b" more")
        return found


def test_a_file_that_is_still_being_copied_waits_for_the_next_run_and_the_others_go_on(
    workspace, coordinator
):
    for name in ("a.mp3", "b.mp3", "c.mp3"):
        coordinator.puts(name, name.encode())

    report = receive_all(workspace, GrowingSource(coordinator.folder.resolve(), "b.mp3"))

    assert (report.received, report.changing) == (2, 1)
    assert set(uploads(workspace)) == {"a.mp3", "c.mp3"}
    assert receive(workspace, coordinator).received == 1


def test_a_voice_without_consent_waits_with_the_reason(workspace, coordinator):
    coordinator.puts("a.mp3", b"sound", speaker="te-99")

    receive(workspace, coordinator)

    assert waiting_uploads(workspace) == ()
    row = uploads(workspace)["a.mp3"]
    assert (row.state, row.reason, row.detail) == (UploadState.RECEIVED, "no_consent", "speaker te-99")


def test_once_consent_comes_the_upload_goes_on(workspace, coordinator):
    coordinator.puts("a.mp3", b"sound", speaker="te-99")
    receive(workspace, coordinator)
    assert waiting_uploads(workspace) == ()
    coordinator.brings_consent("te-99")

    receive(workspace, coordinator)

    (batch,) = waiting_uploads(workspace)
    assert batch.ids == (uploads(workspace)["a.mp3"].id,)
    assert uploads(workspace)["a.mp3"].reason is None


def test_consent_to_publication_alone_is_no_consent_to_be_transcribed(workspace, coordinator):
    coordinator.brings_consent("te-98", scope="publish")
    coordinator.puts("a.mp3", b"sound", speaker="te-98")

    receive(workspace, coordinator)

    assert waiting_uploads(workspace) == ()


def test_a_consent_that_was_withdrawn_is_not_given_anew_by_the_same_list(workspace, coordinator):
    coordinator.puts("a.mp3", b"sound")
    receive(workspace, coordinator)
    with workspace.catalog.writing() as session:
        speaker_id = uploads(workspace)["a.mp3"].speaker_id
        consent.withdraw(session, speaker_id=speaker_id, recorded_by="flow:ingest", at=workspace.now())

    receive(workspace, coordinator)

    with workspace.catalog.reading() as session:
        assert ConsentScope.TRANSCRIPTION not in session.get_one(Speaker, speaker_id).consent_scopes
    assert waiting_uploads(workspace) == ()


@pytest.mark.parametrize("name", ["a.mp3", "te/b.mp3"])
def test_a_list_that_names_a_file_that_never_came_does_no_harm(workspace, coordinator, name):
    coordinator.lists(name, language="te", speaker="te-01")

    assert receive(workspace, coordinator).found == 0


def test_a_consent_under_a_notice_that_nobody_signed_stands_for_nothing_until_it_is_signed(
    workspace, coordinator
):
    rules = replace(workspace.project.consent, demonstration=False)
    real = replace(workspace, project=replace(workspace.project, consent=rules))
    coordinator.puts("a.mp3", b"sound")

    before = receive(real, coordinator)
    with real.catalog.writing() as session:
        sign_notice(session, real.project, "te", signed_by="Lakshmi", recorded_by="tests", at=real.now())
    after = receive(real, coordinator)

    assert any("boli consent sign-notice te" in each for each in before.lists.faults.first)
    assert after.lists.faults.count == 0
    with real.catalog.reading() as session:
        scopes = set(session.scalars(select(Speaker.consent_scopes)))
    assert scopes == {" publication transcription "}
