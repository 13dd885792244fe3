"""Batches, and outcomes put back in order."""

from hypothesis import given
from hypothesis import strategies as st

from audio.sandbox import Outcome
from flows.steps.batches import MOST_ITEMS, BatchSize, batches
from flows.steps.in_order import in_order

ITEMS = st.lists(
    st.tuples(st.text(min_size=1, max_size=4), st.floats(0, 5000)),
    unique_by=lambda item: item[0],
    max_size=60,
)


@given(ITEMS, st.floats(1, 3600), st.integers(1, 8))
def test_every_item_is_in_one_batch_and_the_order_stays(items, seconds, fewest):
    cut = batches(items, BatchSize(seconds, fewest))

    assert [item for batch in cut for item in batch.ids] == [item for item, _ in items]


@given(ITEMS, st.floats(1, 3600))
def test_a_batch_is_no_longer_than_asked_for_unless_it_is_one_item(items, seconds):
    for batch in batches(items, BatchSize(seconds)):
        assert batch.seconds <= seconds or len(batch.ids) == 1


@given(ITEMS, st.floats(1, 3600), st.integers(1, 8))
def test_a_batch_has_an_item_for_every_child_however_long_they_are(items, seconds, fewest):
    *full, _ = batches([*items, ("last", 1.0)], BatchSize(seconds, fewest))

    for batch in full:
        assert len(batch.ids) >= fewest
        assert batch.seconds <= seconds or len(batch.ids) == fewest


def test_a_batch_holds_no_more_items_than_one_task_should():
    cut = batches(((str(number), 0.0) for number in range(MOST_ITEMS + 1)), BatchSize(1800))

    assert [len(batch.ids) for batch in cut] == [MOST_ITEMS, 1]
    assert [batch.label for batch in cut] == ["1 of 2", "2 of 2"]


def test_nothing_makes_no_batch():
    assert batches([], BatchSize(1800)) == ()


@given(st.permutations(range(9)))
def test_outcomes_come_in_the_order_of_the_jobs_however_they_arrive(arrival):
    outcomes = [Outcome(job, value=job * job, error=None) for job in arrival]

    assert [outcome.job for outcome in in_order(range(9), outcomes)] == list(range(9))


def test_an_outcome_is_handed_on_as_soon_as_those_before_it_are_there():
    arrived: list[int] = []

    def arriving():
        for job in (1, 0, 2):
            arrived.append(job)
            yield Outcome(job, value=None, error=None)

    seen = [(outcome.job, list(arrived)) for outcome in in_order(range(3), arriving())]

    assert seen == [(0, [1, 0]), (1, [1, 0]), (2, [1, 0, 2])]
