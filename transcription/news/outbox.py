"""The outbox of news: notices that are due are made, claimed by one sender each, and what became of them is kept."""

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from catalog.database import Catalog
from catalog.ids import content_id
from catalog.states import NewsChannel, NewsNoticeState, Role, moved
from catalog.tables import (
    ChosenChannel,
    NewsNotice,
    Person,
    PersonPrivate,
    PersonRole,
    PushSubscription,
    SignIn,
)
from transcription.news.notices import (
    AT_WORK,
    Counts,
    EarlierNotice,
    due_counts,
    is_daytime,
    is_plan_due,
    may_be_told,
    with_plan,
)
from transcription.news.queries import NewsKind, news_of
from transcription.news.reader import AbsentReader
from transcription.news.subscriptions import is_live
from transcription.news.week import WeekPlan

LOOK_BACK = timedelta(days=8)
"""As far as the rules of notices ask: a week's plan."""
KEPT = timedelta(days=90)
MOST_TRIES = 3
TOO_LATE = timedelta(hours=12)
"""After which a notice says nothing that is still news."""
MOST_AT_ONCE = 500
MakePlan = Callable[[Session, AbsentReader], WeekPlan]


@dataclass(frozen=True, slots=True)
class Listener:
    """Somebody who wants to hear of news of a project.

    since: when they first chose to; seen_at: when they were in the portal, where that was just now
    """

    reader: AbsentReader
    channels: frozenset[NewsChannel]
    since: datetime
    seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class WaitingNotice:
    """A notice to be sent. language, email, phone: of whoever it is for, where the channel has or needs them"""

    id: str
    person_id: str
    channel: NewsChannel
    counts: Counts
    made_at: datetime
    language: str
    email: str | None
    phone: str | None


def make_notices(
    catalog: Catalog, project: str, channels: Collection[NewsChannel], plan: MakePlan, *, now: datetime
) -> int:
    """Have a notice ready for everybody who is due one, for each channel they chose. Returns how many are new.

    channels: those that the installation has
    Nobody is told twice, by however many senders: each person's notices are decided in one transaction of theirs.
    """
    if not is_daytime(now):
        return 0
    with catalog.reading() as session:
        listeners = listeners_of(session, project, channels, now=now)
        earlier = _earlier(session, project, now) if listeners else {}
    made = 0
    for listener in listeners:
        before = earlier.get(listener.reader.person_id, [])
        if may_be_told(before, seen_at=listener.seen_at, now=now):
            with catalog.reading() as session:
                counts = _counts(session, listener, before, plan, now)
            if counts:
                with catalog.writing() as session:
                    made += _make(session, listener, counts, now)
    return made


def listeners_of(
    session: Session, project: str, channels: Collection[NewsChannel], *, now: datetime
) -> Sequence[Listener]:
    """Active people of a project who chose one of these channels."""
    chosen: dict[str, dict[NewsChannel, datetime]] = defaultdict(dict)
    if NewsChannel.PUSH in channels:
        query = select(PushSubscription.person_id, func.min(PushSubscription.made_at)).where(is_live())
        for person_id, since in session.execute(query.group_by(PushSubscription.person_id)):
            chosen[person_id][NewsChannel.PUSH] = since
    rows = session.execute(
        select(ChosenChannel.person_id, ChosenChannel.channel, ChosenChannel.chosen_at).where(
            ChosenChannel.channel.in_(channels)
        )
    )
    for person_id, channel, since in rows:
        chosen[person_id][channel] = since
    if not chosen:
        return []
    people: dict[str, tuple[tuple[str, ...], set[Role]]] = {}
    members = (
        select(Person.id, Person.languages, PersonRole.role)
        .join(PersonRole, PersonRole.person_id == Person.id)
        .where(PersonRole.project_id == project, Person.active)
        .order_by(Person.id)
    )
    for person_id, languages, role in session.execute(members):
        if person_id in chosen:
            people.setdefault(person_id, (tuple(languages), set()))[1].add(role)
    seen = _seen_lately(session, people, now)
    return [
        Listener(
            AbsentReader(person_id, project, languages, frozenset(roles)),
            frozenset(chosen[person_id]),
            min(chosen[person_id].values()),
            seen.get(person_id),
        )
        for person_id, (languages, roles) in people.items()
    ]


def waiting_notices(session: Session, project: str, *, now: datetime) -> Sequence[WaitingNotice]:
    """Notices to be sent now, the oldest first. Not among them: what failed too often, and what is no news any more."""
    if not is_daytime(now):
        return []
    rows = session.execute(
        select(
            NewsNotice.id,
            NewsNotice.person_id,
            NewsNotice.channel,
            NewsNotice.counts,
            NewsNotice.made_at,
            ChosenChannel.language,
            PersonPrivate.email,
            PersonPrivate.phone,
        )
        .join(Person, Person.id == NewsNotice.person_id)
        .outerjoin(
            ChosenChannel,
            (ChosenChannel.person_id == NewsNotice.person_id) & (ChosenChannel.channel == NewsNotice.channel),
        )
        .outerjoin(PersonPrivate, PersonPrivate.person_id == NewsNotice.person_id)
        .where(
            NewsNotice.project_id == project,
            NewsNotice.state.in_((NewsNoticeState.READY, NewsNoticeState.FAILED)),
            NewsNotice.tries < MOST_TRIES,
            NewsNotice.made_at > now - TOO_LATE,
            Person.active,
            (NewsNotice.channel == NewsChannel.PUSH) | ChosenChannel.language.is_not(None),
        )
        .order_by(NewsNotice.made_at, NewsNotice.id)
        .limit(MOST_AT_ONCE)
    )
    return [
        WaitingNotice(
            id=row.id,
            person_id=row.person_id,
            channel=row.channel,
            counts={NewsKind(kind): count for kind, count in row.counts.items()},
            made_at=row.made_at,
            language=row.language or "",
            email=row.email,
            phone=row.phone,
        )
        for row in rows
    ]


def claim(session: Session, notice_id: str) -> bool:
    """Take a notice to send it; False where another sender has it. Never reported back, it is not sent again."""
    claimed = session.scalars(
        update(NewsNotice)
        .where(
            NewsNotice.id == notice_id,
            NewsNotice.state.in_((NewsNoticeState.READY, NewsNoticeState.FAILED)),
            NewsNotice.tries < MOST_TRIES,
        )
        .values(state=NewsNoticeState.SENDING, tries=NewsNotice.tries + 1)
        .returning(NewsNotice.id)
    ).all()
    return bool(claimed)


def note_sent(session: Session, notice_id: str, *, at: datetime) -> None:
    if (
        notice := session.get(NewsNotice, notice_id)
    ) is not None:  # its person may have been erased meanwhile
        notice.state, notice.sent_at = moved(notice.state, NewsNoticeState.SENT), at
        notice.failure = None


def note_failed(session: Session, notice_id: str, why: str) -> None:
    if (notice := session.get(NewsNotice, notice_id)) is not None:
        notice.state, notice.failure = moved(notice.state, NewsNoticeState.FAILED), why


def drop_old(session: Session, project: str, *, now: datetime) -> None:
    """What was sent long ago is nobody's business."""
    session.execute(
        delete(NewsNotice).where(NewsNotice.project_id == project, NewsNotice.made_at < now - KEPT)
    )


def _earlier(
    session: Session, project: str, now: datetime, person_id: str | None = None
) -> dict[str, list[EarlierNotice]]:
    """By person: what they were told lately, of this project. person_id: of them alone"""
    query = select(NewsNotice.person_id, NewsNotice.made_at, NewsNotice.counts).where(
        NewsNotice.project_id == project, NewsNotice.made_at > now - LOOK_BACK
    )
    rows = session.execute(query if person_id is None else query.where(NewsNotice.person_id == person_id))
    found: dict[str, dict[datetime, EarlierNotice]] = defaultdict(dict)
    for whose, made_at, counts in rows:  # one for all channels
        found[whose][made_at] = EarlierNotice(made_at, frozenset(NewsKind(kind) for kind in counts))
    earlier: dict[str, list[EarlierNotice]] = defaultdict(list)
    for whose, by_moment in found.items():
        earlier[whose] = list(by_moment.values())
    return earlier


def _seen_lately(session: Session, people: Collection[str], now: datetime) -> dict[str, datetime]:
    """When those were last in the portal who were there just now."""
    query = (
        select(SignIn.person_id, func.max(SignIn.seen_at))
        .where(SignIn.person_id.in_(people), SignIn.ended_at.is_(None), SignIn.seen_at > now - AT_WORK)
        .group_by(SignIn.person_id)
    )
    return dict(session.execute(query).tuples().all())


def _counts(
    session: Session, listener: Listener, earlier: Sequence[EarlierNotice], plan: MakePlan, now: datetime
) -> Counts:
    counts = due_counts(news_of(session, listener.reader, now=now), earlier, since=listener.since, now=now)
    if not is_plan_due(earlier, now=now):
        return counts
    week = plan(session, listener.reader)
    waiting = {
        NewsKind.CLIPS: week.clips or 0,
        NewsKind.REVIEWS: week.reviews or 0,
        NewsKind.REPORTED: week.reports or 0,
        NewsKind.MISSING: len(week.missing),
    }
    return with_plan(counts, waiting)


def _make(session: Session, listener: Listener, counts: Counts, now: datetime) -> int:
    """The rules are asked again under the person's lock: another sender may have been here since they were read."""
    person_id, project = listener.reader.person_id, listener.reader.project
    session.execute(select(Person.id).where(Person.id == person_id).with_for_update(key_share=True))
    if not may_be_told(_earlier(session, project, now, person_id).get(person_id, []), seen_at=None, now=now):
        return 0
    for channel in sorted(listener.channels):
        session.add(
            NewsNotice(
                id=content_id("news", person_id, project, channel, now.isoformat()),
                person_id=person_id,
                project_id=project,
                channel=channel,
                counts=dict(counts),
                state=NewsNoticeState.READY,
                tries=0,
                made_at=now,
            )
        )
    session.flush()
    return len(listener.channels)
