"""Page, tab and browser die while somebody speaks: at most a second of it is lost, and the rest is offered again."""

from pathlib import Path

import pytest
import soundfile
from playwright.sync_api import Browser

from catalog.states import Role
from portal.context import PortalContext
from tests.portal.live import served
from tests.portal.people import sign_in
from tests.portal.record.field import has_recorded, meets
from tests.portal.record.mortal_phone import Death, MortalPhone, seconds_received

pytestmark = pytest.mark.slow


@pytest.fixture
def voice(tmp_path: Path, examples: Path) -> Path:
    """A woman's sentences, as a microphone gives them."""
    samples, rate = soundfile.read(examples / "recordings" / "te" / "te-01_001.mp3", dtype="int16")
    soundfile.write(tmp_path / "voice.wav", samples, rate)
    return tmp_path / "voice.wav"


@pytest.fixture
def phone(browser: Browser, portal: PortalContext, tmp_path: Path, voice: Path):
    asha = sign_in(portal, "asha", [Role.COORDINATOR])
    meets(portal, "DUM-001", asha.person_id)
    with served(portal) as live:
        phone = MortalPhone(browser.browser_type, live, asha, profile=tmp_path / "profile", voice=voice)
        yield phone
        phone.close()


@pytest.mark.parametrize("death", list(Death))
def test_a_death_while_somebody_speaks_loses_no_more_than_a_second(phone, portal, tmp_path, death):
    phone.speaks("DUM-001")
    has_recorded(phone.page, 3)

    phone.dies(death)
    receipt = phone.comes_back()

    assert seconds_received(phone.live, receipt, tmp_path) >= 2
