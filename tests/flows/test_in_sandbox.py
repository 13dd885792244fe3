"""The loop of the steps that work on sound: whatever goes wrong with one item is that item's result."""

import os
import signal

import pytest

from audio.errors import UnusableRecording
from audio.reasons import AudioReason
from audio.sandbox import Sandbox
from catalog.store import NotStored, StoreFull, StoreUnavailable
from flows.steps.in_sandbox import Cause, ItemFailure, each_in_sandbox


def work(number):
    """A job with every way to end that there is."""
    if number == 1:
        raise KeyError("nobody thought of this")
    if number == 2:
        raise UnusableRecording(AudioReason.TOO_LONG, "too long")
    if number == 3:
        os.kill(os.getpid(), signal.SIGSEGV)
    if number == 4:
        raise OSError(5, "Input/output error")
    if number == 5:
        raise RecursionError
    if number == 6:
        return lambda: "no data at all"
    if number == 7:
        os._exit(3)
    return number


def run(numbers, *, fetch=lambda job: None, settle=lambda item, found: found, tidied=None):
    with Sandbox(2) as sandbox:
        return list(
            each_in_sandbox(
                sandbox,
                {number: f"item {number}" for number in numbers},
                work,
                fetch=fetch,
                settle=settle,
                tidy=(tidied if tidied is not None else []).append,
            )
        )


def test_every_item_comes_to_its_own_end_in_order_and_is_tidied():
    tidied: list[int] = []

    ends = run(range(12), tidied=tidied)

    assert [item for item, _ in ends] == [f"item {number}" for number in range(12)]
    found = [end for _, end in ends]
    assert [end for end in found if not isinstance(end, ItemFailure)] == [0, 8, 9, 10, 11]
    assert [end.cause for end in found[1:8]] == [
        Cause.UNFORESEEN,
        Cause.THE_FILE,
        Cause.UNFORESEEN,
        Cause.PASSING,
        Cause.UNFORESEEN,
        Cause.UNFORESEEN,
        Cause.UNFORESEEN,
    ]
    assert "nobody thought of this" in found[1].detail and "in work" in found[1].detail
    assert {found[1].code, found[3].code, found[7].code} == {"decoder_crashed"}
    assert tidied == list(range(12))


def test_what_can_not_be_fetched_is_that_items_end():
    def fetch(job):
        if job == 8:
            raise NotStored("gone")
        if job == 9:
            raise ValueError("an index without sense")

    ends = dict(run([0, 8, 9, 10], fetch=fetch))

    assert ends["item 0"] == 0 and ends["item 10"] == 10
    assert ends["item 8"].cause is Cause.PASSING
    assert ends["item 9"].cause is Cause.UNFORESEEN


def test_what_can_not_be_kept_is_settled_as_a_failure():
    def settle(item, found):
        if found == 8:
            raise ZeroDivisionError("in the settling")
        return found

    ends = dict(run([8, 9], settle=settle))

    assert ends["item 8"].cause is Cause.UNFORESEEN
    assert "in the settling" in ends["item 8"].detail
    assert ends["item 9"] == 9


@pytest.mark.parametrize("error", [StoreUnavailable("away"), StoreFull("full")])
def test_what_would_stop_every_item_stops_the_batch(error):
    def fetch(job):
        raise error

    with pytest.raises(type(error)):
        run([0, 8], fetch=fetch)
