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
from tests.portal.conftest import busy_house, home_with_tasks
from transcription import queue

__all__ = ["busy_house", "home_with_tasks"]

SAID = "వాన బాగా పడింది ఈరోజు ఊరిలో"


@pytest.fixture
def texts(busy_house):
    """What is said in each clip, as if it were known."""
    with busy_house.catalog.reading() as session:
        return {
            clip: f"{SAID} {'కఖగఘచఛజ'[number % 7]}"
            for number, clip in enumerate(session.scalars(select(Clip.id)))
        }


@pytest.fixture
def shop(busy_house):
    return busy_house.workshop("demo")


def tasks_of(shop) -> list[str]:
    with shop.catalog.reading() as session:
        return sorted(session.scalars(select(Task.id).where(Task.language == "te")))


def test_what_is_left_is_drawn_once_for_all_and_stands_in_one_set_each(shop, texts):
    left = choose_left_open(shop, texts)

    sets = (left.unwritten, left.half_written, left.disputed, left.unreviewed)
    assert choose_left_open(shop, texts) == left
    assert len(frozenset.union(*sets)) == sum(map(len, sets))
    assert len(left.unwritten) == 2  # at the least, in the four clips of one language


def test_scripts_keep_their_hands_off_it_and_leave_no_trace(shop, texts, busy_house):
    clock = busy_house.clock
    staff = hire(shop, now=clock())
    first, second, *_ = tasks_of(shop)
    left = LeftOpen(frozenset([first]), frozenset([second]), frozenset(), frozenset())

    with kept_from(shop, left.of_scripts(staff), now=clock()):
        work(shop, texts, clock=clock)

    with shop.catalog.reading() as session:
        written = Counter(session.scalars(select(Submission.task_id).where(Submission.kind == "final")))
        assert session.scalar(select(func.count()).select_from(Skip)) == 0
        assert session.get_one(Task, first).state == session.get_one(Task, second).state == TaskState.OPEN
    assert (written[first], written[second]) == (0, 1)
    assert all(written[task] >= 2 for task in tasks_of(shop)[2:])


def test_a_newcomer_finds_a_clip_that_came_back_pay_gold_and_uploads(shop, texts, busy_house):
    clock = busy_house.clock
    hire(shop, now=clock())
    staff = hire_samples(shop, now=clock())
    first, second, third, *_ = tasks_of(shop)
    left = LeftOpen(frozenset([first, second]), frozenset([third]), frozenset(), frozenset())

    with kept_from(shop, left.of_scripts(staff), now=clock()):
        work(shop, texts, clock=clock)
    give_history(shop, staff, left, texts, clock=clock)
    again = hashlib.sha256(repr(_state(shop)).encode()).hexdigest()
    give_history(shop, staff, left, texts, clock=clock)

    assert hashlib.sha256(repr(_state(shop)).encode()).hexdigest() == again
    lease = queue.claim(shop, staff["ravi"].id, now=clock())
    assert lease is not None and lease.returned is not None
    assert lease.draft == texts[lease.clip_id].rsplit(" ", 1)[0]
    with shop.catalog.reading() as session:
        assert session.scalar(select(func.count()).where(Upload.sent_by != staff["asha"].id)) == 0
        open_places = select(func.count()).where(
            Slot.state == SlotState.OPEN, Slot.purpose == SlotPurpose.TRANSCRIPTION
        )
        assert (session.scalar(open_places) or 0) > 0
        assert not session.scalars(select(Gold.task_id).where(Gold.task_id.in_(left.unwritten))).all()


def _state(shop) -> list[tuple[object, ...]]:
    with shop.catalog.reading() as session:
        return [
            tuple(row) for row in session.execute(select(Slot.id, Slot.state, Slot.token).order_by(Slot.id))
        ]


def test_the_scripts_work_once_for_all(shop, busy_house):
    assert not is_done(shop)

    note_done(shop, now=busy_house.clock())

    assert is_done(shop)


@pytest.mark.slow  # a PIN is made slow to guess, and so to make
def test_each_key_opens_the_portal_for_its_role_and_the_next_start_has_new_ones(shop, busy_house):
    hire_samples(shop, now=busy_house.clock())

    keys, later = new_keys(busy_house), new_keys(busy_house)

    assert {key.sample.role for key in later} == set(Role)
    assert {key.sample.handle for key in later} == {sample.handle for sample in SAMPLES}
    assert len({key.pin for key in [*keys, *later]}) > len(SAMPLES)
    with busy_house.catalog.reading() as session:
        now = busy_house.clock()
        old = find_invite(session, keys[0].link.rsplit("/", 1)[1], now=now)
        new = find_invite(session, later[0].link.rsplit("/", 1)[1], now=now)
        assert old.over and not new.over and new.asks_for_known_secret
        kept = pin.kept_hash(session, new.person_id)
    assert pin.is_right(later[0].pin, kept) and not pin.is_right(keys[0].pin, kept)
    with TestClient(create_app(busy_house), base_url=busy_house.address) as browser:
        assert later[0].sample.handle in browser.get(later[0].link).text


def test_no_sample_is_a_script_and_every_language_of_the_demo_has_a_writer(busy_house):
    scripts = {persona.handle for persona in TRANSCRIBERS} | set(REVIEWERS)
    writers = {code for each in SAMPLES if each.role is Role.TRANSCRIBER for code in each.languages}

    assert not scripts & {sample.handle for sample in SAMPLES}
    assert writers == set(busy_house.projects["demo"].languages)
