"""What the demo leaves for people, and how they come in: every kind of work waits, and nothing betrays the scripts."""

import hashlib
from collections import Counter

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from boli.demo.keys import new_keys
from boli.demo.left_open import LeftOpen, choose_left_open, kept_from
from boli.demo.sample_people import SAMPLES, give_history, hire_samples, is_done, note_done
from boli.demo.scripted_people import REVIEWERS, TRANSCRIBERS, hire, work
from catalog.states import Role, SlotPurpose, SlotState, TaskState
from catalog.tables import Clip, Gold, Skip, Slot, Submission, Task, Upload
from portal.access import pin
from portal.access.invites import find_invite
from portal.app import create_app
from tests.portal.conftest import busy_portal, home_with_tasks
from transcription import queue

__all__ = ["busy_portal", "home_with_tasks"]

SAID = "వాన బాగా పడింది ఈరోజు ఊరిలో"


@pytest.fixture
def texts(busy_portal):
    """What is said in each clip, as if it were known."""
    with busy_portal.catalog.reading() as session:
        return {
            clip: f"{SAID} {'కఖగఘచఛజ'[number % 7]}"
            for number, clip in enumerate(session.scalars(select(Clip.id)))
        }


@pytest.fixture
def context(busy_portal):
    return busy_portal.project_context("demo")


def tasks_of(context) -> list[str]:
    with context.catalog.reading() as session:
        return sorted(session.scalars(select(Task.id).where(Task.language == "te")))


def test_what_is_left_is_drawn_once_for_all_and_stands_in_one_set_each(context, texts):
    left = choose_left_open(context, texts)

    sets = (left.unwritten, left.half_written, left.disputed, left.unreviewed)
    assert choose_left_open(context, texts) == left
    assert len(frozenset.union(*sets)) == sum(map(len, sets))
    assert len(left.unwritten) == 2  # at the least, in the four clips of one language


def test_scripts_keep_their_hands_off_it_and_leave_no_trace(context, texts, busy_portal):
    clock = busy_portal.clock
    staff = hire(context, now=clock())
    first, second, *_ = tasks_of(context)
    left = LeftOpen(frozenset([first]), frozenset([second]), frozenset(), frozenset())

    with kept_from(context, left.of_scripts(staff), now=clock()):
        work(context, texts, clock=clock)

    with context.catalog.reading() as session:
        written = Counter(session.scalars(select(Submission.task_id).where(Submission.kind == "final")))
        assert session.scalar(select(func.count()).select_from(Skip)) == 0
        assert session.get_one(Task, first).state == session.get_one(Task, second).state == TaskState.OPEN
    assert (written[first], written[second]) == (0, 1)
    assert all(written[task] >= 2 for task in tasks_of(context)[2:])


def test_a_newcomer_finds_a_clip_that_came_back_pay_gold_and_uploads(context, texts, busy_portal):
    clock = busy_portal.clock
    hire(context, now=clock())
    staff = hire_samples(context, now=clock())
    first, second, third, *_ = tasks_of(context)
    left = LeftOpen(frozenset([first, second]), frozenset([third]), frozenset(), frozenset())

    with kept_from(context, left.of_scripts(staff), now=clock()):
        work(context, texts, clock=clock)
    give_history(context, staff, left, texts, clock=clock)
    again = hashlib.sha256(repr(_state(context)).encode()).hexdigest()
    give_history(context, staff, left, texts, clock=clock)

    assert hashlib.sha256(repr(_state(context)).encode()).hexdigest() == again
    lease = queue.claim(context, staff["ravi"].id, now=clock())
    assert lease is not None and lease.returned is not None
    assert lease.draft == texts[lease.clip_id].rsplit(" ", 1)[0]
    with context.catalog.reading() as session:
        assert session.scalar(select(func.count()).where(Upload.sent_by != staff["asha"].id)) == 0
        open_slots = select(func.count()).where(
            Slot.state == SlotState.OPEN, Slot.purpose == SlotPurpose.TRANSCRIPTION
        )
        assert (session.scalar(open_slots) or 0) > 0
        assert not session.scalars(select(Gold.task_id).where(Gold.task_id.in_(left.unwritten))).all()


def _state(context) -> list[tuple[object, ...]]:
    with context.catalog.reading() as session:
        return [
            tuple(row) for row in session.execute(select(Slot.id, Slot.state, Slot.token).order_by(Slot.id))
        ]


def test_the_scripts_work_once_for_all(context, busy_portal):
    assert not is_done(context)

    note_done(context, now=busy_portal.clock())

    assert is_done(context)


@pytest.mark.slow  # a PIN is made slow to guess, and so to make
def test_each_key_opens_the_portal_for_its_role_and_the_next_start_has_new_ones(context, busy_portal):
    hire_samples(context, now=busy_portal.clock())

    keys, later = new_keys(busy_portal), new_keys(busy_portal)

    assert {key.sample.role for key in later} == set(Role)
    assert {key.sample.handle for key in later} == {sample.handle for sample in SAMPLES}
    assert len({key.pin for key in [*keys, *later]}) > len(SAMPLES)
    with busy_portal.catalog.reading() as session:
        now = busy_portal.clock()
        old = find_invite(session, keys[0].link.rsplit("/", 1)[1], browser="", now=now)
        new = find_invite(session, later[0].link.rsplit("/", 1)[1], browser="", now=now)
        assert old.over and not new.over and new.asks_for_known_secret
        kept = pin.kept_hash(session, new.person_id)
    assert pin.is_right(later[0].pin, kept) and not pin.is_right(keys[0].pin, kept)
    with TestClient(create_app(busy_portal), base_url=busy_portal.address) as browser:
        assert later[0].sample.handle in browser.get(later[0].link).text


def test_no_sample_is_a_script_and_every_language_of_the_demo_has_a_writer(busy_portal):
    scripts = {persona.handle for persona in TRANSCRIBERS} | set(REVIEWERS)
    writers = {code for each in SAMPLES if each.role is Role.TRANSCRIBER for code in each.languages}

    assert not scripts & {sample.handle for sample in SAMPLES}
    assert writers == set(busy_portal.projects["demo"].languages)
