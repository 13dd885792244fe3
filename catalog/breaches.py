"""Breaches of personal data: the log, whom each concerns, and the 72 hours within which the Board is notified.

India's DPDP Rules 2025, rule 7: whoever becomes aware of a breach tells the people concerned and the Data Protection
Board without delay, and the Board in full within seventy-two hours of becoming aware.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog import audit
from catalog.errors import UserError
from catalog.ids import new_id
from catalog.speakers import speaker_id_of
from catalog.tables import Breach, BreachSpeaker, Speaker

CLOCK = timedelta(hours=72)
LONGEST = 2000
"""Letters of what happened, and of what was done."""
MOST_NAMED = 10_000
MOST_PEOPLE = 10_000_000


class InvalidBreach(UserError):
    """A breach that can't be written down, or moved on, so."""


@dataclass(frozen=True, slots=True)
class BreachLine:
    """A breach as it is listed. named: how many of the people are speakers who are known by pseudonym

    left: until the Board is to be notified; negative where that is over; None where it was notified
    """

    id: str
    project: str
    what: str
    known_at: datetime
    people: int
    named: int
    told_at: datetime | None
    closed_at: datetime | None
    done: str | None
    left: timedelta | None


def time_left(known_at: datetime, told_at: datetime | None, *, now: datetime) -> timedelta | None:
    """Until the Board is to be notified; negative where that is over; None where it was notified.

    >>> from datetime import UTC
    >>> noon = datetime(2027, 5, 14, 12, tzinfo=UTC)
    >>> time_left(noon, None, now=noon + timedelta(hours=70))
    datetime.timedelta(seconds=7200)
    """
    return None if told_at is not None else known_at + CLOCK - now


def open_breach(
    session: Session, *, project_id: str, what: str, known_at: datetime, people: int, by: str, at: datetime
) -> str:
    """Write a breach down; its id. The clock runs from known_at. Raises InvalidBreach."""
    if not 0 <= people <= MOST_PEOPLE:
        raise InvalidBreach(
            f"a breach concerns 0 to {MOST_PEOPLE} people, given {people}. 0 where it is unknown."
        )
    if known_at > at:
        raise InvalidBreach(
            f"somebody became aware of a breach before it is written down, given {known_at:%Y-%m-%d %H:%M} UTC."
        )
    breach = Breach(
        id=new_id("breach"),
        project_id=project_id,
        what=_words(what, "what happened"),
        known_at=known_at,
        people=people,
        opened_by=by,
        opened_at=at,
    )
    session.add(breach)
    session.flush()
    _note(session, breach, "breach.opened", by=by, at=at)
    return breach.id


def name_speakers(
    session: Session, breach_id: str, pseudonyms: Collection[str], *, project_id: str, by: str, at: datetime
) -> int:
    """Say whom of the project's speakers it concerns; how many are named by now. Raises InvalidBreach."""
    breach = _breach(session, breach_id, project_id)
    if len(pseudonyms) > MOST_NAMED:
        raise InvalidBreach(
            f"at most {MOST_NAMED} pseudonyms at once, given {len(pseudonyms)}. Give the rest after."
        )
    for pseudonym in dict.fromkeys(pseudonyms):
        speaker = session.get(Speaker, speaker_id_of(project_id, pseudonym))
        if speaker is None:
            raise InvalidBreach(
                f"project {project_id} knows no speaker {pseudonym!r}. Nobody was written down."
            )
        if session.get(BreachSpeaker, (breach.id, speaker.id)) is None:
            session.add(BreachSpeaker(breach_id=breach.id, speaker_id=speaker.id))
    session.flush()
    named = _named(session, breach.id)
    if pseudonyms:
        breach.people = max(breach.people, named)
        _note(session, breach, "breach.people_named", by=by, at=at)
    return named


def board_told(session: Session, breach_id: str, *, project_id: str, by: str, at: datetime) -> None:
    """The Board was notified: the clock stops. Again changes nothing. Raises InvalidBreach."""
    breach = _breach(session, breach_id, project_id)
    if breach.told_at is None:
        breach.told_at = at
        _note(session, breach, "breach.board_told", by=by, at=at)


def close(session: Session, breach_id: str, *, done: str, project_id: str, by: str, at: datetime) -> None:
    """Say what was done about it. Raises InvalidBreach, also while the Board was not notified."""
    breach = _breach(session, breach_id, project_id)
    if breach.told_at is None:
        raise InvalidBreach(
            "a breach is closed once the Board was notified of it. Say so first: `boli breach notified`, or the button."
        )
    if breach.closed_at is None:
        breach.done, breach.closed_at, breach.closed_by = _words(done, "what was done"), at, by
        _note(session, breach, "breach.closed", by=by, at=at)


def breaches_of(
    session: Session, projects: Collection[str], *, now: datetime, most: int = 200
) -> Sequence[BreachLine]:
    """Those that are open first, the oldest of them first; then those that were closed, the newest first."""
    named = select(func.count()).where(BreachSpeaker.breach_id == Breach.id).scalar_subquery()
    rows = session.execute(
        select(Breach, named)
        .where(Breach.project_id.in_(projects))
        .order_by(Breach.closed_at.is_not(None), Breach.closed_at.desc(), Breach.known_at, Breach.id)
        .limit(most)
    )
    return [
        BreachLine(
            id=breach.id,
            project=breach.project_id,
            what=breach.what,
            known_at=breach.known_at,
            people=breach.people,
            named=count,
            told_at=breach.told_at,
            closed_at=breach.closed_at,
            done=breach.done,
            left=None if breach.closed_at else time_left(breach.known_at, breach.told_at, now=now),
        )
        for breach, count in rows
    ]


def open_breaches(session: Session, projects: Collection[str], *, now: datetime) -> Sequence[BreachLine]:
    """Those of which somebody still has to do something."""
    return [each for each in breaches_of(session, projects, now=now) if each.closed_at is None]


def _breach(session: Session, breach_id: str, project_id: str) -> Breach:
    breach = session.get(Breach, breach_id, with_for_update=True)
    if breach is None or breach.project_id != project_id:
        raise InvalidBreach(f"project {project_id} has no breach {breach_id}. See `boli breach list`.")
    return breach


def _named(session: Session, breach_id: str) -> int:
    count = select(func.count()).select_from(BreachSpeaker).where(BreachSpeaker.breach_id == breach_id)
    return session.scalar(count) or 0


def _words(text: str, what: str) -> str:
    text = text.strip()
    if not 0 < len(text) <= LONGEST:
        raise InvalidBreach(f"say {what} in 1 to {LONGEST} letters, given {len(text)}.")
    return text


def _note(session: Session, breach: Breach, action: str, *, by: str, at: datetime) -> None:
    """Without its words: they may hold what a person wants erased, and the log never loses any."""
    detail = {"people": breach.people, "known_at": breach.known_at.isoformat()}
    audit.record(session, at=at, actor=by, action=action, subject=("breach", breach.id), detail=detail)
