"""A member of staff who left is erased: name, phone, handle and every way in; their work and pay keep a pseudonym."""

from datetime import datetime

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from catalog import audit
from catalog.ids import content_id
from catalog.tables import (
    ApiToken,
    ChosenChannel,
    DevicePerson,
    Invite,
    NewsNotice,
    NewsRead,
    Passkey,
    PasskeyChallenge,
    Person,
    PersonPrivate,
    PracticeAnswer,
    PushSubscription,
    ResetSeen,
    Secret,
    SignIn,
    Throttle,
    TourSeen,
)
from transcription.people import set_active

PSEUDONYM_LETTERS = 8
_OWN = (
    SignIn,
    Invite,
    ApiToken,
    DevicePerson,
    Secret,
    Passkey,
    PersonPrivate,
    TourSeen,
    NewsRead,
    PushSubscription,
    ChosenChannel,
    NewsNotice,
    PracticeAnswer,
)
"""What is of a person and of nobody's work."""


def erase_person(session: Session, person_id: str, *, by: str, now: datetime) -> str:
    """Let somebody go and forget who they were; their pseudonym from now on. Again changes nothing.

    They are signed out everywhere by this very transaction. Texts, reviews and pay stay under the pseudonym, which
    follows from their id, so that no two people share one.
    """
    person = session.get_one(Person, person_id, with_for_update=True)
    if person.erased_at is not None:
        return person.handle
    set_active(session, person_id, active=False, by=by, now=now)
    invites = select(Invite.id).where(Invite.person_id == person_id)
    sessions = select(SignIn.id).where(SignIn.person_id == person_id)
    for statement in (
        delete(PasskeyChallenge).where(PasskeyChallenge.holder.in_(sessions)),
        delete(ResetSeen).where(ResetSeen.invite_id.in_(invites)),
        delete(Throttle).where(
            or_(Throttle.subject.startswith(f"{person_id}@", autoescape=True), Throttle.subject == person_id)
        ),
        *(delete(table).where(table.person_id == person_id) for table in _OWN),
    ):
        session.execute(statement, execution_options={"synchronize_session": False})
    person.handle = pseudonym_of(person_id)
    person.district = person.dialect = person.speaker_id = None
    person.owner = False
    person.erased_at = now
    audit.record(session, at=now, actor=by, action="person.erased", subject=("person", person_id))
    session.flush()
    return person.handle


def pseudonym_of(person_id: str) -> str:
    """How colleagues read of somebody who was erased.

    >>> pseudonym_of("person-1") == pseudonym_of("person-1") != pseudonym_of("person-2")
    True
    """
    return f"left-{content_id('left', person_id)[-PSEUDONYM_LETTERS:]}"
