"""The queue: one clip to one person for a while, and never the same slot to two.

A slot is leased. The lease has an end, which every sign of life moves on; a slot whose lease has ended is
found by the next claim, so no sweeper has to run. Every lease raises the slot's token, and only the newest
token counts, so that what comes late can never overwrite.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from catalog import audit
from catalog.config.sentence import Sentence
from catalog.states import Role, SlotPurpose, SlotState
from catalog.tables import Slot, Standing
from transcription import gold, quiz
from transcription.context import NotAllowed, ProjectContext
from transcription.decisions.impartiality import check_impartial
from transcription.people import StaffMember, person_of
from transcription.slots.lease import (
    NO_SLOT,
    Hold,
    Lease,
    LeaseLost,
    grant,
    holds,
    lease_end,
    lease_of,
    leases_of,
    locked_slot,
    locked_task,
    task_of,
    vacate,
)
from transcription.slots.next_slot import Search, take_slot
from transcription.slots.purpose import REVIEWING, WRITING, check_purpose

# Asked with every claim, and made once.
_HELD = (
    select(Slot)
    .where(
        Slot.holder_id == bindparam("person"),
        Slot.state == SlotState.LEASED,
        Slot.project_id == bindparam("project"),
        Slot.purpose.in_(WRITING),
    )
    .order_by(Slot.leased_at, Slot.id)
    .with_for_update()
)
_HELD_BACK = select(Standing.language, Standing.because).where(
    Standing.person_id == bindparam("person"),
    Standing.held_back,
    Standing.language.in_(bindparam("languages", expanding=True)),
)


class HeldBack(NotAllowed):
    """A person's work has failed too often lately; a manager can look at it and decide otherwise."""


@dataclass(frozen=True, slots=True)
class Renewal:
    """The new end of a lease."""

    hold: Hold
    expires_at: datetime


def claim(context: ProjectContext, person_id: str, *, now: datetime) -> Lease | None:
    """The clip that a person works on: the one they hold, else the next for them; None where there is none.

    Asking again gives the same lease: after a refresh, a crash, on another device.
    raises: NotAllowed, HeldBack
    """
    with context.catalog.writing() as session:
        person = person_of(session, person_id, Role.TRANSCRIBER, project=context.project.name, lock=True)
        if held := _held(session, context, person_id):
            held[0].expires_at = lease_end(held[0], context, now)
            return lease_of(session, context, held[0])
        slot = _take(session, context, person, now=now, until=lease_end(None, context, now))
        return lease_of(session, context, slot) if slot else None


def claim_many(
    context: ProjectContext, person_id: str, count: int, *, now: datetime, until: datetime | None = None
) -> tuple[Lease, ...]:
    """A bundle to take where there is no network: what the person holds, filled up to `count` clips.

    until:  end of the leases; that of a single lease where None
    raises: NotAllowed where the project's limit for one person is passed; HeldBack
    """
    most = context.project.transcription.max_pending_per_person
    if not 1 <= count <= most:
        raise NotAllowed(
            Sentence(
                "a person holds 1 to %(most)s clips at a time in this project. Ask for fewer, or have "
                "transcription.max_pending_per_person raised.",
                most=str(most),
            )
        )
    with context.catalog.writing() as session:
        person = person_of(session, person_id, Role.TRANSCRIBER, project=context.project.name, lock=True)
        slots = list(_held(session, context, person_id))
        for slot in slots:
            slot.expires_at = max(lease_end(slot, context, now), until or now)
        while len(slots) < count:
            taken = _take(session, context, person, now=now, until=until or lease_end(None, context, now))
            if taken is None:
                break
            slots.append(taken)
        return leases_of(session, context, slots)


def heartbeat(context: ProjectContext, hold: Hold, *, now: datetime) -> Renewal:
    """A sign of life from a writer's device: the lease lasts on.

    raises: LeaseLost where the slot is somebody else's by now; WrongPurpose for a reviewer's slot
    """
    with context.catalog.writing() as session:
        return renew(session, context, hold, WRITING, now=now)


def renew(
    session: Session, context: ProjectContext, hold: Hold, purposes: Collection[SlotPurpose], *, now: datetime
) -> Renewal:
    """As `heartbeat`, within a transaction, for a slot of one of these purposes."""
    slot = _locked(session, context, hold, purposes)
    if not holds(slot, hold):
        raise LeaseLost(_why_lost(slot, hold))
    slot.expires_at = lease_end(slot, context, now)
    session.flush()
    return Renewal(hold, slot.expires_at)


def release_lease(context: ProjectContext, hold: Hold, *, now: datetime) -> None:
    """Give a slot back unfinished; drafts stay. A slot already lost is left alone. raises: WrongPurpose"""
    with context.catalog.writing() as session:
        slot = _locked(session, context, hold, WRITING)
        if holds(slot, hold):
            vacate(slot)
            _record(session, now, hold.person_id, "slot.released", slot)


def take_over(
    context: ProjectContext, slot_id: str, *, manager_id: str, now: datetime, to: str | None = None
) -> Hold | None:
    """A manager takes a leased or open slot from its holder, for somebody else (`to`) or for the queue.

    The holder's drafts stay theirs and what they still send is kept as late.
    raises: NotAllowed where the new holder has worked on the task before, or has no business with such a slot
    """
    with context.catalog.writing() as session:
        person_of(session, manager_id, Role.MANAGER, project=context.project.name)
        locked_task(session, task_of(session, slot_id))
        slot = locked_slot(session, slot_id)
        assert slot is not None  # its task was found by it
        context.check_own(slot.project_id)
        if slot.state not in (SlotState.LEASED, SlotState.OPEN):
            raise NotAllowed(Sentence("nobody works on this clip: there is nothing to take over."))
        before = slot.holder_id
        if to is None:
            vacate(slot)
        else:
            taker = _taker(session, context, slot, to)
            clash = select(Slot.id).where(
                Slot.task_id == slot.task_id, Slot.holder_id == taker.id, Slot.id != slot.id
            )
            if session.scalar(clash):
                raise NotAllowed(
                    Sentence(
                        "%(person)s works on this clip already. Choose somebody else.", person=taker.handle
                    )
                )
            grant(slot, taker.id, now=now, until=lease_end(None, context, now))
        _record(session, now, manager_id, "slot.taken_over", slot, {"from": before, "to": to})
        return Hold(slot.id, to, slot.token) if to else None


def take_of_recording(
    session: Session,
    context: ProjectContext,
    person: StaffMember,
    recording_id: str,
    *,
    now: datetime,
    until: datetime,
) -> Slot | None:
    """Lease the next clip of one recording, in the order in which it was spoken; None where there is none for them.

    raises: NotAllowed, HeldBack; also where a quiz comes first
    """
    languages = _languages_open_to(session, context, person)
    quizzes = quiz.quizzes_of(session, context, person, languages)
    languages = [code for code in languages if code not in {each.language for each in quizzes}]
    if not languages:
        raise quiz.comes_first(person, quizzes)
    search = Search(context.project.name, SlotPurpose.TRANSCRIPTION, languages, person, recording_id)
    slot = take_slot(session, search, now=now, until=until)
    if slot is not None:
        _record(session, now, person.id, "slot.leased", slot)
    return slot


def _take(
    session: Session, context: ProjectContext, person: StaffMember, *, now: datetime, until: datetime
) -> Slot | None:
    languages = _languages_open_to(session, context, person)
    quizzes = quiz.quizzes_of(session, context, person, languages)
    slot = quiz.take_quiz(session, context, person, quizzes, now=now, until=until)
    languages = [code for code in languages if code not in {each.language for each in quizzes}]
    if slot is None and not languages:
        if _held(session, context, person.id):
            return None  # they have their quiz at hand
        raise quiz.why_not(person, quizzes)
    if slot is None:
        slot = gold.take_gold(session, context, person, languages, now=now, until=until)
    if slot is None:
        search = Search(context.project.name, SlotPurpose.TRANSCRIPTION, languages, person)
        slot = take_slot(session, search, now=now, until=until)
    if slot is not None:
        _record(session, now, person.id, "slot.leased", slot)
    return slot


def _languages_open_to(session: Session, context: ProjectContext, person: StaffMember) -> list[str]:
    ours = [code for code in person.languages if code in context.project.languages]
    if not ours:
        raise NotAllowed(
            Sentence(
                "%(person)s writes none of the languages of %(project)s: %(languages)s. "
                "Have a manager add those that they know.",
                person=person.handle,
                project=context.project.name,
                languages=", ".join(context.project.languages),
            )
        )
    rows = session.execute(_HELD_BACK, {"person": person.id, "languages": ours})
    held_back = {row.language: row.because for row in rows}
    free = [code for code in ours if code not in held_back]
    if not free:
        because = "; ".join(f"{code}: {why}" for code, why in sorted(held_back.items()))
        raise HeldBack(
            Sentence(
                "%(person)s gets no new clips for now (%(because)s). A manager can look again.",
                person=person.handle,
                because=because,
            )
        )
    return free


def _held(session: Session, context: ProjectContext, person_id: str) -> Sequence[Slot]:
    """The slots a person holds, longest held first; also those whose time is over but nobody took."""
    return session.scalars(_HELD, {"person": person_id, "project": context.project.name}).all()


def _taker(session: Session, context: ProjectContext, slot: Slot, person_id: str) -> StaffMember:
    """Who may take a locked slot of that purpose from somebody."""
    if slot.purpose is SlotPurpose.GOLD:
        raise NotAllowed(
            Sentence("this clip was chosen for one person. Give it back to the queue, for nobody.")
        )
    if slot.purpose in REVIEWING:
        check_impartial(session, slot.task_id, person_id)
        return person_of(session, person_id, Role.REVIEWER, project=context.project.name)
    return person_of(session, person_id, Role.TRANSCRIBER, project=context.project.name)


def _locked(session: Session, context: ProjectContext, hold: Hold, purposes: Collection[SlotPurpose]) -> Slot:
    slot = locked_slot(session, hold.slot_id)
    if slot is None:
        raise LeaseLost(NO_SLOT)
    context.check_own(slot.project_id)
    check_purpose(slot, purposes)
    return slot


def _why_lost(slot: Slot, hold: Hold) -> str:
    if slot.state is SlotState.SUBMITTED and slot.holder_id == hold.person_id:
        return Sentence("this clip is submitted already. Ask for the next one.")
    if slot.state is SlotState.CLOSED:
        return Sentence("this clip is no longer worked on. What you wrote is kept; ask for the next one.")
    return Sentence(
        "this clip was given to somebody else after its time was over. What you wrote is kept; ask for the next one."
    )


def _record(
    session: Session,
    now: datetime,
    actor: str,
    action: str,
    slot: Slot,
    detail: dict[str, str | None] | None = None,
) -> None:
    subject = ("task", slot.task_id)
    audit.record(
        session,
        at=now,
        actor=actor,
        action=action,
        subject=subject,
        detail={"slot": slot.id, "token": slot.token, **(detail or {})},
    )
