"""How long a guess waits, for one person on one device and for a device as a whole."""

from datetime import UTC, datetime, timedelta

from portal.access.throttle import LONGEST_WAIT, all_on, forgive, person_on, take_turn
from portal.context import PortalContext

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def turn(portal: PortalContext, person: str, device: str, now: datetime, *, right: bool = False) -> int:
    """One try to sign in; the seconds that it has to wait."""
    counted = (person_on(person, device), all_on(device))
    with portal.catalog.writing() as session:
        wait = take_turn(session, counted, now=now)
        if right and not wait:
            forgive(session, *counted)
    return wait


def test_no_wait_is_longer_than_five_minutes(portal):
    now = NOON
    for _ in range(25):
        assert turn(portal, "asha", "phone", now) == 0
        now += LONGEST_WAIT

    assert turn(portal, "asha", "phone", now - timedelta(seconds=1)) == 1
    assert turn(portal, "asha", "phone", now) == 0


def test_one_pin_tried_on_many_people_of_a_device_is_slowed_too(portal):
    for round_ in range(4):
        for number in range(5):
            assert turn(portal, f"person{number}", "phone", NOON) == 0, round_

    assert turn(portal, "asha", "phone", NOON) == 2
    assert turn(portal, "asha", "laptop", NOON) == 0


def test_work_well_done_all_day_on_a_shared_phone_never_waits(portal):
    assert {turn(portal, "asha", "phone", NOON, right=True) for _ in range(60)} == {0}


def test_who_knows_one_pin_wins_no_more_guesses_at_another(portal):
    for _ in range(5):
        turn(portal, "asha", "phone", NOON)
        turn(portal, "thief", "phone", NOON, right=True)

    assert turn(portal, "asha", "phone", NOON) == 2


def test_failures_are_forgotten_after_a_day(portal):
    for _ in range(5):
        turn(portal, "asha", "phone", NOON)

    later = NOON + timedelta(days=1, seconds=1)

    assert [turn(portal, "asha", "phone", later) for _ in range(5)] == [0] * 5
