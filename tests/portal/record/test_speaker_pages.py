"""Speakers: written down once, found again, never with the number of an identity card."""

import re

import pytest
from sqlalchemy import select

from catalog.ids import new_id
from catalog.states import Role
from catalog.tables import AuditEvent, Speaker, SpeakerPrivate
from portal.record.speakers.form import FIELDS
from tests.portal.people import sign_in
from tests.portal.record.field import meets

FACTS = {
    "pseudonym": "DUM-014",
    "language": "te",
    "gender": "female",
    "age_band": "45-59",
    "district": "Dumka",
    "native_district": "Godda",
    "dialect": "Khortha",
    "other_languages": "Hindi, Santali",
    "schooling": "primary",
    "occupation": "weaver",
    "name": "Lakshmi Devi",
    "phone": "+91 98480 12345",
}


@pytest.fixture
def asha(portal):
    return sign_in(portal, "asha", [Role.COORDINATOR])


@pytest.fixture
def ravi(portal):
    return sign_in(portal, "ravi", [Role.COORDINATOR])


def register(client, fields=FACTS, *, key=None, sure=False):
    body = {"key": key or new_id("key"), "fields": dict(fields), "sure": sure}
    return client.post("/speakers/register", json=body)


def test_all_that_is_told_of_a_speaker_is_kept_and_shown_on_their_page(portal, client, asha):
    asha.browser(client)

    answer = client.post("/speakers", data=FACTS | {"token": asha.token})

    assert answer.status_code == 303
    page = client.get(answer.headers["location"].removesuffix("/consent")).text
    for shown in ("DUM-014", "Godda", "Khortha", "Hindi, Santali", "Up to class 5", "weaver", "Lakshmi Devi"):
        assert shown in page
    with portal.catalog.reading() as session:
        speaker = session.scalar(select(Speaker))
    assert speaker.registered_by == asha.person_id
    assert speaker.other_languages == ["Hindi", "Santali"]


def test_name_and_phone_stand_on_the_own_page_of_whoever_met_them_and_nowhere_else(
    portal, client, asha, ravi
):
    asha.browser(client)
    speaker = register(client).json()["id"]
    own = [client.get(path).text for path in ("/speakers", "/record", "/record/mine", f"/speakers/{speaker}")]

    ravi.browser(client)
    others = [
        client.get(path).text
        for path in ("/speakers", "/record", f"/speakers/{speaker}", f"/speakers/{speaker}/edit")
    ]

    assert ["Lakshmi" in page for page in own] == [False, False, False, True]
    assert not any("Lakshmi" in page or "98480" in page for page in others)
    assert "met by asha" in others[2]


def test_a_colleague_who_corrects_facts_leaves_the_name_alone(portal, client, asha, ravi):
    asha.browser(client)
    speaker = register(client).json()["id"]
    ravi.browser(client)

    changed = FACTS | {"dialect": "Angika", "name": "", "phone": "", "token": ravi.token, "pseudonym": "X"}
    answer = client.post(f"/speakers/{speaker}/edit", data=changed)

    assert answer.status_code == 303
    with portal.catalog.reading() as session:
        kept = session.get_one(Speaker, speaker)
        private = session.get_one(SpeakerPrivate, speaker)
        act = session.scalar(select(AuditEvent).where(AuditEvent.action == "speaker.revised"))
    assert (kept.pseudonym, kept.dialect, private.name) == ("DUM-014", "Angika", "Lakshmi Devi")
    assert act.detail == {"facts": ["dialect"]} and act.actor == ravi.person_id


def test_an_aadhaar_number_is_refused_in_every_field_with_words(portal, client, asha):
    asha.browser(client)

    for field in FIELDS:
        answer = register(client, FACTS | {field: "2341 2341 2346"})
        assert answer.status_code == 422
        assert "Aadhaar" in answer.json()["error"]["faults"][field]

    with portal.catalog.reading() as session:
        assert session.scalar(select(Speaker)) is None


def test_an_aadhaar_number_in_other_digits_or_hyphens_is_refused_and_a_phone_is_not(client, asha):
    asha.browser(client)

    for number in ("२३४१२३४१२३४६", "2341-2341-2346", "my number 234123412346"):
        assert register(client, FACTS | {"occupation": number}).status_code == 422
    assert register(client, FACTS | {"phone": "919848012345"}).status_code == 201


def test_a_form_with_holes_says_what_is_missing_and_keeps_what_was_typed(client, asha):
    asha.browser(client)

    answer = client.post("/speakers", data={"token": asha.token, "dialect": "Khortha", "pseudonym": "a b"})

    assert answer.status_code == 422
    assert 'value="Khortha"' in answer.text
    for name in ("pseudonym", "language", "gender", "age_band", "district"):
        assert f'id="fault-{name}"' in answer.text


def test_somebody_who_is_known_already_is_hinted_before_saving(client, asha, ravi):
    asha.browser(client)
    register(client)
    ravi.browser(client)

    for why, changes in (
        ("phone", {"phone": "09848012345", "gender": "male", "name": "", "district": "Godda"}),
        ("name", {"phone": "", "name": "Laxmi  devi"}),
        ("facts", {"phone": "", "name": ""}),
    ):
        hinted = register(client, FACTS | {"pseudonym": "DUM-015"} | changes)
        (alike,) = hinted.json()["error"]["alike"]
        assert hinted.status_code == 409
        assert (alike["pseudonym"], alike["why"], alike["met_by"]) == ("DUM-014", why, "asha")
        assert "Lakshmi" not in hinted.text and "98480" not in hinted.text
    assert register(client, FACTS | {"pseudonym": "DUM-015"}, sure=True).status_code == 201


def test_other_people_of_the_same_place_are_no_duplicates(client, asha):
    asha.browser(client)
    register(client)

    other = FACTS | {"pseudonym": "DUM-015", "name": "Sunita Murmu", "phone": "9123456780"}

    assert register(client, other).status_code == 201


def test_the_form_without_scripts_asks_whether_it_is_somebody_else(client, asha):
    asha.browser(client)
    register(client)
    duplicate = FACTS | {"pseudonym": "DUM-015", "token": asha.token}

    asked = client.post("/speakers", data=duplicate)
    kept = client.post("/speakers", data=duplicate | {"sure": "yes"})

    assert asked.status_code == 409 and "Is it one of these?" in asked.text
    assert kept.status_code == 303


def test_a_reply_that_was_lost_makes_nobody_twice(portal, client, asha):
    asha.browser(client)

    first, second = register(client, key="key-from-a-phone"), register(client, key="key-from-a-phone")

    assert first.status_code == second.status_code == 201
    assert first.json()["id"] == second.json()["id"]
    with portal.catalog.reading() as session:
        assert len(session.scalars(select(Speaker)).all()) == 1


def test_a_pseudonym_taken_meanwhile_is_answered_with_a_free_one(client, asha, ravi):
    asha.browser(client)
    register(client)
    ravi.browser(client)
    someone = FACTS | {"name": "Sunita Murmu", "phone": "9123456780"}

    taken = register(client, someone)

    error = taken.json()["error"]
    assert (taken.status_code, error["code"], error["suggestion"]) == (409, "taken", "DUM-015")
    assert register(client, someone | {"pseudonym": "DUM-015"}).status_code == 201


def test_the_next_pseudonym_of_a_district_is_suggested(portal, client, asha):
    meets(portal, "DUM-007", asha.person_id)
    asha.browser(client)

    def suggested(district):
        return client.get("/speakers/pseudonym", params={"district": district}).json()["pseudonym"]

    assert [suggested("Dumka"), suggested("Godda"), suggested("దుమ్కా")] == ["DUM-008", "GOD-001", "SPK-001"]


def test_speakers_of_another_project_are_not_there(portal, client, asha):
    speaker = meets(portal, "DUM-001", asha.person_id)
    elsewhere = sign_in(portal, "kiran", [Role.COORDINATOR], project="field")
    elsewhere.browser(client)

    for path in ("", "/edit", "/consent", "/withdraw"):
        assert client.get(f"/speakers/{speaker}{path}").status_code == 404
    assert client.post(f"/speakers/{speaker}/withdraw", data={"sure": "yes"}).status_code == 404
    assert "DUM-001" not in client.get("/speakers").text


def test_own_speakers_stand_first_and_all_are_found_page_by_page(portal, client, asha, ravi):
    for number in range(60):
        meets(portal, f"DUM-{number:03}", (asha if number < 30 else ravi).person_id, consents=False)
    ravi.browser(client)

    first = client.get("/speakers").text
    more = re.search(r'href="(/speakers\?[^"]*after=[^"]*)"', first).group(1).replace("&amp;", "&")
    second = client.get(more).text

    names = [re.findall(r"<bdi>(DUM-\d+)</bdi>", page) for page in (first, second)]
    assert len(names[0]) == 50 and set(names[0] + names[1]) == {f"DUM-{number:03}" for number in range(60)}
    assert all(int(name[4:]) >= 30 for name in names[0][:30])
    assert "DUM-042" in client.get("/speakers", params={"find": "dum-04"}).text


def test_what_somebody_typed_is_text_and_nothing_else(client, asha):
    asha.browser(client)
    evil = "<img src=x onerror=alert(1)>"

    speaker = register(client, FACTS | {"dialect": evil, "district": evil, "name": evil}).json()["id"]

    for path in (
        "/speakers",
        f"/speakers/{speaker}",
        f"/speakers/{speaker}/edit",
        "/record",
        "/speakers/new",
    ):
        assert evil not in client.get(path).text
