"""Guessing is slow: after some failures each further one waits twice as long, up to five minutes.

What is counted is a person on one device, and all people of that device together. A thief who has a device of
their own can so make nobody else wait: the same person signs in elsewhere as always (ASVS 5.0, 6.1.1).
"""

import math
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from catalog.tables import Throttle

FIRST_WAIT = timedelta(seconds=2)
LONGEST_WAIT = timedelta(minutes=5)
FORGOTTEN_AFTER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Counted:
    """Whose failures are counted, and how many of them cost no wait."""

    subject: str
    free: int = 5


def person_on(person_id: str, place: str) -> Counted:
    """A person's failures on one device, or with one invite."""
    return Counted(f"{person_id}@{place}")


def all_on(device_id: str) -> Counted:
    """Everybody's failures on one device: a thief who tries one PIN on each of many people."""
    return Counted(device_id, free=20)


def take_turn(session: Session, counted: Collection[Counted], *, now: datetime) -> int:
    """May they try now? 0: yes, and it counts as a failure until `forgive`; else seconds to wait.

    Counted before the secret is looked at: a hundred guesses at once are a hundred turns. Asked in a writing session
    that holds the row of the device or invite, so that two first guesses don't both make a row here.
    """
    kept = {each.subject: each for each in counted}
    query = select(Throttle).where(Throttle.subject.in_(kept)).order_by(Throttle.subject).with_for_update()
    rows = {row.subject: row for row in session.scalars(query)}
    wait = max((row.not_before - now for row in rows.values()), default=timedelta())
    if wait > timedelta():
        return math.ceil(wait.total_seconds())
    for subject, each in kept.items():
        row = rows.get(subject)
        if row is None:
            row = Throttle(subject=subject, failures=0, not_before=now, at=now)
            session.add(row)
        row.failures = 1 if now - row.at > FORGOTTEN_AFTER else row.failures + 1
        row.not_before = now + wait_after(row.failures, free=each.free)
        row.at = now
    session.flush()
    return 0


def seconds_left(session: Session, counted: Collection[Counted], *, now: datetime) -> int:
    """How long the next try waits; 0 where it may come at once."""
    query = select(Throttle.not_before).where(Throttle.subject.in_([each.subject for each in counted]))
    wait = max((moment - now for moment in session.scalars(query)), default=timedelta())
    return max(0, math.ceil(wait.total_seconds()))


def forgive(session: Session, person: Counted, *others: Counted) -> None:
    """The secret was right: the person starts again from nothing; for the others only this turn is taken back."""
    session.execute(delete(Throttle).where(Throttle.subject == person.subject))
    session.execute(
        update(Throttle)
        .where(Throttle.subject.in_([each.subject for each in others]), Throttle.failures > 0)
        .values(failures=Throttle.failures - 1, not_before=Throttle.at)
    )


def wait_after(failures: int, *, free: int) -> timedelta:
    """
    >>> [wait_after(n, free=5).seconds for n in (4, 5, 6, 7, 12, 13, 400)]
    [0, 2, 4, 8, 256, 300, 300]
    """
    if failures < free:
        return timedelta()
    doublings: int = 2 ** min(failures - free, 20)
    return min(LONGEST_WAIT, FIRST_WAIT * doublings)
