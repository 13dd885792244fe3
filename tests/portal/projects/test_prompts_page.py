"""Managers add prompts by pasting lines or a file: looked at first, kept once, for their own project alone."""

import pytest
from sqlalchemy import select

from catalog.states import Role
from catalog.tables import AuditEvent
from portal.record.prompts import prompts_of
from tests.portal.people import sign_in
from tests.portal.projects.pages import hidden_of

FESTIVAL = "పండుగ రోజు ఇంట్లో ఏం చేస్తారు?"
MARKET = "సంతలో ఏం కొంటారు?"


def looked_at(client, *texts, **more):
    form = {"language": "te", "title": "పండుగ", "kind": "question", "pasted": "\n".join(texts)}
    return client.post("/manage/prompts", data={**form, **more})


def kept(client, answer, *texts):
    return client.post("/manage/prompts", data={**hidden_of(answer.text), "pasted": "\n".join(texts)})


def asked(portal, project="demo", language="te"):
    book = prompts_of(portal.configs, project, frozenset(portal.languages)).get(language)
    return [prompt.text for each in (book.sets if book else ()) for prompt in each.prompts]


def test_nothing_is_kept_before_it_was_looked_at_and_then_it_comes_first(portal, manager):
    answer = looked_at(manager, FESTIVAL, MARKET)
    assert FESTIVAL in answer.text
    assert FESTIVAL not in asked(portal)

    done = kept(manager, answer, FESTIVAL, MARKET)
    assert done.headers["location"].startswith("/manage/prompts?added=2&brought=import-")

    assert asked(portal)[:2] == [FESTIVAL, MARKET]
    assert FESTIVAL not in asked(portal, "field")
    with portal.catalog.reading() as session:
        act = session.scalars(select(AuditEvent).where(AuditEvent.action == "prompts.added")).one()
    assert act.detail == {"language": "te", "set": "పండుగ", "prompts": 2}


def test_the_same_again_adds_nothing_and_more_goes_into_the_same_set(portal, manager):
    kept(manager, looked_at(manager, FESTIVAL), FESTIVAL)

    again = looked_at(manager, FESTIVAL)
    assert "None of these is new." in again.text
    kept(manager, looked_at(manager, FESTIVAL, MARKET), FESTIVAL, MARKET)

    book = prompts_of(portal.configs, "demo", frozenset(portal.languages))["te"]
    assert [prompt.text for prompt in book.sets[0].prompts] == [FESTIVAL, MARKET]


def test_a_recorders_page_has_them_without_a_restart(portal, client, manager):
    kept(manager, looked_at(manager, FESTIVAL), FESTIVAL)
    client.cookies.clear()

    page = sign_in(portal, "asha", [Role.COORDINATOR]).browser(client).get("/record")

    assert FESTIVAL in page.text


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.txt", f"{FESTIVAL}\n\n{MARKET}\n".encode()),
        ("a.csv", f"number,text\n1,{FESTIVAL}\n2,{MARKET}\n".encode("utf-16")),
        ("a.tsv", f"sentence\tby\n{FESTIVAL}\tasha\n{MARKET}\t\n".encode()),
    ],
)
def test_a_file_is_read_in_the_form_that_people_save(manager, name, data):
    answer = manager.post(
        "/manage/prompts",
        data={"language": "te", "title": "పండుగ", "kind": "text"},
        files={"file": (name, data)},
    )

    assert answer.status_code == 200, answer.text
    assert FESTIVAL in answer.text
    assert MARKET in answer.text
    assert ">asha<" not in answer.text


def test_what_is_wrong_with_a_line_is_said_beside_it_and_the_others_are_kept(portal, manager):
    lines = (FESTIVAL, "అ" * 1501, FESTIVAL, "ఇది abc")

    answer = looked_at(manager, *lines)
    kept(manager, answer, *lines)

    assert "longer than 1,500 characters" in answer.text
    assert "is there already" in answer.text
    assert "Write abc in Telugu letters" in answer.text
    assert asked(portal)[:2] == [FESTIVAL, "ఇది abc"]


def test_prompts_that_changed_since_they_were_looked_at_are_shown_again(portal, manager, configs):
    answer = looked_at(manager, FESTIVAL)
    kept(manager, looked_at(manager, MARKET), MARKET)

    late = kept(manager, answer, FESTIVAL)

    assert late.status_code == 422
    assert "changed meanwhile" in late.text
    assert FESTIVAL not in asked(portal)


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"language": "hi"}, 404),
        ({"language": "../te"}, 404),
        ({"title": " "}, 422),
        ({"pasted": " \n"}, 422),
    ],
)
def test_what_is_no_prompt_of_the_project_is_refused(portal, manager, more, status):
    before = asked(portal)

    assert looked_at(manager, FESTIVAL, **more).status_code == status

    assert asked(portal) == before
