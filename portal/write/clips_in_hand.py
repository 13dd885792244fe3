"""Clips in hand: those that a person holds a lease of, filled up; or why there are none."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from catalog.states import SlotPurpose
from catalog.tables import Slot
from portal.access.session import Signed
from portal.context import PortalContext
from portal.http.pages import _
from portal.write.clips import ClipToWrite, clips_to_write
from transcription import queue, quiz
from transcription.context import NotAllowed, ProjectContext
from transcription.people import StaffMember
from transcription.slots.lease import Lease

AT_HAND = 2
"""The clip in work and the next one, fetched meanwhile."""
MOST_OFFLINE = 30
LONGEST_AWAY_HOURS = 72


@dataclass(frozen=True, slots=True)
class NoClip:
    """Why there is no clip, and what can be done. English; translated where it is shown"""

    why: str
    title: str
    then: str


NONE_LEFT = NoClip(
    "none_left",
    _("Nothing is waiting for you just now."),
    _("New clips come as recordings arrive. Look in again in a while; what you sent is with the reviewers."),
)
HELD_BACK = NoClip(
    "held_back",
    _("There are no new clips for you for now."),
    _("Some of your last texts differed much from what was said. Talk to your manager: they can look again."),
)
QUIZ = NoClip(
    "quiz",
    _("Your first clips are being looked at."),
    _("You have done the trial clips there are. Ask your manager to let you go on."),
)
NO_LANGUAGE = NoClip(
    "no_language",
    _("This project has no language that you know."),
    _("Ask your manager to add your language, or choose another project at the top."),
)


@dataclass(frozen=True, slots=True)
class ClipsInHand:
    """clips: of one project, longest held first. nothing: why there are none"""

    project: str
    clips: tuple[ClipToWrite, ...]
    nothing: NoClip | None


def clips_in_hand(context: PortalContext, signed: Signed, want: int, *, now: datetime) -> ClipsInHand:
    """The person's clips, filled up to `want`; what they hold is theirs whatever stands against new ones."""
    project_context = context.project_context(signed.project)
    leases, why = _claim(project_context, signed, want, now)
    return ClipsInHand(
        signed.project, clips_to_write(context, leases), None if leases else (why or NONE_LEFT)
    )


def take_offline(
    context: PortalContext, signed: Signed, count: int, hours: int, *, now: datetime
) -> ClipsInHand:
    """As `clips_in_hand`, for a time without network. raises: NotAllowed"""
    project_context = context.project_context(signed.project)
    count = min(count, project_context.project.transcription.max_pending_per_person)
    queue.claim_many(project_context, signed.person_id, count, now=now, until=now + timedelta(hours=hours))
    # Once more, in the order in which they will stand on every later page.
    return clips_in_hand(context, signed, 1, now=now)


def _claim(
    project_context: ProjectContext, signed: Signed, want: int, now: datetime
) -> tuple[tuple[Lease, ...], NoClip | None]:
    want = min(want, project_context.project.transcription.max_pending_per_person)
    try:
        return queue.claim_many(project_context, signed.person_id, want, now=now), None
    except queue.HeldBack:
        why = HELD_BACK
    except NotAllowed:
        ours = [code for code in signed.languages if code in project_context.project.languages]
        why = QUIZ if ours and project_context.project.transcription.quiz_clips else NO_LANGUAGE
    held = _number_held(project_context, signed)
    return (queue.claim_many(project_context, signed.person_id, held, now=now) if held else ()), why


def _number_held(project_context: ProjectContext, signed: Signed) -> int:
    query = select(Slot.id).where(
        Slot.holder_id == signed.person_id,
        Slot.state == "leased",
        Slot.project_id == project_context.project.name,
        Slot.purpose.in_((SlotPurpose.TRANSCRIPTION, SlotPurpose.GOLD)),
    )
    with project_context.catalog.reading() as session:
        return min(
            len(session.scalars(query).all()), project_context.project.transcription.max_pending_per_person
        )


@dataclass(frozen=True, slots=True)
class Trial:
    """How far a person is with the trial clips of a language."""

    language: str
    right: int
    asked: int


def trials(context: PortalContext, signed: Signed) -> tuple[Trial, ...]:
    """The quizzes that a person has not passed; nothing where the project asks for none."""
    project_context = context.project_context(signed.project)
    if not project_context.project.transcription.quiz_clips:
        return ()
    member = StaffMember(
        signed.person_id, signed.handle, signed.roles, signed.languages, None, None, None, True
    )
    ours = [code for code in signed.languages if code in project_context.project.languages]
    with context.catalog.reading() as session:
        return tuple(
            Trial(each.language, each.right, each.asked)
            for each in quiz.quizzes_of(session, project_context, member, ours)
        )
