"""What was heard, seconds after a recording came: in plain words, without the portal waiting."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from boli.serve.supervisor import descendants
from catalog import consent
from catalog.consent import ConsentScope
from catalog.tables import Speaker, Upload, Verdict, VerdictDue, VoiceEmbedding
from portal.upload import verdicts_due
from portal.upload.verdict import DEATHS, RecordingVerdict, delay_of, verdict_of
from tests.portal.upload.test_streams import health_asked_all_the_while
from tests.portal.upload.upload_portal import (
    UploadPortal,
    noise,
    pairs,
    patch,
    recording,
    upload_portal,
)
from tests.waiting import until


def send(portal: UploadPortal, name: str, body: bytes) -> str:
    """The upload's id."""
    location = portal.create(len(body), recording(name))
    with portal.client() as client:
        return str(patch(client, location, 0, body).headers["Boli-Upload"])


def heard(portal: UploadPortal, upload_id: str) -> RecordingVerdict:
    def ask() -> RecordingVerdict | None:
        with portal.catalog.reading() as session:
            return verdict_of(session, upload_id)

    until(ask, seconds=60)
    found = ask()
    assert found is not None
    return found


def forget_verdicts(portal: UploadPortal) -> None:
    """As if nobody had listened to anything yet."""
    now = datetime.now(UTC)
    with portal.catalog.writing() as session:
        session.execute(delete(Verdict))
        session.flush()
        for upload_id in session.scalars(select(Upload.id)).all():
            verdicts_due.expect(session, upload_id, at=now)


def tries_of(portal: UploadPortal, upload_id: str) -> int:
    with portal.catalog.reading() as session:
        return verdicts_due.tries(session, upload_id)


def detail_of(portal: UploadPortal, upload_id: str) -> str:
    with portal.catalog.reading() as session:
        return str(session.get_one(VerdictDue, upload_id).detail)


@contextmanager
def every_child_killed(portal: UploadPortal) -> Iterator[None]:
    """While the block lasts, no child of the server lives."""
    assert portal.process is not None and portal.process.pid is not None
    server, over = portal.process.pid, threading.Event()

    def hunt() -> None:
        while not over.wait(0.002):
            for pid in descendants(server):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    hunter = threading.Thread(target=hunt)
    hunter.start()
    try:
        yield
    finally:
        over.set()
        hunter.join()


@pytest.mark.parametrize(
    ("file", "usable", "reasons"),
    [
        ("te-01 far away.wav", False, ["too_quiet"]),
        ("te-01 too close.wav", False, ["clipped"]),
        ("te-01 only wind.wav", False, ["no_speech"]),
        ("te-01 playlist.wav", False, ["refused_format", "not_audio"]),
        ("te-01_106.wav", True, []),
    ],
)
def test_a_recording_is_judged_as_soon_as_it_is_whole(
    portal: UploadPortal, examples: Path, file: str, usable: bool, reasons: list[str]
) -> None:
    body = (examples / "recordings" / "te" / file).read_bytes()

    with health_asked_all_the_while(portal) as answered:
        found = heard(portal, send(portal, file, body))

    assert found.usable is usable
    if reasons:
        assert found.reasons[0].code in reasons
        assert found.reasons[0].sentence and found.reasons[0].mend
    if usable:
        assert found.seconds is not None and found.seconds > 1
    assert answered() > 0


def test_noise_that_is_no_recording_is_said_to_be_none(portal: UploadPortal) -> None:
    found = heard(portal, send(portal, "noise.amr", noise(50_000, seed=80)))

    assert (found.usable, found.seconds) == (False, None)
    assert found.reasons[0].kind == "file"


def test_a_consent_is_not_judged(portal: UploadPortal, examples: Path) -> None:
    body = (examples / "recordings" / "te" / "te-01_110.wav").read_bytes()
    location = portal.create(len(body), pairs(purpose="consent", filename="yes.wav"))

    with portal.client() as client:
        patch(client, location, 0, body)
    heard(portal, send(portal, "after the consent.wav", body))

    with portal.catalog.reading() as session:
        assert portal.transfer(location).upload_id is None
        assert session.query(Verdict).filter(Verdict.upload_id.like("transfer%")).count() == 0


def test_what_a_crash_kept_from_being_heard_is_heard_after_the_next_start(
    folder: Path, examples: Path
) -> None:
    body = (examples / "recordings" / "te" / "te-01_106.wav").read_bytes()
    with upload_portal(folder, free_bytes=0, sweep_seconds=3600.0) as portal:
        upload_id = send(portal, "unheard.wav", body)
        portal.kill()
        forget_verdicts(portal)

        portal.start()

        assert heard(portal, upload_id).usable
        assert list((portal.folder / "uploads" / "measuring").glob("*.copy")) == []


def test_a_recording_that_was_taken_away_meanwhile_troubles_nobody(folder: Path, examples: Path) -> None:
    body = (examples / "recordings" / "te" / "te-01_106.wav").read_bytes()
    with upload_portal(folder, free_bytes=0, sweep_seconds=0.1) as portal:
        gone = send(portal, "gone.wav", noise(100, seed=81))
        heard(portal, gone)
        forget_verdicts(portal)
        (portal.folder / "store" / "landing" / gone).unlink()

        assert heard(portal, send(portal, "stays.wav", body)).usable


@pytest.fixture
def good(examples: Path) -> bytes:
    return (examples / "recordings" / "te" / "te-01_106.wav").read_bytes()


def test_a_child_that_is_killed_is_not_held_against_the_file_which_is_heard_again(
    folder: Path, good: bytes
) -> None:
    with upload_portal(folder, free_bytes=0, sweep_seconds=0.1, verdict_pause_seconds=3.0) as portal:
        with every_child_killed(portal):
            upload_id = send(portal, "unlucky.wav", good)
            until(lambda: tries_of(portal, upload_id) >= 1, seconds=60)
        with portal.catalog.reading() as session:
            delay = delay_of(session, upload_id)
        assert delay is not None and delay.code == "not_looked_at"

        assert heard(portal, upload_id).usable

        with portal.catalog.reading() as session:
            assert delay_of(session, upload_id) is None
            assert session.get(VerdictDue, upload_id) is None


def test_a_file_that_uses_up_every_child_is_told_so_in_the_end(folder: Path, good: bytes) -> None:
    with upload_portal(folder, free_bytes=0, sweep_seconds=0.1, verdict_pause_seconds=2.0) as portal:
        portal.stop()
        portal.wall_seconds = 0.001
        portal.start()
        upload_id = send(portal, "endless.wav", good)
        until(lambda: tries_of(portal, upload_id) == DEATHS - 1, seconds=60)
        assert "over_limit" in detail_of(portal, upload_id)

        found = heard(portal, upload_id)

    assert not found.usable
    assert found.reasons[0].code == "over_limit"


def test_a_listener_whose_disk_fails_tries_again_however_often_it_takes_and_across_starts(
    folder: Path, good: bytes
) -> None:
    with upload_portal(folder, free_bytes=0, sweep_seconds=0.05, verdict_pause_seconds=0.01) as portal:
        measuring = portal.folder / "uploads" / "measuring"
        measuring.rename(measuring.with_name("away"))
        measuring.touch()  # no folder to write to
        upload_id = send(portal, "waits.wav", good)
        until(lambda: tries_of(portal, upload_id) > DEATHS + 1, seconds=60)
        assert "NotADirectoryError" in detail_of(portal, upload_id)
        portal.kill()
        measuring.unlink()
        with portal.catalog.writing() as session:  # long ago, and due next by a pause of a day
            now = datetime.now(UTC)
            session.execute(update(Upload).values(received_at=now - timedelta(days=40)))
            session.execute(update(VerdictDue).values(due_at=now - timedelta(hours=1)))

        portal.start()

        assert heard(portal, upload_id).usable


def test_a_recording_of_a_project_that_is_configured_no_more_waits_until_it_is_again(
    folder: Path, good: bytes
) -> None:
    with upload_portal(folder, free_bytes=0, sweep_seconds=0.1, verdict_pause_seconds=0.1) as portal:
        upload_id = send(portal, "early.wav", good)
        heard(portal, upload_id)
        portal.kill()
        forget_verdicts(portal)
        portal.project = "another"
        portal.start()
        until(lambda: tries_of(portal, upload_id) >= 1, seconds=60)
        assert "no project" in detail_of(portal, upload_id)
        portal.kill()
        portal.project = "demo"

        portal.start()

        assert heard(portal, upload_id).usable


def test_somebody_else_under_the_speakers_name_is_noticed_while_they_are_there(
    portal: UploadPortal, examples: Path
) -> None:
    folder = examples / "recordings"
    with portal.catalog.writing() as session:
        consent.grant(
            session,
            speaker_id=session.scalars(select(Speaker.id)).one(),
            scopes=(ConsentScope.TRANSCRIPTION,),
            notice_version="1",
            notice_language="te",
            evidence="tape 1",
            evidence_sha256=None,
            recorded_by="asha",
            at=datetime.now(UTC),
        )
    own = [
        heard(portal, send(portal, f"{number} {file}", (folder / "te" / file).read_bytes()))
        for number, file in enumerate(("te-01_001.mp3", "te-01_003.mp3", "te-01_004.mp3", "te-01_106.wav"))
    ]

    other = heard(portal, send(portal, "kn-01_101.3gp", (folder / "kn" / "kn-01_101.3gp").read_bytes()))

    assert not [verdict for verdict in own if "other_voice" in codes_of(verdict)]
    assert other.usable and "other_voice" in codes_of(other)
    with portal.catalog.reading() as session:
        assert session.query(VoiceEmbedding).filter(VoiceEmbedding.is_other).count() == 1


def codes_of(verdict: RecordingVerdict) -> list[str]:
    return [reason.code for reason in verdict.reasons]
