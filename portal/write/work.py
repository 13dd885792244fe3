"""What a person has on their desk: the clips they hold, filled up; or why there are none."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from catalog.states import SlotPurpose
from catalog.tables import Slot
from portal.access.session import Signed
from portal.context import House
from portal.http.pages import _
from portal.write.clips import DeskClip, desk_clips
from transcription import queue, quiz
from transcription.context import NotAllowed, Workshop
from transcription.people import StaffMember
from transcription.slots.lease import Lease

AT_HAND = 2
"""The clip in work and the next one, fetched meanwhile."""
MOST_TAKEN_ALONG = 30
LONGEST_AWAY_HOURS = 72


@dataclass(frozen=True, slots=True)
class Nothing:
    """Why there is no clip, and what can be done. English; translated where it is shown"""

    why: str
    title: str
    then: str


NONE_LEFT = Nothing(
    "none_left",
    _("Nothing is waiting for you just now."),
    _("New clips come as recordings arrive. Look in again in a while; what you sent is with the reviewers."),
)
HELD_BACK = Nothing(
    "held_back",
    _("There are no new clips for you for now."),
    _("Some of your last texts differed much from what was said. Talk to your manager: they can look again."),
)
QUIZ = Nothing(
    "quiz",
    _("Your first clips are being looked at."),
    _("You have done the trial clips there are. Ask your manager to let you go on."),
)
NO_LANGUAGE = Nothing(
    "no_language",
    _("This project has no language that you know."),
    _("Ask your manager to add your language, or choose another project at the top."),
)


@dataclass(frozen=True, slots=True)
class Desk:
    """clips: of one project, longest held first. nothing: why there are none"""

    project: str
    clips: tuple[DeskClip, ...]
    nothing: Nothing | None


def lay_out(house: House, signed: Signed, want: int, *, now: datetime) -> Desk:
    """The person's clips, filled up to `want`; what they hold is theirs whatever stands against new ones."""
    shop = house.workshop(signed.project)
    leases, why = _claim(shop, signed, want, now)
    return Desk(
        signed.project, desk_clips(house, signed, leases, now), None if leases else (why or NONE_LEFT)
    )


def take_along(house: House, signed: Signed, count: int, hours: int, *, now: datetime) -> Desk:
    """As `lay_out`, for a time without network. raises: NotAllowed"""
    shop = house.workshop(signed.project)
    count = min(count, shop.project.transcription.max_pending_per_person)
    queue.claim_many(shop, signed.person_id, count, now=now, until=now + timedelta(hours=hours))
    # Once more, in the order in which they will stand on every later page.
    return lay_out(house, signed, 1, now=now)


def _claim(
    shop: Workshop, signed: Signed, want: int, now: datetime
) -> tuple[tuple[Lease, ...], Nothing | None]:
    want = min(want, shop.project.transcription.max_pending_per_person)
    try:
        return queue.claim_many(shop, signed.person_id, want, now=now), None
    except queue.HeldBack:
        why = HELD_BACK
    except NotAllowed:
        ours = [code for code in signed.languages if code in shop.project.languages]
        why = QUIZ if ours and shop.project.transcription.quiz_clips else NO_LANGUAGE
    held = _number_held(shop, signed)
    return (queue.claim_many(shop, signed.person_id, held, now=now) if held else ()), why


def _number_held(shop: Workshop, signed: Signed) -> int:
    query = select(Slot.id).where(
        Slot.holder_id == signed.person_id,
        Slot.state == "leased",
        Slot.project_id == shop.project.name,
        Slot.purpose.in_((SlotPurpose.TRANSCRIPTION, SlotPurpose.GOLD)),
    )
    with shop.catalog.reading() as session:
        return min(len(session.scalars(query).all()), shop.project.transcription.max_pending_per_person)


@dataclass(frozen=True, slots=True)
class Trial:
    """How far a person is with the trial clips of a language."""

    language: str
    right: int
    asked: int


def trials(house: House, signed: Signed) -> tuple[Trial, ...]:
    """The quizzes a person has still ahead; nothing where the project asks for none."""
    shop = house.workshop(signed.project)
    if not shop.project.transcription.quiz_clips:
        return ()
    member = StaffMember(
        signed.person_id, signed.handle, signed.roles, signed.languages, None, None, None, True
    )
    ours = [code for code in signed.languages if code in shop.project.languages]
    with house.catalog.reading() as session:
        return tuple(
            Trial(each.language, each.right, each.asked)
            for each in quiz.ahead_of(session, shop, member, ours)
        )
