"""A project's list of districts on the portal: looked at, kept, and used where speakers are written down."""

import re

import pytest

from catalog.speakers import speaker_id_of
from catalog.states import Role
from catalog.tables import AuditEvent, Speaker
from tests.portal.people import sign_in

LIST = "source,Local Government Directory, 2026-11-30\ncode,name,parent,local_name\n346,Dumka,Jharkhand,दुमका\n0,,,\n"
SPEAKER = {"pseudonym": "DUM-001", "language": "te", "gender": "female", "age_band": "45-59"}


@pytest.fixture
def manager(portal, client):
    meena = sign_in(portal, "meena", [Role.MANAGER, Role.COORDINATOR])
    meena.browser(client)
    return meena


def kept(client, text: str):
    shown = client.post("/manage/places", data={"pasted": text})
    seen = re.search(r'name="seen" value="([0-9a-f]{64})"', shown.text)
    assert seen, shown.text
    return shown, client.post(
        "/manage/places", data={"pasted": text, "seen": seen[1]}, follow_redirects=False
    )


def test_a_list_is_looked_at_with_its_source_and_faults_before_it_is_kept(portal, client, manager):
    shown, answer = kept(client, LIST)

    assert "Local Government Directory, 2026-11-30" in shown.text and "These rows are left out" in shown.text
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/manage/places?kept=1&brought=import-")
    assert "दुमका" in client.get("/manage/places").text
    assert "Dumka · दुमका · Jharkhand" in client.get("/speakers/new").text
    with portal.catalog.reading() as session:
        event = session.query(AuditEvent).filter_by(action="places.kept").one()
    assert event.detail["source"] == "Local Government Directory, 2026-11-30"


def test_a_list_that_says_not_where_it_is_from_or_was_not_looked_at_is_not_kept(portal, client, manager):
    refused = client.post("/manage/places", data={"pasted": "code,name\n1,Dumka\n"})
    unseen = client.post("/manage/places", data={"pasted": LIST, "seen": "0" * 64})

    assert refused.status_code == 422 and "where it is from" in refused.text
    assert unseen.status_code == 200 and "No list yet" not in unseen.text
    assert not (portal.configs / "places").exists()


def test_a_speaker_is_of_the_district_that_the_list_has_however_it_was_written(portal, client, manager):
    kept(client, LIST)

    client.post(
        "/speakers/register",
        json={"key": "key-00000001", "fields": {**SPEAKER, "district": "दुमका", "native_district": "dumka"}},
    )
    rows = "pseudonym,language,gender,age_band,district\nDUM-002,te,female,45-59,DUMKA\n"
    shown = client.post("/manage/speakers-list", data={"pasted": rows})
    seen = re.search(r'name="seen" value="([0-9a-f]{64})"', shown.text)
    client.post("/manage/speakers-list", data={"pasted": rows, "seen": seen[1] if seen else ""})

    with portal.catalog.reading() as session:
        found = [session.get_one(Speaker, speaker_id_of("demo", name)) for name in ("DUM-001", "DUM-002")]
        assert [each.district for each in found] == ["Dumka", "Dumka"]
        assert found[0].native_district == "Dumka"
