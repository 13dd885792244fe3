"""The reviewer's page, and what it asks and sends: `/review` and below."""

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.encoders import jsonable_encoder
from pydantic import Field
from sqlalchemy import select

from catalog.states import ReviewDecision, Role
from catalog.tables import Review, Slot
from portal.access.guard import holding, holding_somewhere
from portal.access.session import Signed
from portal.context import PortalContext, context_of
from portal.http.pages import _, interface_language_of, render
from portal.listening import Links, new_links
from portal.reports.words import KINDS
from portal.review.tasks import ClipNote, ReviewTask, acceptance_of, next_task, notes_at
from portal.write import reasons
from portal.write.checking import Remark, TextToCheck, TypedText, checked
from portal.write.guide import guide_of, translated_guide
from portal.write.slot import (
    Renewed,
    SlotPath,
    SlotProof,
    SlotUse,
    SubmissionRequest,
    clip_held,
    sign_of_life,
    slot_of,
)
from transcription import notes, review
from transcription.clip_reports.waiting import waiting_reports
from transcription.word_times.clips import clips_in_doubt

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
Holder = Annotated[Signed, Depends(holding_somewhere(Role.REVIEWER))]
"""Of a slot, in whatever project: `slot_of` looks."""


Word = Annotated[str, Field(min_length=1, max_length=200)]


class Accepted(SlotProof):
    """text: as it stands in the box. from_text: id of the text it came from; None for what was proposed

    both_right: pairs of words that stand under each other, either of which is right
    """

    text: TypedText
    from_text: str | None = Field(default=None, max_length=80)
    offered: TypedText
    both_right: list[tuple[Word, Word]] = Field(default_factory=list, max_length=50)
    note: str = Field(default="", max_length=2000)


class Declined(SlotProof):
    """reasons: codes of catalog.reasons"""

    decision: Literal["send_back", "reject_audio"]
    from_text: str | None = Field(default=None, max_length=80)
    reasons: list[Annotated[str, Field(max_length=40)]] = Field(min_length=1, max_length=10)
    note: str = Field(default="", max_length=2000)


class Noted(SubmissionRequest):
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
    """The page, with the task in work on it."""
    context = context_of(request)
    guidelines = context.guidelines[signed.project]
    interface_language = interface_language_of(request)
    with context.catalog.reading() as session:
        reports = len(waiting_reports(session, signed.project, signed.languages))
        in_doubt = len(clips_in_doubt(session, signed.project, signed.languages))
    return render(
        request,
        "review/review.html.j2",
        reports=reports,
        in_doubt=in_doubt,
        report_kinds=KINDS,
        returns=reasons.RETURNS,
        rejections=REJECTIONS,
        page_data=jsonable_encoder(
            {
                "task": next_task(context, signed, interface_language, now=context.clock()),
                "guides": {
                    code: translated_guide(guide_of(guidelines[code]), interface_language)
                    for code in signed.languages
                    if code in guidelines
                },
                "skips": {code: interface_language.gettext(said) for code, said in REJECTIONS.items()},
                "heartbeat_minutes": context.project(signed.project).transcription.heartbeat_minutes,
            }
        ),
    )


@router.post("/review/next")
def next_one(request: Request, signed: Reviewer) -> NextTask:
    """What they hold, else the next. Asking again gives the same."""
    context = context_of(request)
    return NextTask(next_task(context, signed, interface_language_of(request), now=context.clock()))


@router.post("/review/check")
def check_text(request: Request, signed: Reviewer, asked: TextToCheck) -> tuple[Remark, ...]:
    """What the guideline doesn't like about a changed text."""
    return checked(request, signed, asked)


@router.post("/review/{slot}/accept")
def accept(request: Request, signed: Holder, slot: SlotPath, sent: Accepted) -> Decided:
    """Accept the text in the box: as it is, or with a change as large as it is."""
    context = context_of(request)
    project_context, hold = slot_of(context, signed, slot, sent, SlotUse.REVIEW)
    language = _slot(context, slot).language
    decision = acceptance_of(sent.text, sent.offered, project_context.guideline_of(language))
    changed = None if decision is ReviewDecision.ACCEPT else sent.text
    receipt = review.decide(
        project_context,
        hold,
        decision,
        text=changed,
        submission_id=sent.from_text,
        note=sent.note,
        both_right=sent.both_right,
        now=context.clock(),
    )
    return _decided(request, signed.at(project_context.project.name), receipt)


@router.post("/review/{slot}/decline")
def decline(request: Request, signed: Holder, slot: SlotPath, sent: Declined) -> Decided:
    """Send the text back to its author, or reject the sound."""
    context = context_of(request)
    project_context, hold = slot_of(context, signed, slot, sent, SlotUse.REVIEW)
    decision = ReviewDecision(sent.decision)
    allowed = reasons.RETURNS if decision is ReviewDecision.SEND_BACK else REJECTIONS
    if not set(sent.reasons) <= set(allowed):
        raise HTTPException(422, f"reasons: of {', '.join(allowed)}")
    receipt = review.decide(
        project_context,
        hold,
        decision,
        submission_id=sent.from_text,
        reasons=sent.reasons,
        note=sent.note,
        now=context.clock(),
    )
    return _decided(request, signed.at(project_context.project.name), receipt)


@router.post("/review/{slot}/heartbeat")
def heartbeat(request: Request, signed: Holder, slot: SlotPath, held: SlotProof) -> Renewed:
    """A sign of life. 409 where the slot is lost."""
    return sign_of_life(context_of(request), signed, slot, held, SlotUse.REVIEW)


@router.post("/review/{slot}/links")
def links(request: Request, signed: Holder, slot: SlotPath, held: SlotProof) -> Links:
    """A new link to a clip whose old one is over. 409 where the slot is lost."""
    context = context_of(request)
    _, hold = slot_of(context, signed, slot, held, SlotUse.REVIEW)
    return new_links(context, clip_held(context, hold), hold)


@router.post("/review/{slot}/notes")
def note(request: Request, signed: Holder, slot: SlotPath, sent: Noted) -> tuple[ClipNote, ...]:
    """Leave a note for the people of this clip; gives them all."""
    context = context_of(request)
    project_context, hold = slot_of(context, signed, slot, sent, SlotUse.REVIEW)
    task_id = _slot(context, hold.slot_id).task_id
    notes.add_note(
        project_context, task_id, signed.person_id, sent.text, request_id=sent.request_id, now=context.clock()
    )
    return notes_at(context, signed.at(project_context.project.name), task_id)


def _slot(context: PortalContext, slot_id: str) -> Slot:
    with context.catalog.reading() as session:
        return session.get_one(Slot, slot_id)


def _decided(request: Request, signed: Signed, receipt: review.ReviewReceipt) -> Decided:
    """The response says what stands: a slot is decided once, also where the answer to the first decision got lost."""
    context = context_of(request)
    with context.catalog.reading() as session:
        decision = session.scalars(select(Review.decision).where(Review.id == receipt.review_id)).one()
    interface_language = interface_language_of(request)
    message = interface_language.gettext(DECISIONS[decision] if receipt.in_force else TOO_LATE)
    return Decided(
        receipt.in_force, message, next_task(context, signed, interface_language, now=context.clock())
    )
