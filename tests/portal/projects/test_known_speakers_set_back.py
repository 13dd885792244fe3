"""What a list changed of speakers who were known before is set back, but for what was changed since, which is named."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date, timedelta
from functools import partial

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from catalog import consent
from catalog.consent import ConsentScope
from catalog.erasure import ErasureRules, erase_voices
from catalog.imports import UNDO_WITHIN
from catalog.speakers import speaker_id_of
from catalog.states import Role
from catalog.tables import AuditEvent, ImportChange, ListImport, Speaker, SpeakerPrivate
from portal.app import create_app
from portal.context import PortalContext
from tests.portal.people import sign_in
from tests.portal.projects.test_lists_taken_back import acts, brought, page_of, undo
from tests.portal.written import statements_of

HEAD = "pseudonym,language,gender,age_band,district,name,phone\n"
LAKSHMI = "DUM-001,te,female,25-34,Dumka,Lakshmi Devi,9848011111\n"
RAMU = "DUM-002,te,male,60+,Warangal,Ramu,9848022222\n"
WRONG = (
    "pseudonym,gender,district,name,phone\nDUM-001,male,Pakur,Laxmi,9848033333\nDUM-002,male,Pakur,Ramu,\n"
)
LIST = "/manage/speakers-list"
KNOWN = ("female", "Dumka", "Lakshmi Devi", "9848011111")
CHANGED = ("male", "Pakur", "Laxmi", "9848033333")
FACTS = {"language": "te", "gender": "female", "age_band": "25-34", "district": "Dumka"}


@pytest.fixture
def statements(portal: PortalContext) -> Callable[[], AbstractContextManager[list[str]]]:
    return partial(statements_of, portal)


@pytest.fixture
def known(manager: TestClient) -> TestClient:
    """A manager's browser: Lakshmi and Ramu were brought by a list."""
    brought(manager, LIST, HEAD + LAKSHMI + RAMU)
    return manager


@pytest.fixture
def changed(portal: PortalContext, known: TestClient) -> str:
    """A second list has written wrong facts of both; the page of that import."""
    brought(known, LIST, WRONG)
    return page_of(portal)


def of(pseudonym: str) -> str:
    return speaker_id_of("demo", pseudonym)


def values(portal: PortalContext, pseudonym: str = "DUM-001") -> tuple[str | None, ...]:
    """Gender, district, name and phone."""
    with portal.catalog.reading() as session:
        speaker = session.get_one(Speaker, of(pseudonym))
        private = session.get_one(SpeakerPrivate, speaker.id)
        return speaker.gender, speaker.district, private.name, private.phone


def say_yes(portal: PortalContext, pseudonym: str = "DUM-001") -> None:
    with portal.catalog.writing() as session:
        consent.grant(
            session,
            speaker_id=of(pseudonym),
            scopes=list(ConsentScope),
            notice_version="1",
            notice_language="te",
            evidence=f"consents/{portal.clock().isoformat()}",
            evidence_sha256=None,
            recorded_by="tests",
            at=portal.clock(),
        )


def say_no(portal: PortalContext) -> None:
    with portal.catalog.writing() as session:
        consent.withdraw(session, speaker_id=of("DUM-001"), recorded_by="tests", at=portal.clock())


def test_the_page_shows_beforehand_what_is_set_back_without_names_and_phones(known, changed):
    page = known.get(changed).text

    assert "Who was known before: as they were before this list" in page
    assert "<bdi>Pakur</bdi> → <bdi>Dumka</bdi>" in page
    assert "<bdi>Man</bdi> → <bdi>Woman</bdi>" in page
    assert '<code dir="ltr">phone</code>' in page
    assert not any(word in page for word in ("Lakshmi", "Laxmi", "9848011111", "9848033333"))
    assert "What nobody has used" not in page


def test_facts_name_and_phone_are_again_what_they_were_and_the_page_says_so(portal, known, changed):
    assert values(portal) == CHANGED

    after = undo(known, changed)

    assert values(portal) == KNOWN
    assert values(portal, "DUM-002") == ("male", "Warangal", "Ramu", "9848022222")
    assert "<bdi>Pakur</bdi> → <bdi>Dumka</bdi>" in after
    assert "What stays" not in after
    assert "Laxmi" not in after


def test_the_log_says_of_whom_what_was_set_back_by_which_list_and_no_values(portal, known, changed):
    undo(known, changed)

    import_id = changed.rpartition("/")[2]
    revised = [each for each in acts(portal, "speaker.revised") if each.detail.get("undone")]
    assert {each.subject_id for each in revised} == {of("DUM-001"), of("DUM-002")}
    assert {each.detail["import"] for each in revised} == {import_id}
    assert sorted(revised[0].detail["facts"] + revised[1].detail["facts"]) == [
        "district",
        "district",
        "gender",
    ]
    (private,) = (each for each in acts(portal, "speaker.private_revised") if each.detail.get("undone"))
    assert private.subject_id == of("DUM-001")
    (done,) = acts(portal, "import.undone")
    assert (done.detail["gone"], done.detail["set_back"], done.detail["stays"]) == (0, 2, 0)
    with portal.catalog.reading() as session:
        said = str([(each.subject_id, each.detail) for each in session.scalars(select(AuditEvent))])
    assert not any(word in said for word in ("Lakshmi", "Laxmi", "9848011111", "9848033333", "Pakur"))


def test_a_list_that_brings_one_and_changes_another_is_taken_back_in_one_go(portal, known):
    both = f"{HEAD}DUM-001,te,female,25-34,Pakur,,\nDUM-003,te,male,25-34,Pakur,Mohan,9848044444\n"
    brought(known, LIST, both)
    page = page_of(portal)
    shown = known.get(page).text
    assert "Speakers: 2" in shown and "new: 1" in shown and "changed: 1" in shown

    undo(known, page)

    assert values(portal) == KNOWN
    with portal.catalog.reading() as session:
        assert session.get(Speaker, of("DUM-003")) is None
    (done,) = acts(portal, "import.undone")
    assert (done.detail["gone"], done.detail["set_back"]) == (1, 1)


def test_who_was_changed_by_hand_since_stays_and_is_named_and_the_others_are_set_back(portal, known, changed):
    form = FACTS | {"district": "Godda", "name": "Lakshmi", "phone": ""}
    assert known.post(f"/speakers/{of('DUM-001')}/edit", data=form).status_code == 303

    after = undo(known, changed)

    assert values(portal) == ("female", "Godda", "Lakshmi", None)
    assert values(portal, "DUM-002")[1] == "Warangal"
    assert "DUM-001" in after and "was changed since" in after


def test_a_voice_that_took_its_consent_back_since_stays_and_is_named(portal, known, changed):
    say_yes(portal)
    say_no(portal)
    assert "took their consent back since" in known.get(changed).text

    after = undo(known, changed)

    assert values(portal) == CHANGED
    assert "took their consent back since" in after


def test_what_was_known_before_a_withdrawal_is_not_written_after_a_new_yes(portal, known, changed):
    say_yes(portal)
    say_no(portal)
    say_yes(portal)

    undo(known, changed)

    assert values(portal) == CHANGED


def test_of_an_erased_voice_nothing_is_left_to_be_set_back(portal, known, changed):
    say_yes(portal)
    say_no(portal)
    erase_voices(
        portal.catalog,
        portal.store,
        project_id="demo",
        rules=ErasureRules(),
        actor="tests",
        at=portal.clock(),
    )
    with portal.catalog.reading() as session:
        assert session.scalars(select(ImportChange.speaker_id)).all() == [of("DUM-002")]

    undo(known, changed)

    with portal.catalog.reading() as session:
        assert session.get(SpeakerPrivate, of("DUM-001")) is None
    assert values(portal, "DUM-002")[1] == "Warangal"


def again(portal: PortalContext, browser: TestClient) -> str:
    """A third list changes the district once more; the page of that import."""
    brought(browser, LIST, "pseudonym,district\nDUM-001,Godda\n")
    return page_of(portal)


def test_of_two_lists_the_later_gives_back_what_the_earlier_left(portal, known, changed):
    later = again(portal, known)

    undo(known, later)

    assert values(portal) == CHANGED


def test_while_a_later_list_stands_the_earlier_leaves_what_both_changed(portal, known, changed):
    again(portal, known)

    after = undo(known, changed)

    assert values(portal) == ("male", "Godda", "Laxmi", "9848033333")
    assert "was changed since" in after


def test_lists_that_are_taken_back_one_after_the_other_end_where_they_began(portal, known, changed):
    with portal.catalog.reading() as session:
        first = session.scalars(select(ListImport.id).order_by(ListImport.at)).first()
    for page in (again(portal, known), changed):
        undo(known, page)
    assert values(portal) == KNOWN

    undo(known, f"/manage/imports/{first}")

    with portal.catalog.reading() as session:
        assert session.scalars(select(Speaker.id)).all() == []
        assert session.scalars(select(ImportChange.import_id)).all() == []


def test_a_list_that_changes_and_brings_nobody_is_listed_and_leads_to_its_page(portal, known):
    answer = brought(known, LIST, WRONG)

    assert page_of(portal) in known.get(answer.headers["location"]).text
    assert 'data-head="changed" class="figure">2<' in known.get("/manage/imports").text


def test_after_thirty_days_nothing_is_set_back_and_nothing_is_offered(portal, known, changed):
    with portal.catalog.writing() as session:
        session.get_one(ListImport, changed.rpartition("/")[2]).at -= UNDO_WITHIN + timedelta(days=1)

    page = known.get(changed).text
    refused = known.post(f"{changed}/undo")

    assert "This list can't be taken back any more." in page
    assert "as they were before this list" not in page and "Pakur" not in page
    assert refused.status_code == 403
    assert values(portal) == CHANGED


def test_who_stayed_is_named_for_good_although_what_was_kept_is_let_go(portal, known, changed):
    known.post(f"/speakers/{of('DUM-001')}/edit", data=FACTS | {"district": "Godda"})
    undo(known, changed)
    with portal.catalog.writing() as session:
        for each in session.scalars(select(ImportChange)):
            session.delete(each)

    page = known.get(changed).text

    assert ">DUM-001<" in page.replace("<bdi>", "").replace("</bdi>", "")
    assert "was changed since" in page


def test_a_name_that_was_let_go_by_the_projects_rules_does_not_come_back(portal, known, changed):
    with portal.catalog.writing() as session:
        for row in session.scalars(select(ImportChange)):
            row.name_before = row.name_after = row.phone_before = row.phone_after = None
        for private in session.scalars(select(SpeakerPrivate)):
            private.name = private.phone = None

    undo(known, changed)

    assert values(portal) == ("female", "Dumka", None, None)


@pytest.fixture
def takes_children(portal: PortalContext) -> Iterator[TestClient]:
    """A manager's browser, of the project as it is where its file says `minors: true`."""
    project = portal.project("demo")
    allowed = replace(project, consent=replace(project.consent, minors=True))
    opened = replace(portal, projects={**portal.projects, "demo": allowed})
    with TestClient(create_app(opened), base_url=portal.address, follow_redirects=False) as client:
        yield sign_in(portal, "radha", [Role.MANAGER]).browser(client)


def test_a_grown_up_whom_a_list_made_a_child_is_heard_again(portal, known, takes_children):
    say_yes(portal)
    brought(takes_children, LIST, "pseudonym,age_band,born\nDUM-001,12-17,2014-05\n")
    with portal.catalog.reading() as session:
        held = session.get_one(Speaker, of("DUM-001"))
        assert (held.guardian_yes_due, held.of_age_on) == (True, date(2032, 5, 31))
    page = takes_children.get(page_of(portal)).text
    assert '<code dir="ltr">born</code></span>' in page  # and no month beside it

    undo(takes_children, page_of(portal))

    with portal.catalog.reading() as session:
        speaker = session.get_one(Speaker, of("DUM-001"))
        assert (speaker.age_band, speaker.guardian_yes_due, speaker.of_age_on) == ("25-34", False, None)


def test_a_childs_month_of_birth_that_a_list_brought_goes_with_it(portal, known, takes_children):
    with portal.catalog.writing() as session:  # written down before a month of birth was asked for
        session.get_one(Speaker, of("DUM-001")).age_band = "12-17"
    brought(takes_children, LIST, "pseudonym,born\nDUM-001,2014-05\n")
    with portal.catalog.reading() as session:
        assert session.get_one(Speaker, of("DUM-001")).of_age_on == date(2032, 5, 31)

    undo(takes_children, page_of(portal))

    with portal.catalog.reading() as session:
        speaker = session.get_one(Speaker, of("DUM-001"))
        assert (speaker.age_band, speaker.of_age_on) == ("12-17", None)


def test_what_is_asked_of_the_database_to_show_a_list_does_not_grow_with_the_list(portal, known, statements):
    names = [f"DUM-{number:03}" for number in range(10, 60)]
    head = "pseudonym,language,gender,age_band,district\n"
    brought(known, LIST, head + "".join(f"{name},te,female,25-34,Dumka\n" for name in names))

    def asked_for(some: list[str], district: str) -> int:
        brought(known, LIST, "pseudonym,district\n" + "".join(f"{name},{district}\n" for name in some))
        page = page_of(portal)
        with statements() as asked:
            assert known.get(page).status_code == 200
        return len(asked)

    assert asked_for(names, "Pakur") <= asked_for(names[:1], "Godda")
