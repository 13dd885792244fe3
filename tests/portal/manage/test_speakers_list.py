"""Speakers come from a list: new, changed, known or wrong is shown by row; then all of it is kept, or nothing."""

import re

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from catalog import consent
from catalog.consent import ConsentScope
from catalog.speakers import speaker_id_of
from catalog.states import Role
from catalog.tables import Speaker, SpeakerPrivate
from portal.context import PortalContext
from tests.portal.people import sign_in

HEAD = "pseudonym,language,gender,age_band,district,name,phone\n"
LAKSHMI = "DUM-001,te,Woman,25-34,Dumka,Lakshmi Devi,9848011111\n"
RAMU = "DUM-002,kn,male,60+,Warangal,,\n"


@pytest.fixture
def meera(portal: PortalContext, client: TestClient) -> TestClient:
    """The browser of a manager of `demo`."""
    return sign_in(portal, "meera", [Role.MANAGER]).browser(client)


def looked_at(browser: TestClient, *rows: str):
    return browser.post("/manage/speakers-list", data={"pasted": HEAD + "".join(rows)})


def kept(browser: TestClient, *rows: str):
    seen = re.search(r'name="seen" value="(\w+)"', looked_at(browser, *rows).text)
    assert seen is not None
    return browser.post("/manage/speakers-list", data={"pasted": HEAD + "".join(rows), "seen": seen[1]})


def speaker(portal: PortalContext, pseudonym: str) -> Speaker | None:
    with portal.catalog.reading() as session:
        return session.get(Speaker, speaker_id_of("demo", pseudonym))


def count(portal: PortalContext) -> int:
    with portal.catalog.reading() as session:
        return session.scalar(select(func.count()).select_from(Speaker)) or 0


def test_nobody_is_written_down_before_the_list_was_looked_at(portal, meera):
    assert "DUM-001" in looked_at(meera, LAKSHMI, RAMU).text
    assert count(portal) == 0


def test_everybody_new_is_written_down_without_a_yes(portal, meera):
    answer = kept(meera, LAKSHMI, RAMU)

    assert answer.headers["location"].startswith("/manage/speakers-list?new=2&changed=0&brought=import-")
    lakshmi = speaker(portal, "DUM-001")
    assert lakshmi is not None
    assert (lakshmi.language, lakshmi.gender, lakshmi.district) == ("te", "female", "Dumka")
    assert lakshmi.consent_scopes == ""
    with portal.catalog.reading() as session:
        assert session.get_one(SpeakerPrivate, lakshmi.id).name == "Lakshmi Devi"


def test_the_same_list_again_changes_nothing(portal, meera):
    kept(meera, LAKSHMI, RAMU)

    page = looked_at(meera, LAKSHMI, RAMU).text

    assert page.count("is there already") == 2
    assert 'name="seen"' not in page
    assert count(portal) == 2


def test_what_changed_is_shown_before_and_after_and_what_is_left_empty_stays(portal, meera):
    kept(meera, LAKSHMI)

    row = "dum-001,,,,Pakur,,\n"
    page = looked_at(meera, row).text
    kept(meera, row)

    assert "<bdi>Dumka</bdi> → <bdi>Pakur</bdi>" in page
    assert "9848011111" not in page
    lakshmi = speaker(portal, "DUM-001")
    assert lakshmi is not None
    assert (lakshmi.district, lakshmi.gender) == ("Pakur", "female")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("DUM-003,hi,female,25-34,Dumka,,\n", "Choose the language they will speak."),
        ("DUM-003,te,female,25-34,,,\n", "Write the district where they live now."),
        ("DUM-003,te,female,12-17,Dumka,,\n", "Choose one: it decides who may say yes."),
        ("x,te,female,25-34,Dumka,,\n", "Write 2 to 40 letters"),
        ("DUM-003,te,female,25-34,Dumka,,2345 6789 0124\n", "Aadhaar"),
        ("DUM-003,te,female,25-34,Dumka,Lakshmi Devi,9848011111\n", "Somebody like this is known already."),
        (RAMU, "stands in the list twice"),
    ],
)
def test_a_row_that_is_wrong_is_said_and_left_out_and_the_others_are_kept(portal, meera, row, said):
    kept(meera, LAKSHMI)

    page = looked_at(meera, RAMU, row).text
    kept(meera, RAMU, row)

    assert said in page
    assert speaker(portal, "DUM-002") is not None
    assert count(portal) == 2


def test_of_a_voice_that_was_taken_back_nothing_more_is_noted(portal, meera):
    kept(meera, LAKSHMI)
    speaker_id, now = speaker_id_of("demo", "DUM-001"), portal.clock()
    with portal.catalog.writing() as session:
        consent.grant(
            session,
            speaker_id=speaker_id,
            scopes=list(ConsentScope),
            notice_version="1",
            notice_language="te",
            evidence="consents/none",
            evidence_sha256=None,
            recorded_by="tests",
            at=now,
        )
        session.flush()
        consent.withdraw(session, speaker_id=speaker_id, recorded_by="tests", at=now)

    page = looked_at(meera, "DUM-001,te,female,25-34,Pakur,,\n").text

    assert "took its consent back" in page
    assert 'name="seen"' not in page
