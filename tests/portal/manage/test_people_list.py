"""Many people are taken on from a list: looked at first, all or none, nobody twice, and each gets a card."""

import html
import re

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from catalog.states import Role
from catalog.tables import Person, PersonPrivate
from portal.context import PortalContext
from tests.portal.access.newcomer import PIN, phone, send
from tests.portal.people import sign_in
from transcription.people import find_person, roles_by_project

LIST = (
    "Short name,Role,Languages,District,Name,Phone\n"
    'gita,transcriber,"తెలుగు, kn",Warangal,Gita Rao,98480 11111\n'
    "hari,Reviewer; transcriber,te,,,\n"
)


@pytest.fixture
def meera(portal: PortalContext, client: TestClient) -> TestClient:
    """The browser of a manager of `demo`."""
    return sign_in(portal, "meera", [Role.MANAGER]).browser(client)


def looked_at(browser: TestClient, text: str = LIST):
    return browser.post("/manage/people-list", data={"pasted": text})


def taken_on(browser: TestClient, text: str = LIST):
    seen = re.search(r'name="seen" value="(\w+)"', looked_at(browser, text).text)
    assert seen is not None
    return browser.post("/manage/people-list", data={"pasted": text, "seen": seen[1]})


def links(page: str) -> list[str]:
    return [html.unescape(each) for each in re.findall(r'class="link"[^>]*>([^<]+)<', page)]


def people(portal: PortalContext) -> int:
    with portal.catalog.reading() as session:
        return session.scalar(select(func.count()).select_from(Person)) or 0


def test_nobody_is_taken_on_before_the_list_was_looked_at(portal, meera):
    before = people(portal)

    page = looked_at(meera).text

    assert "gita" in page
    assert people(portal) == before


def test_everybody_new_is_there_with_what_the_list_says_and_comes_in_by_their_card(portal, meera):
    page = taken_on(meera).text

    with portal.catalog.reading() as session:
        gita, hari = find_person(session, "gita"), find_person(session, "hari")
        assert gita is not None
        assert hari is not None
        assert roles_by_project(session, gita.id)["demo"] == {Role.TRANSCRIBER}
        assert roles_by_project(session, hari.id)["demo"] == {Role.TRANSCRIBER, Role.REVIEWER}
        assert sorted(gita.languages) == ["kn", "te"]
        assert gita.district == "Warangal"
        assert session.get_one(PersonPrivate, gita.id).name == "Gita Rao"
    assert len(links(page)) == 2
    browser = phone(portal)
    answer = send(browser, links(page)[0].removeprefix(portal.address), secret=PIN, again=PIN)
    assert answer.status_code == 303
    assert browser.get("/write").status_code == 200


def test_the_same_list_again_takes_on_nobody_and_makes_cards_for_those_who_wait(portal, meera):
    first = links(taken_on(meera).text)
    send(phone(portal), first[0].removeprefix(portal.address), secret=PIN, again=PIN)
    count = people(portal)

    page = looked_at(meera).text
    again = links(taken_on(meera).text)

    assert "is there already" in page
    assert "not come in yet: a new card" in page
    assert people(portal) == count
    assert len(again) == 1
    assert again[0] not in first


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("a b,transcriber,te", "A short name has 2 to 30 letters"),
        ("sita,cook,te", "what they do is one or more of"),
        ("sita,,te", "what they do is one or more of"),
        ("sita,transcriber,hi", "the project has no such language"),
        ("sita,manager,te", "only an owner of this portal makes somebody a manager"),
        ("meera,transcriber,te", "somebody has this name already, with other tasks"),
        ("gita,transcriber,te", "stands in the list twice"),
    ],
)
def test_a_row_that_is_wrong_is_said_and_left_out_and_the_others_come_in(portal, meera, row, said):
    text = f"handle,role,language\ngita,transcriber,te\n{row}\n"

    page = looked_at(meera, text).text
    taken_on(meera, text)

    assert said in page
    with portal.catalog.reading() as session:
        assert find_person(session, "gita") is not None
        assert find_person(session, "sita") is None


def test_a_list_that_cannot_be_read_is_said_with_how_to_save_it(meera):
    answer = looked_at(meera, "gita is a transcriber\n")

    assert answer.status_code == 422
    assert "role" in answer.text


def test_two_hundred_people_are_enough_for_one_list(portal, meera):
    rows = "".join(f"w{number},transcriber,te\n" for number in range(201))

    page = looked_at(meera, f"handle,role,language\n{rows}").text

    assert page.count("a list has 200 people at most") == 1
