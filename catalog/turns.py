"""Turns: what one transaction at a time may do, on whichever machine it runs."""

from enum import IntEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session


class Turn(IntEnum):
    """A thing that is done one at a time; its number is the key of PostgreSQL's advisory lock."""

    ACCEPTANCE = 2026113000
    """Deciding that a recording is held by nobody yet, and taking it in."""
    WORK_SUMS = 2026120100
    """Bringing what a recording adds to the sums of work up to date: two at once would add it twice."""


def take_turn(session: Session, turn: Turn) -> None:
    """Wait until no other transaction has the turn, and keep it to the end of this one. The first thing it does.

    session: of `Catalog.writing`: on SQLite that is one writer at a time already
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(int(turn))))
