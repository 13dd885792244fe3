"""A clip as its managers see it: heard, its words in time, and all that happened to it."""

import html
import re

from sqlalchemy import select

from catalog.consent import withdraw
from catalog.states import Role
from catalog.tables import Note, Person, Speaker
from portal.listening import LASTS, ProjectManaged, link
from tests.portal.people import sign_in
from tests.portal.written import TEXT
from transcription.people import set_roles

PLAYER = re.compile(r'<audio[^>]* src="([^"]+)"')
WORDS = re.compile(r'<button type="button" data-start="([\d.]+)" data-end="([\d.]+)"( class="low")?')


def test_the_page_has_the_sound_the_words_in_time_and_marks_the_doubtful_one(manager, written):
    page = manager.get(f"/manage/clips/{written.clip_id}")
    address = html.unescape(PLAYER.search(page.text).group(1))
    words = WORDS.findall(page.text)

    assert [bool(low) for *_, low in words] == [False, True, False]
    assert all(float(start) < float(end) for start, end, _ in words)
    assert manager.get(address).content[:4] == b"OggS"
    assert "ravi" in page.text and "lakshmi" in page.text and "two writers agree" in page.text


def test_the_sound_ends_with_the_role_of_who_hears_it(busy_portal, busy_client, written):
    somebody = sign_in(busy_portal, "meera", [Role.MANAGER])
    browser = somebody.browser(busy_client)
    address = link(
        busy_portal,
        written.clip_id,
        "preview",
        listener=somebody.person_id,
        ground=ProjectManaged("demo"),
        now=busy_portal.clock(),
    )
    assert browser.get(address).status_code == 200

    with busy_portal.catalog.writing() as session:
        set_roles(
            session, somebody.person_id, "demo", [Role.COORDINATOR], by="tests", now=busy_portal.clock()
        )

    assert browser.get(address).status_code in (401, 403, 404)
    assert LASTS.total_seconds() == 600


def test_a_manager_of_another_project_hears_nothing_of_this_one(busy_portal, busy_client, written):
    stranger = sign_in(busy_portal, "stranger", [Role.MANAGER], project="field")
    address = link(
        busy_portal,
        written.clip_id,
        "preview",
        listener=stranger.person_id,
        ground=ProjectManaged("demo"),
        now=busy_portal.clock(),
    )

    assert stranger.browser(busy_client).get(address).status_code == 404


def test_nothing_of_a_voice_that_was_taken_back_is_heard_or_read(busy_portal, manager, written):
    with busy_portal.catalog.writing() as session:
        speaker = session.scalars(select(Speaker)).one()
        withdraw(session, speaker_id=speaker.id, recorded_by="withdrawal code", at=busy_portal.clock())

    page = manager.get(f"/manage/clips/{written.clip_id}").text
    found = manager.get("/manage/find", params={"q": TEXT.split()[0]}).text

    assert "<audio" not in page and TEXT not in page
    assert written.clip_id not in found


def test_what_people_wrote_is_never_taken_for_markup(busy_portal, manager, written):
    with busy_portal.catalog.writing() as session:
        session.scalars(select(Speaker)).one().pseudonym = "<script>alert(1)</script>"

    page = manager.get(f"/manage/clips/{written.clip_id}").text

    assert "<script>alert" not in page and "&lt;script&gt;alert" in page


def test_the_page_asks_the_same_number_of_questions_however_much_happened(
    busy_portal, manager, written, statements
):
    with statements() as before:
        manager.get(f"/manage/clips/{written.clip_id}")
    with busy_portal.catalog.writing() as session:
        ravi = session.scalars(select(Person.id).where(Person.handle == "ravi")).one()
        session.add_all(
            Note(
                id=f"note-{number}",
                task_id=written.task_id,
                person_id=ravi,
                text="why?",
                at=busy_portal.clock(),
            )
            for number in range(40)
        )
    with statements() as after:
        page = manager.get(f"/manage/clips/{written.clip_id}")

    assert page.text.count("why?") == 40
    assert len(after) <= len(before) <= 40
