"""The reviewer's page, and what it asks and sends: `/review` and below."""

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.encoders import jsonable_encoder
from pydantic import Field
from sqlalchemy import select

from catalog.states import ReviewDecision, Role
from catalog.tables import Clip, Review, Slot, Task
from portal.access.guard import holding
from portal.access.session import Signed
from portal.house import House, house_of
from portal.listening import Links, new_links
from portal.pages import _, render, tongue_of
from portal.reviewer.work import ReviewTask, Said, acceptance_of, next_task, said_at
from portal.transcriber import reasons
from portal.transcriber.checking import Remark, Text, Unsure, checked
from portal.transcriber.guide import guide_of, told_to
from portal.transcriber.place import Held, Renewed, Sending, SlotPath, place_of, sign_of_life
from transcription import notes, review

DECISIONS = {
    ReviewDecision.ACCEPT: _("Accepted as it was written."),
    ReviewDecision.ACCEPT_MINOR: _("Accepted with a small change."),
    ReviewDecision.ACCEPT_MAJOR: _("Accepted with a large change."),
    ReviewDecision.SEND_BACK: _("Sent back to its author."),
    ReviewDecision.REJECT_AUDIO: _("The sound is rejected."),
}
TOO_LATE = _("This came after the clip's time was over. It is kept, and changes nothing.")
REJECTIONS = reasons.SKIPS | reasons.REPORTS

router = APIRouter(include_in_schema=False)

Reviewer = Annotated[Signed, Depends(holding(Role.REVIEWER))]


class Accepted(Held):
    """text: as it stands in the box. from_text: id of the text it came from; None for what was proposed"""

    text: Text
    from_text: str | None = Field(default=None, max_length=80)
    offered: Text
    note: str = Field(default="", max_length=2000)


class Declined(Held):
    """reasons: codes of catalog.reasons"""

    decision: Literal["send_back", "reject_audio"]
    from_text: str | None = Field(default=None, max_length=80)
    reasons: list[Annotated[str, Field(max_length=40)]] = Field(min_length=1, max_length=10)
    note: str = Field(default="", max_length=2000)


class Noted(Sending):
    text: str = Field(min_length=1, max_length=2000)


@dataclass(frozen=True, slots=True)
class Decided:
    """What became of a decision, in words, and the task after it."""

    in_force: bool
    message: str
    task: ReviewTask | None


@dataclass(frozen=True, slots=True)
class NextTask:
    task: ReviewTask | None


@router.get("/review")
def page(request: Request, signed: Reviewer) -> Response:
    """The desk, with the task in work on it."""
    house = house_of(request)
    guidelines = house.guidelines[signed.project]
    tongue = tongue_of(request)
    return render(
        request,
        "reviewer/desk.html.j2",
        returns=reasons.RETURNS,
        rejections=REJECTIONS,
        told=jsonable_encoder(
            {
                "task": next_task(house, signed, tongue, now=house.clock()),
                "guides": {
                    code: told_to(guide_of(guidelines[code]), tongue)
                    for code in signed.languages
                    if code in guidelines
                },
                "skips": {code: tongue.gettext(said) for code, said in REJECTIONS.items()},
                "heartbeat_minutes": house.project(signed.project).transcription.heartbeat_minutes,
            }
        ),
    )


@router.post("/review/next")
def next_one(request: Request, signed: Reviewer) -> NextTask:
    """What they hold, else the next. Asking again gives the same."""
    house = house_of(request)
    return NextTask(next_task(house, signed, tongue_of(request), now=house.clock()))


@router.post("/review/check")
def check_text(request: Request, signed: Reviewer, asked: Unsure) -> tuple[Remark, ...]:
    """What the guideline doesn't like about a changed text."""
    return checked(request, signed, asked)


@router.post("/review/{slot}/accept")
def accept(request: Request, signed: Reviewer, slot: SlotPath, sent: Accepted) -> Decided:
    """Accept the text in the box: as it is, or with a change as large as it is."""
    house = house_of(request)
    shop, hold = place_of(house, signed, slot, sent)
    language = _place(house, slot).language
    decision = acceptance_of(sent.text, sent.offered, shop.guideline_of(language))
    changed = None if decision is ReviewDecision.ACCEPT else sent.text
    receipt = review.decide(
        shop, hold, decision, text=changed, submission_id=sent.from_text, note=sent.note, now=house.clock()
    )
    return _decided(request, signed, receipt)


@router.post("/review/{slot}/decline")
def decline(request: Request, signed: Reviewer, slot: SlotPath, sent: Declined) -> Decided:
    """Send the text back to its author, or reject the sound."""
    house = house_of(request)
    shop, hold = place_of(house, signed, slot, sent)
    decision = ReviewDecision(sent.decision)
    allowed = reasons.RETURNS if decision is ReviewDecision.SEND_BACK else REJECTIONS
    if not set(sent.reasons) <= set(allowed):
        raise HTTPException(422, f"reasons: of {', '.join(allowed)}")
    receipt = review.decide(
        shop,
        hold,
        decision,
        submission_id=sent.from_text,
        reasons=sent.reasons,
        note=sent.note,
        now=house.clock(),
    )
    return _decided(request, signed, receipt)


@router.post("/review/{slot}/heartbeat")
def heartbeat(request: Request, signed: Reviewer, slot: SlotPath, held: Held) -> Renewed:
    """A sign of life. 409 where the place is lost."""
    return sign_of_life(house_of(request), signed, slot, held)


@router.post("/review/{slot}/links")
def links(request: Request, signed: Reviewer, slot: SlotPath, held: Held) -> Links:
    """A new link to a clip whose old one is over."""
    house = house_of(request)
    place_of(house, signed, slot, held)
    with house.catalog.reading() as session:
        clip_id = session.scalars(select(Clip.id).join(Task).join(Slot).where(Slot.id == slot)).one()
    return new_links(house, clip_id, listener=signed.person_id)


@router.post("/review/{slot}/notes")
def note(request: Request, signed: Reviewer, slot: SlotPath, sent: Noted) -> tuple[Said, ...]:
    """Leave a note for the people of this clip; gives them all."""
    house = house_of(request)
    shop, hold = place_of(house, signed, slot, sent)
    task_id = _place(house, hold.slot_id).task_id
    notes.add_note(shop, task_id, signed.person_id, sent.text, request_id=sent.request_id, now=house.clock())
    return said_at(house, signed, task_id)


def _place(house: House, slot_id: str) -> Slot:
    with house.catalog.reading() as session:
        return session.get_one(Slot, slot_id)


def _decided(request: Request, signed: Signed, receipt: review.ReviewReceipt) -> Decided:
    """Told is what stands: a place is decided once, also where the answer to the first decision got lost."""
    house = house_of(request)
    with house.catalog.reading() as session:
        decision = session.scalars(select(Review.decision).where(Review.id == receipt.review_id)).one()
    tongue = tongue_of(request)
    message = tongue.gettext(DECISIONS[decision] if receipt.in_force else TOO_LATE)
    return Decided(receipt.in_force, message, next_task(house, signed, tongue, now=house.clock()))
