"""What a clip sounds like is for whoever has it in hand, while they do."""

from dataclasses import replace
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from catalog.consent import withdraw
from catalog.states import Role
from catalog.tables import AuditEvent, Clip, Slot, Speaker
from portal.app import create_app
from portal.listening import LASTS, SlotHeld, link
from tests.portal.people import sign_in
from transcription import queue, review, second_look
from transcription.people import set_roles
from transcription.slots.lease import Hold, grant, locked_task


@pytest.fixture
def writer(busy_portal):
    return sign_in(busy_portal, "ravi", [Role.TRANSCRIBER])


@pytest.fixture
def lease(busy_portal, writer):
    """The clip that the writer has in hand."""
    found = queue.claim(busy_portal.project_context("demo"), writer.person_id, now=busy_portal.clock())
    assert found is not None
    return found


@pytest.fixture
def browser(busy_client, writer):
    return writer.browser(busy_client)


def link_of(portal, lease, kind="preview", **other):
    ground = SlotHeld(replace(lease.hold, **other))
    return link(portal, lease.clip_id, kind, listener=lease.hold.person_id, ground=ground, now=portal.clock())


def test_a_link_gives_the_preview_whole_and_in_ranges_and_to_no_cache(busy_portal, browser, lease):
    address = link_of(busy_portal, lease)

    whole = browser.get(address)
    part = browser.get(address, headers={"Range": "bytes=10-29"})

    assert whole.status_code == 200 and whole.content[:4] == b"OggS"
    assert part.status_code == 206 and part.content == whole.content[10:30]
    assert part.headers["content-range"] == f"bytes 10-29/{len(whole.content)}"
    assert whole.headers["cache-control"] == part.headers["cache-control"] == "no-store"


def test_a_range_that_no_browser_sends_gives_the_whole(busy_portal, browser, lease):
    address = link_of(busy_portal, lease)

    answers = [
        browser.get(address, headers={"Range": f"bytes={first}-".encode("latin-1")})
        for first in ("²", "9" * 5000)
    ]

    assert [answer.status_code for answer in answers] == [200, 200]


def test_a_link_is_for_one_clip_one_rendition_and_some_minutes(busy_portal, browser, lease, writer):
    address = link_of(busy_portal, lease)

    assert browser.get(address.replace("/preview?", "/peaks?")).status_code == 404
    assert browser.get(address.replace("ground=slot", "ground=release")).status_code == 404
    assert browser.get(address.partition("?")[0]).status_code == 422
    now = busy_portal.clock()
    later = replace(busy_portal, clock=lambda: now + LASTS + timedelta(seconds=1))
    with TestClient(create_app(later)) as opened:
        assert writer.browser(opened).get(address).status_code == 410


def test_a_link_opens_nothing_without_its_listeners_own_session(busy_portal, browser, lease):
    address = link_of(busy_portal, lease)
    other = sign_in(busy_portal, "bina", [Role.TRANSCRIBER, Role.REVIEWER, Role.MANAGER])

    browser.cookies.clear()
    assert browser.get(address, headers={"Accept": "application/json"}).status_code == 401
    assert other.browser(browser).get(address).status_code == 404
    assert (
        browser.get(address.replace(f"by={lease.hold.person_id}", f"by={other.person_id}")).status_code == 404
    )


def test_a_clip_that_was_given_up_or_taken_over_is_not_heard_any_more(busy_portal, browser, lease):
    address = link_of(busy_portal, lease)
    assert browser.get(address).status_code == 200

    queue.release_lease(busy_portal.project_context("demo"), lease.hold, now=busy_portal.clock())

    assert browser.get(address).status_code == 409
    again = queue.claim(busy_portal.project_context("demo"), lease.hold.person_id, now=busy_portal.clock())
    assert again is not None
    assert browser.get(address).status_code == 409, "the token of before"


def test_a_reviewer_hears_a_clip_while_they_hold_it_and_not_after(busy_portal, busy_client):
    reviewer = sign_in(busy_portal, "sunita", [Role.REVIEWER])
    context, now = busy_portal.project_context("demo"), busy_portal.clock()
    with busy_portal.catalog.writing() as session:
        task_id = session.scalars(select(Slot.task_id).order_by(Slot.id)).first()
        second_look.ask(session, locked_task(session, task_id), by="tests", why="a doubt", now=now)
    item = review.next_review(context, reviewer.person_id, now=now)
    assert item is not None
    browser = reviewer.browser(busy_client)
    address = link_of(busy_portal, item)
    assert browser.get(address).status_code == 200

    with busy_portal.catalog.writing() as session:
        slot = session.get_one(Slot, item.hold.slot_id)
        grant(slot, reviewer.person_id, now=now, until=now + timedelta(hours=1))

    assert browser.get(address).status_code == 409


def test_somebody_who_lost_their_role_hears_nothing_though_the_slot_is_theirs(busy_portal, browser, lease):
    address = link_of(busy_portal, lease)
    with busy_portal.catalog.writing() as session:
        set_roles(
            session, lease.hold.person_id, "demo", [Role.COORDINATOR], by="tests", now=busy_portal.clock()
        )

    assert browser.get(address).status_code == 404


def test_nobody_hears_a_clip_whose_speaker_took_consent_back(busy_portal, browser, lease):
    address = link_of(busy_portal, lease, "peaks")
    assert browser.get(address).json()["bits"] == 8

    with busy_portal.catalog.writing() as session:
        speaker = session.scalars(select(Speaker.id)).one()
        withdraw(session, speaker_id=speaker, recorded_by="tests", at=busy_portal.clock())

    assert browser.get(address).status_code == 409


def test_who_heard_which_clip_is_on_record_once_a_day(busy_portal, browser, lease):
    for _ in range(3):
        browser.get(link_of(busy_portal, lease))
    browser.get(link_of(busy_portal, lease, "peaks"))

    with busy_portal.catalog.reading() as session:
        heard = session.execute(
            select(AuditEvent.actor, AuditEvent.subject_id).where(AuditEvent.action == "clip.heard")
        ).all()
        clips = session.scalar(select(func.count()).select_from(Clip))
    assert [row._tuple() for row in heard] == [(lease.hold.person_id, lease.clip_id)]
    assert clips > 1


def test_a_neighbour_is_heard_on_the_ground_of_the_clip_in_hand(busy_portal, browser, lease):
    hold = Hold(lease.hold.slot_id, lease.hold.person_id, lease.hold.token)
    with busy_portal.catalog.reading() as session:
        other = session.scalars(select(Clip.id).where(Clip.id != lease.clip_id).order_by(Clip.id)).first()
    address = link(
        busy_portal,
        other,
        "preview",
        listener=hold.person_id,
        ground=SlotHeld(hold),
        now=busy_portal.clock(),
    )
    assert browser.get(address).status_code == 200

    queue.release_lease(busy_portal.project_context("demo"), hold, now=busy_portal.clock())

    assert browser.get(address).status_code == 409
