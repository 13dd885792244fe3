"""What was heard, seconds after a recording came: in plain words, without the portal waiting."""

from pathlib import Path

import pytest
from sqlalchemy import delete

from catalog.tables import Verdict
from portal.upload.verdict import Heard, verdict_of
from tests.portal.upload.house import UploadHouse, noise, pairs, patch, recording, until, upload_house
from tests.portal.upload.test_streams import health_asked_all_the_while


def send(house: UploadHouse, name: str, body: bytes) -> str:
    """The upload's id."""
    place = house.create(len(body), recording(name))
    with house.client() as client:
        return str(patch(client, place, 0, body).headers["Boli-Upload"])


def heard(house: UploadHouse, upload_id: str) -> Heard:
    def ask() -> Heard | None:
        with house.catalog.reading() as session:
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
    house: UploadHouse, examples: Path, file: str, usable: bool, reasons: list[str]
) -> None:
    body = (examples / "recordings" / "te" / file).read_bytes()

    with health_asked_all_the_while(house) as took:
        found = heard(house, send(house, file, body))

    assert found.usable is usable
    if reasons:
        assert found.reasons[0].code in reasons
        assert found.reasons[0].sentence and found.reasons[0].mend
    if usable:
        assert found.seconds is not None and found.seconds > 1
    assert max(took) < 1


def test_noise_that_is_no_recording_is_said_to_be_none(house: UploadHouse) -> None:
    found = heard(house, send(house, "noise.amr", noise(50_000, seed=80)))

    assert (found.usable, found.seconds) == (False, None)
    assert found.reasons[0].kind == "file"


def test_a_consent_is_not_judged(house: UploadHouse, examples: Path) -> None:
    body = (examples / "recordings" / "te" / "te-01_110.wav").read_bytes()
    place = house.create(len(body), pairs(purpose="consent", filename="yes.wav"))

    with house.client() as client:
        patch(client, place, 0, body)
    heard(house, send(house, "after the consent.wav", body))

    with house.catalog.reading() as session:
        assert house.transfer(place).upload_id is None
        assert session.query(Verdict).filter(Verdict.upload_id.like("transfer%")).count() == 0


def test_what_a_crash_kept_from_being_heard_is_heard_after_the_next_start(
    folder: Path, examples: Path
) -> None:
    body = (examples / "recordings" / "te" / "te-01_106.wav").read_bytes()
    with upload_house(folder, free_bytes=0, sweep_seconds=3600.0) as house:
        upload_id = send(house, "unheard.wav", body)
        house.kill()
        with house.catalog.writing() as session:
            session.execute(delete(Verdict))

        house.start()

        assert heard(house, upload_id).usable
        assert list((house.folder / "uploads" / "measuring").glob("*.copy")) == []


def test_a_recording_that_was_taken_away_meanwhile_troubles_nobody(folder: Path, examples: Path) -> None:
    body = (examples / "recordings" / "te" / "te-01_106.wav").read_bytes()
    with upload_house(folder, free_bytes=0, sweep_seconds=0.1) as house:
        gone = send(house, "gone.wav", noise(100, seed=81))
        heard(house, gone)
        with house.catalog.writing() as session:
            session.execute(delete(Verdict))
        (house.folder / "store" / "landing" / gone).unlink()

        assert heard(house, send(house, "stays.wav", body)).usable
