"""What was heard, seconds after a recording came: in plain words, without the portal waiting."""

from pathlib import Path

import pytest
from sqlalchemy import delete

from catalog.tables import Verdict
from portal.upload.verdict import Heard, verdict_of
from tests.portal.upload.test_streams import health_asked_all_the_while
from tests.portal.upload.upload_portal import (
    UploadPortal,
    noise,
    pairs,
    patch,
    recording,
    until,
    upload_portal,
)


def send(portal: UploadPortal, name: str, body: bytes) -> str:
    """The upload's id."""
    place = portal.create(len(body), recording(name))
    with portal.client() as client:
        return str(patch(client, place, 0, body).headers["Boli-Upload"])


def heard(portal: UploadPortal, upload_id: str) -> Heard:
    def ask() -> Heard | None:
        with portal.catalog.reading() as session:
            return verdict_of(session, upload_id)

    until(ask, seconds=60)
    found = ask()
    assert found is not None
    return found


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

    with health_asked_all_the_while(portal) as took:
        found = heard(portal, send(portal, file, body))

    assert found.usable is usable
    if reasons:
        assert found.reasons[0].code in reasons
        assert found.reasons[0].sentence and found.reasons[0].mend
    if usable:
        assert found.seconds is not None and found.seconds > 1
    assert max(took) < 1


def test_noise_that_is_no_recording_is_said_to_be_none(portal: UploadPortal) -> None:
    found = heard(portal, send(portal, "noise.amr", noise(50_000, seed=80)))

    assert (found.usable, found.seconds) == (False, None)
    assert found.reasons[0].kind == "file"


def test_a_consent_is_not_judged(portal: UploadPortal, examples: Path) -> None:
    body = (examples / "recordings" / "te" / "te-01_110.wav").read_bytes()
    place = portal.create(len(body), pairs(purpose="consent", filename="yes.wav"))

    with portal.client() as client:
        patch(client, place, 0, body)
    heard(portal, send(portal, "after the consent.wav", body))

    with portal.catalog.reading() as session:
        assert portal.transfer(place).upload_id is None
        assert session.query(Verdict).filter(Verdict.upload_id.like("transfer%")).count() == 0


def test_what_a_crash_kept_from_being_heard_is_heard_after_the_next_start(
    folder: Path, examples: Path
) -> None:
    body = (examples / "recordings" / "te" / "te-01_106.wav").read_bytes()
    with upload_portal(folder, free_bytes=0, sweep_seconds=3600.0) as portal:
        upload_id = send(portal, "unheard.wav", body)
        portal.kill()
        with portal.catalog.writing() as session:
            session.execute(delete(Verdict))

        portal.start()

        assert heard(portal, upload_id).usable
        assert list((portal.folder / "uploads" / "measuring").glob("*.copy")) == []


def test_a_recording_that_was_taken_away_meanwhile_troubles_nobody(folder: Path, examples: Path) -> None:
    body = (examples / "recordings" / "te" / "te-01_106.wav").read_bytes()
    with upload_portal(folder, free_bytes=0, sweep_seconds=0.1) as portal:
        gone = send(portal, "gone.wav", noise(100, seed=81))
        heard(portal, gone)
        with portal.catalog.writing() as session:
            session.execute(delete(Verdict))
        (portal.folder / "store" / "landing" / gone).unlink()

        assert heard(portal, send(portal, "stays.wav", body)).usable
