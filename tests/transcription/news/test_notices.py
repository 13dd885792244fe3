"""When somebody is told outside the portal, and of what: quiet whatever happens."""

import itertools
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from catalog.calendar import ZONE
from transcription.news.notices import (
    APART,
    MOST_A_DAY,
    EarlierNotice,
    due_counts,
    is_plan_due,
    may_be_told,
    with_plan,
)
from transcription.news.queries import NewsItem, NewsKind

MONDAY = datetime(2026, 11, 30, 5, tzinfo=UTC)
EVENTS = (NewsKind.SENT_BACK, NewsKind.REFUSED, NewsKind.REPORTED, NewsKind.VERSION)


def news(kind: NewsKind, at: datetime, *, unread: bool = True, num: int = 7) -> NewsItem:
    return NewsItem(kind, at, unread, values={"num": num})


@given(minutes=st.lists(st.integers(0, 20_000), max_size=400))
def test_nobody_gets_more_than_two_a_day_nor_two_within_four_hours_nor_one_at_night(minutes):
    """However often somebody looks whether one is due."""
    made: list[EarlierNotice] = []
    for minute in sorted(minutes):
        now = MONDAY + timedelta(minutes=minute)
        if may_be_told(made, seen_at=None, now=now):
            made.append(EarlierNotice(now, frozenset()))

    local = [each.made_at.astimezone(ZONE) for each in made]
    assert all(8 <= each.hour < 20 for each in local)
    assert all(later - earlier >= APART for earlier, later in itertools.pairwise(local))
    assert all(sum(each.date() == day.date() for each in local) <= MOST_A_DAY for day in local)


@given(kinds=st.lists(st.sampled_from(EVENTS), max_size=20), past=st.integers(0, 20))
def test_every_event_is_counted_in_one_notice_and_no_other(kinds, past):
    items = [news(kind, MONDAY + timedelta(minutes=number)) for number, kind in enumerate(kinds)]
    first = MONDAY + timedelta(minutes=past) - timedelta(seconds=1)
    since = MONDAY - timedelta(days=1)

    early = due_counts([each for each in items if each.at <= first], [], since=since, now=first)
    earlier = [EarlierNotice(first, frozenset(early))]
    late = due_counts(items, earlier, since=since, now=first + APART)

    together = {kind: early.get(kind, 0) + late.get(kind, 0) for kind in kinds}
    assert together == {kind: kinds.count(kind) for kind in kinds}


def test_what_was_read_in_the_portal_and_what_came_before_they_chose_is_not_told():
    old, read = news(NewsKind.REFUSED, MONDAY), news(NewsKind.REFUSED, MONDAY + APART, unread=False)

    assert due_counts([old, read], [], since=MONDAY, now=MONDAY + APART) == {}


def test_clips_that_wait_are_told_of_once_a_day_and_only_where_some_came_since():
    told = [EarlierNotice(MONDAY, frozenset({NewsKind.CLIPS}))]
    fresh, stale = news(NewsKind.CLIPS, MONDAY + timedelta(hours=1)), news(NewsKind.CLIPS, MONDAY)

    def counts(item: NewsItem, hours: int):
        return due_counts([item], told, since=MONDAY - timedelta(days=9), now=MONDAY + timedelta(hours=hours))

    assert counts(fresh, 5) == {}
    assert counts(fresh, 25) == {NewsKind.CLIPS: 7}
    assert counts(stale, 25) == {}


def test_the_plan_comes_on_mondays_once():
    plan = EarlierNotice(MONDAY, frozenset({NewsKind.WEEK}))
    week = timedelta(days=7)

    assert is_plan_due([], now=MONDAY)
    assert not is_plan_due([plan], now=MONDAY + timedelta(hours=5))
    assert not is_plan_due([], now=MONDAY + timedelta(days=1))
    assert is_plan_due([plan], now=MONDAY + week)


def test_a_week_that_asks_nothing_has_no_plan():
    assert with_plan({NewsKind.REFUSED: 2}, {NewsKind.CLIPS: 0, NewsKind.MISSING: 0}) == {NewsKind.REFUSED: 2}
