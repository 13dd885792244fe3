"""When somebody is told of news outside the portal, and of what: seldom, by day, and many things at once. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from catalog.calendar import ZONE
from transcription.news.queries import ONCE, NewsItem, NewsKind

MORNING, EVENING = time(8), time(20)
"""Between these nobody is woken, on the clocks of the people who collect (catalog.calendar)."""
MOST_A_DAY = 2
APART = timedelta(hours=4)
AT_WORK = timedelta(minutes=15)
"""Whoever was in the portal so short a while ago sees there what is new."""
_WORK = frozenset({NewsKind.CLIPS, NewsKind.REVIEWS})
Counts = Mapping[NewsKind, int]


@dataclass(frozen=True, slots=True)
class EarlierNotice:
    """A notice that one person was given of one project, through whatever channel."""

    made_at: datetime
    kinds: frozenset[NewsKind]


def is_daytime(now: datetime) -> bool:
    """
    >>> from datetime import UTC
    >>> [is_daytime(datetime(2026, 11, 30, hour, 45, tzinfo=UTC)) for hour in (2, 3, 14, 15)]
    [True, True, False, False]
    >>> is_daytime(datetime(2026, 11, 30, 2, 15, tzinfo=UTC))
    False
    """
    return MORNING <= now.astimezone(ZONE).time() < EVENING


def may_be_told(earlier: Sequence[EarlierNotice], *, seen_at: datetime | None, now: datetime) -> bool:
    """Whether a notice would not be one too many. seen_at: when they were last in the portal"""
    if not is_daytime(now) or (seen_at is not None and now - seen_at < AT_WORK):
        return False
    today = now.astimezone(ZONE).date()
    of_today = [each for each in earlier if each.made_at.astimezone(ZONE).date() == today]
    return len(of_today) < MOST_A_DAY and all(now - each.made_at >= APART for each in earlier)


def is_plan_due(earlier: Sequence[EarlierNotice], *, now: datetime) -> bool:
    """Whether it is Monday, and they were not yet told what the week asks of them."""
    local = now.astimezone(ZONE)
    begins = datetime.combine(local.date(), time.min, ZONE)
    has_plan = any(NewsKind.WEEK in each.kinds and each.made_at >= begins for each in earlier)
    return local.weekday() == 0 and not has_plan


def due_counts(
    news: Sequence[NewsItem], earlier: Sequence[EarlierNotice], *, since: datetime, now: datetime
) -> Counts:
    """What a notice would say: of each kind how many that are unread and that no notice spoke of; empty for none.

    earlier: of the last days; since: when they chose to be told, before which nothing is news out here
    Clips and texts that wait are no events: told of at most once a day, and only where some came since.
    """
    last = max((each.made_at for each in earlier), default=since)
    lately = {kind for each in earlier if now - each.made_at < ONCE for kind in each.kinds}
    counts: Counter[NewsKind] = Counter()
    for item in news:
        if item.unread and item.at > max(last, since) and not (item.kind in _WORK and item.kind in lately):
            counts[item.kind] += int(item.values["num"]) if item.kind in _WORK else 1
    return dict(counts)


def with_plan(counts: Counts, waiting: Counts) -> Counts:
    """The week's plan in the same notice: what waits stands there whether it is new or not; nothing, and no plan.

    >>> with_plan({NewsKind.SENT_BACK: 1}, {NewsKind.CLIPS: 7, NewsKind.REVIEWS: 0})
    {<NewsKind.WEEK: 'week'>: 1, <NewsKind.SENT_BACK: 'sent_back'>: 1, <NewsKind.CLIPS: 'clips'>: 7}
    >>> with_plan({}, {NewsKind.CLIPS: 0})
    {}
    """
    some = {kind: count for kind, count in waiting.items() if count}
    return {NewsKind.WEEK: 1, **counts, **some} if some else counts
