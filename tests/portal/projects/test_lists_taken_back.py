"""What a list brought is taken back, but for what was used since, which stays and is named with why."""

import re

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response  # what the test client of this Starlette answers with
from sqlalchemy import select

from catalog import consent
from catalog.consent import ConsentScope
from catalog.speakers import speaker_id_of
from catalog.states import Role, UploadState
from catalog.tables import AuditEvent, Invite, ListImport, PersonPrivate, Speaker, SpeakerPrivate, Upload
from portal.context import PortalContext
from portal.places import read_own
from portal.record.prompts import prompts_of
from tests.portal.access.newcomer import PIN, phone, send
from tests.portal.people import sign_in
from transcription.people import find_person, list_people, set_roles

PEOPLE = "handle,role,language,name,phone\ngita,transcriber,te,Gita Rao,98480 11111\nhari,reviewer,te,Hari,\n"
SPEAKERS = (
    "pseudonym,language,gender,age_band,district,name,phone\n"
    "DUM-001,te,female,25-34,Dumka,Lakshmi Devi,9848011111\n"
    "DUM-002,te,male,60+,Warangal,,\n"
    "DUM-003,te,male,60+,Warangal,,\n"
)
FESTIVAL, MARKET = "పండుగ రోజు ఇంట్లో ఏం చేస్తారు?", "సంతలో ఏం కొంటారు?"
SOURCE = "source,Local Government Directory, 2026-11-30\n"
DUMKA, PAKUR = f"{SOURCE}code,name\n346,Dumka\n", f"{SOURCE}code,name\n347,Pakur\n"


def brought(client: TestClient, path: str, text: str, **more: str) -> Response:
    """The list was looked at and kept."""
    shown = client.post(path, data={"pasted": text, **more})
    seen = re.search(r'name="seen" value="(\w+)"', shown.text)
    assert seen is not None, shown.text
    return client.post(path, data={"pasted": text, "seen": seen[1], **more})


def page_of(portal: PortalContext) -> str:
    """The page of the newest import."""
    with portal.catalog.reading() as session:
        newest = select(ListImport.id).order_by(ListImport.at.desc(), ListImport.id).limit(1)
        return f"/manage/imports/{session.scalars(newest).one()}"


def undo(client: TestClient, page: str) -> str:
    """The page of the import, once it was taken back."""
    answer = client.post(f"{page}/undo")
    assert answer.status_code == 303, answer.text
    return client.get(answer.headers["location"]).text


def acts(portal: PortalContext, action: str) -> list[AuditEvent]:
    with portal.catalog.reading() as session:
        return list(session.scalars(select(AuditEvent).where(AuditEvent.action == action)))


def test_people_who_have_not_come_in_are_forgotten_and_who_has_stays(portal, manager):
    cards = brought(manager, "/manage/people-list", PEOPLE).text
    links = re.findall(r'class="link"[^>]*>([^<]+)<', cards)
    send(phone(portal), links[0].removeprefix(portal.address), secret=PIN, again=PIN)
    page = page_of(portal)
    assert page in cards

    after = undo(manager, page)

    assert "gita" in after and "came in with their card" in after
    with portal.catalog.reading() as session:
        gita = find_person(session, "gita")
        assert gita is not None
        assert find_person(session, "hari") is None
        assert {each.handle for each in list_people(session, "demo")} == {"meera", "gita"}
        assert [each.name for each in session.scalars(select(PersonPrivate))] == ["Gita Rao"]
        assert {each.person_id for each in session.scalars(select(Invite))} == {gita.id}
    assert phone(portal).get(links[1].removeprefix(portal.address)).status_code != 200
    (act,) = acts(portal, "import.undone")
    assert (act.detail["gone"], act.detail["stays"]) == (1, 1)


def test_people_who_were_taken_back_can_be_brought_again(portal, manager):
    brought(manager, "/manage/people-list", PEOPLE)
    undo(manager, page_of(portal))

    again = brought(manager, "/manage/people-list", PEOPLE).text

    assert len(re.findall(r'class="link"', again)) == 2


def test_whoever_works_in_another_project_too_stays(portal, manager):
    brought(manager, "/manage/people-list", PEOPLE)
    sign_in(portal, "usha", [Role.MANAGER], project="field")
    with portal.catalog.writing() as session:
        hari = find_person(session, "hari")
        set_roles(session, hari.id, "field", [Role.REVIEWER], by="tests", now=portal.clock())

    after = undo(manager, page_of(portal))

    assert "works in another project too" in after
    with portal.catalog.reading() as session:
        assert find_person(session, "hari") is not None
        assert find_person(session, "gita") is None


def test_speakers_without_a_yes_are_removed_with_their_names_and_who_was_asked_or_put_right_stays(
    portal, manager
):
    answer = brought(manager, "/manage/speakers-list", SPEAKERS)
    page = page_of(portal)
    assert page in manager.get(answer.headers["location"]).text
    with portal.catalog.writing() as session:
        consent.grant(
            session,
            speaker_id=speaker_id_of("demo", "DUM-002"),
            scopes=list(ConsentScope),
            notice_version="1",
            notice_language="te",
            evidence="consents/none",
            evidence_sha256=None,
            recorded_by="tests",
            at=portal.clock(),
        )
    row = "pseudonym,district\nDUM-003,Pakur\n"
    assert brought(manager, "/manage/speakers-list", row).status_code == 303

    after = undo(manager, page)

    with portal.catalog.reading() as session:
        assert set(session.scalars(select(Speaker.pseudonym))) == {"DUM-002", "DUM-003"}
        assert session.scalars(select(SpeakerPrivate)).all() == []
    assert "was asked for a yes" in after
    assert "was changed since" in after
    assert len(acts(portal, "speaker.removed")) == 1
    assert brought(manager, "/manage/speakers-list", SPEAKERS).status_code == 303


def asked(portal: PortalContext) -> list[str]:
    book = prompts_of(portal.configs, "demo", frozenset(portal.languages)).get("te")
    return [prompt.text for each in (book.sets if book else ()) for prompt in each.prompts]


def add_prompts(client: TestClient, *texts: str) -> Response:
    form = {"language": "te", "title": "పండుగ", "kind": "question"}
    return brought(client, "/manage/prompts", "\n".join(texts), **form)


@pytest.fixture
def answered(portal: PortalContext, manager: TestClient) -> str:
    """The name of a prompt that a recording came with, of two that were brought; returns the import's page."""
    before = asked(portal)
    answer = add_prompts(manager, FESTIVAL, MARKET)
    assert asked(portal) == [FESTIVAL, MARKET, *before]
    page = page_of(portal)
    assert page in manager.get(answer.headers["location"]).text
    with portal.catalog.writing() as session:
        language, prompt = session.scalars(select(ListImport.items)).one()[0].split("/", 1)
        assert language == "te"
        session.add(
            Upload(
                id="upload-1",
                project_id="demo",
                name="a.amr",
                sha256="0" * 64,
                size=1,
                receipt="AAA-AAA",
                state=UploadState.RECEIVED,
                prompt=prompt,
                received_at=portal.clock(),
            )
        )
    return page


def test_prompts_that_nobody_was_recorded_with_are_taken_out_and_the_others_stay(portal, manager, answered):
    after = undo(manager, answered)

    assert FESTIVAL in after and "has recordings" in after
    assert asked(portal)[0] == FESTIVAL
    assert MARKET not in asked(portal)


def test_the_file_goes_with_the_last_of_a_projects_own_prompts_and_comes_back_with_the_next(portal, manager):
    before = asked(portal)
    add_prompts(manager, FESTIVAL)
    undo(manager, page_of(portal))
    assert asked(portal) == before

    add_prompts(manager, MARKET)

    assert asked(portal) == [MARKET, *before]


def test_a_prompt_that_a_hand_has_changed_since_stays(portal, manager, configs):
    add_prompts(manager, FESTIVAL)
    path = configs / "prompts" / "demo" / "te.yaml"
    path.write_text(path.read_text("utf-8").replace(FESTIVAL, MARKET), "utf-8")

    after = undo(manager, page_of(portal))

    assert "was changed since" in after
    assert asked(portal)[0] == MARKET


def test_the_districts_that_were_in_use_before_are_used_again(portal, manager):
    brought(manager, "/manage/places", DUMKA)
    first = page_of(portal)
    answer = brought(manager, "/manage/places", PAKUR)
    second = page_of(portal)
    assert second in manager.get(answer.headers["location"]).text
    assert "another list has taken its place since" in manager.get(first).text

    undo(manager, second)

    assert [each.name for each in read_own(portal.configs, "demo").districts] == ["Dumka"]
    undo(manager, first)
    assert read_own(portal.configs, "demo") is None


def test_all_lists_stand_on_one_page_with_their_state(portal, manager):
    brought(manager, "/manage/people-list", PEOPLE)
    undo(manager, page_of(portal))
    brought(manager, "/manage/places", DUMKA)

    page = manager.get("/manage/imports").text

    assert page.count('href="/manage/imports/import-') == 2
    assert "taken back" in page
    assert "can be taken back" in page


def test_a_list_that_brought_nothing_new_is_no_import(portal, manager):
    brought(manager, "/manage/places", DUMKA)
    brought(manager, "/manage/places", DUMKA)

    with portal.catalog.reading() as session:
        assert len(session.scalars(select(ListImport.id)).all()) == 1


def test_the_imports_of_another_project_are_not_found(portal, manager, client):
    brought(manager, "/manage/places", DUMKA)
    page = page_of(portal)
    client.cookies.clear()
    browser = sign_in(portal, "ravi", [Role.MANAGER], project="field").browser(client)

    assert browser.get(page).status_code == 404
    assert browser.post(f"{page}/undo").status_code == 404
    assert "import-" not in browser.get("/manage/imports").text
