"""Acts of years ago, which lie in the store: the page goes on there, and nothing in it says who somebody was."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from catalog import audit
from catalog.audit_archive.archiving import archive_audit_log
from catalog.audit_archive.proof import prove
from catalog.ids import new_id
from catalog.speakers import SpeakerFacts, register_speaker
from catalog.states import Role
from portal.access.audit_log import PAGE, known_actions, read_log
from portal.context import PortalContext
from tests.portal.people import sign_in
from tests.portal.record.test_speaker_pages import FACTS
from transcription.staff_erasure import erase_person, pseudonym_of

OTHER = "field"


def archived(portal: PortalContext, scratch: Path, *, years: int = 3) -> tuple[str, ...]:
    """Everything but the newest act, as if years had passed."""
    later = portal.clock() + timedelta(days=365 * years)
    return archive_audit_log(
        portal.catalog, portal.store, keep_months=1, actor="tests", now=later, scratch=scratch, most=99
    ).months


def pages(portal: PortalContext, project: str | None, **asked: Any) -> list[tuple[int, str, str, str]]:
    """Every act that the log shows, however many pages it takes."""
    seen: list[tuple[int, str, str, str]] = []
    before = None
    with portal.catalog.reading() as session:
        while True:
            page = read_log(session, portal.store, project, before=before, **asked)
            seen += [(act.id, act.who, act.action, act.subject) for act in page.acts]
            if page.before is None:
                return [each for each in seen if each[2] != "audit.archived"]
            before = page.before


@pytest.fixture
def busy(portal: PortalContext) -> PortalContext:
    """Acts of two projects, their people, things of theirs and flows, of two years."""
    meera = sign_in(portal, "meera", [Role.MANAGER])
    ravi = sign_in(portal, "ravi", [Role.TRANSCRIBER], project=OTHER)
    now = portal.clock()
    with portal.catalog.writing() as session:
        speakers = [
            register_speaker(
                session, project_id=project, facts=SpeakerFacts("sp-1", language="te"), actor="tests", at=now
            ).id
            for project in ("demo", OTHER)
        ]
    subjects = (
        *(("speaker", each) for each in speakers),
        ("project", "demo"),
        ("flow", f"publish/{OTHER}"),
        ("person", ravi.person_id),
        ("route", "/manage"),
        ("task", new_id("task")),
    )
    for number in range(3 * PAGE):
        with portal.catalog.writing() as session:
            audit.record(
                session,
                at=now + timedelta(days=5 * number),
                actor=(meera.person_id, ravi.person_id, "flow:collect")[number % 3],
                action=("thing.done", "thing.left")[number % 2],
                subject=subjects[number % len(subjects)],
            )
    return portal


def test_every_question_has_the_answer_that_it_had_before_the_acts_went_to_the_store(
    busy: PortalContext, tmp_path: Path
) -> None:
    day = (busy.clock() + timedelta(days=5 * PAGE)).date()
    questions = [
        (project, asked)
        for project in (None, "demo", OTHER)
        for asked in (
            {},
            {"handle": "meera"},
            {"handle": "ravi", "action": "thing.done"},
            {"action": "thing.left"},
            {"day": day},
            {"handle": "nobody"},
        )
    ]
    before = [pages(busy, project, **asked) for project, asked in questions]
    with busy.catalog.reading() as session:
        kinds = set(known_actions(session))

    assert len(archived(busy, tmp_path)) > 12

    assert [pages(busy, project, **asked) for project, asked in questions] == before
    assert sum(map(len, before)) > 6 * PAGE
    with busy.catalog.reading() as session:
        assert set(known_actions(session)) == {*kinds, "audit.archived"}
        assert prove(session, busy.store).broken is None


def test_the_page_goes_on_into_the_store_and_back_to_the_newest(busy, client, tmp_path) -> None:
    asha = sign_in(busy, "asha", [Role.MANAGER])
    browser = asha.browser(client)
    archived(busy, tmp_path)

    newest = browser.get("/manage/audit").text
    older = browser.get("/manage/audit?before=90").text

    assert "thing.done" in newest and "thing.left" in older
    assert "meera" in older and "Newest" in older


def test_an_archive_holds_nothing_of_who_somebody_was(portal, client, tmp_path) -> None:
    asha = sign_in(portal, "asha", [Role.COORDINATOR, Role.MANAGER])
    answer = asha.browser(client).post("/speakers", data=FACTS | {"token": asha.token})
    assert answer.status_code == 303, answer.text
    meera = sign_in(portal, "meera", [Role.MANAGER])
    assert archived(portal, tmp_path)

    with portal.catalog.writing() as session:
        erase_person(session, asha.person_id, by=meera.person_id, now=portal.clock())

    said = ""
    for stored in portal.store.list("audit/archive/"):
        portal.store.fetch(stored.key, tmp_path / "archive.parquet")
        said += str(pq.read_table(tmp_path / "archive.parquet").to_pylist())
    personal = [FACTS[name] for name in ("name", "phone", "district", "pseudonym") if name in FACTS]
    assert [each for each in ("asha", *personal) if each in said] == [] and asha.person_id in said
    assert {who for _, who, _, _ in pages(portal, None)} >= {pseudonym_of(asha.person_id)}
    assert "asha" not in {who for _, who, _, _ in pages(portal, None)}
