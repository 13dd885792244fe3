"""The write screen: its page, and what it asks and sends while somebody works, `/write` and below."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.encoders import jsonable_encoder
from fastapi.params import Query
from pydantic import BaseModel, ConfigDict, Field

from catalog.ids import new_id
from catalog.states import Role
from portal.access.guard import holding, holding_somewhere
from portal.access.session import Signed
from portal.context import context_of
from portal.http.pages import interface_language_of, render
from portal.i18n.formats import Formats
from portal.listening import Links, new_links
from portal.write import reasons
from portal.write.checking import Remark, TextToCheck, TypedText, checked, remarks
from portal.write.clips import Surroundings, surroundings
from portal.write.clips_in_hand import (
    AT_HAND,
    LONGEST_AWAY_HOURS,
    MOST_OFFLINE,
    ClipsInHand,
    clips_in_hand,
    take_offline,
    trials,
)
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
from portal.write.today import TodayFigures, today
from transcription import queue, submission
from transcription.clip_reports import reporting
from transcription.submission import SkipMode, SubmissionReceipt
from transcription.text import verbatim

router = APIRouter(include_in_schema=False)

Transcriber = Annotated[Signed, Depends(holding(Role.TRANSCRIBER))]
Holder = Annotated[Signed, Depends(holding_somewhere(Role.TRANSCRIBER))]
"""Of a slot, in whatever project: `slot_of` looks."""


class _Exact(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Want(_Exact):
    want: int = Field(default=AT_HAND, ge=1, le=MOST_OFFLINE)


class Bundle(_Exact):
    count: int = Field(default=10, ge=1, le=MOST_OFFLINE)
    hours: int = Field(default=24, ge=1, le=LONGEST_AWAY_HOURS)


class Draft(SubmissionRequest):
    text: TypedText


class Finished(SubmissionRequest):
    """active_seconds: how long the person was at it, pauses left out"""

    text: TypedText
    active_seconds: float | None = Field(default=None, ge=0, le=7 * 86400, allow_inf_nan=False)


class Skipped(SubmissionRequest):
    """later: give it to me again in some hours"""

    reason: str = Field(max_length=40)
    later: bool = False


class Reported(SubmissionRequest):
    reason: str = Field(max_length=40)


@dataclass(frozen=True, slots=True)
class SubmissionResponse:
    """outcome: received, saved, late or refused; expires_at: the end of the lease where it goes on"""

    outcome: str
    message: str
    remarks: tuple[Remark, ...]
    expires_at: datetime | None
    kept: str
    """The text as the server has it: what a later page brings as the draft."""


@router.get("/write")
def page(request: Request, signed: Transcriber) -> Response:
    """The page, with the clip in work on it: its sound is on the way before any script is."""
    context = context_of(request)
    now = context.clock()
    interface_language = interface_language_of(request)
    guidelines = context.guidelines[signed.project]
    in_hand = clips_in_hand(context, signed, 1, now=now)
    # A language may have been taken from somebody who still holds a clip of it.
    spoken = dict.fromkeys([*signed.languages, *(clip.language for clip in in_hand.clips)])
    so_far = today(context, signed, now=now)
    figures = so_far.formatted(Formats(interface_language))
    return render(
        request,
        "write/write.html.j2",
        first=in_hand.clips[0] if in_hand.clips else None,
        trials=trials(context, signed),
        today=figures,
        newcomer=so_far.newcomer,
        reasons=reasons,
        page_data=jsonable_encoder(
            {
                "rendered": new_id("page"),
                "desk": _in_their_language(request, in_hand),
                "guides": {
                    code: translated_guide(guide_of(guidelines[code]), interface_language)
                    for code in spoken
                    if code in guidelines
                },
                "today": figures,
                "heartbeat_minutes": context.project(signed.project).transcription.heartbeat_minutes,
                "returns": {code: interface_language.gettext(said) for code, said in reasons.RETURNS.items()},
            }
        ),
    )


@router.post("/write/claim")
def claim(request: Request, signed: Transcriber, asked: Want) -> ClipsInHand:
    """What the person holds, filled up. Asking again gives the same."""
    context = context_of(request)
    return _in_their_language(request, clips_in_hand(context, signed, asked.want, now=context.clock()))


@router.post("/write/bundle")
def bundle(request: Request, signed: Transcriber, asked: Bundle) -> ClipsInHand:
    """Clips for a time without network."""
    context = context_of(request)
    return _in_their_language(
        request, take_offline(context, signed, asked.count, asked.hours, now=context.clock())
    )


@router.get("/write/today")
def figures_now(request: Request, signed: Transcriber) -> TodayFigures:
    """The strip's figures."""
    context = context_of(request)
    return today(context, signed, now=context.clock()).formatted(Formats(interface_language_of(request)))


@router.post("/write/check")
def check_text(request: Request, signed: Transcriber, asked: TextToCheck) -> tuple[Remark, ...]:
    """What the guideline doesn't like about a text on its way."""
    return checked(request, signed, asked)


@router.post("/write/{slot}/draft")
def draft(request: Request, signed: Holder, slot: SlotPath, sent: Draft) -> SubmissionResponse:
    """Keep words on the way. Kept as late where the clip is somebody else's by now."""
    context = context_of(request)
    project_context, hold = slot_of(context, signed, slot, sent, SlotUse.WRITE)
    receipt = submission.save_draft(
        project_context, hold, sent.text, request_id=sent.request_id, now=context.clock()
    )
    return _as_response(request, receipt, sent.text)


@router.post("/write/{slot}/submit")
def submit(request: Request, signed: Holder, slot: SlotPath, sent: Finished) -> SubmissionResponse:
    """Hand in the finished text."""
    context = context_of(request)
    project_context, hold = slot_of(context, signed, slot, sent, SlotUse.WRITE)
    receipt = submission.submit(
        project_context,
        hold,
        sent.text,
        request_id=sent.request_id,
        now=context.clock(),
        active_seconds=sent.active_seconds,
    )
    return _as_response(request, receipt, sent.text)


@router.post("/write/{slot}/skip")
def skip(request: Request, signed: Holder, slot: SlotPath, sent: Skipped) -> SubmissionResponse:
    """Pass a clip on, for good or for some hours."""
    if sent.reason not in reasons.SKIPS:
        raise HTTPException(422, f"reason: one of {', '.join(reasons.SKIPS)}")
    context = context_of(request)
    project_context, hold = slot_of(context, signed, slot, sent, SlotUse.WRITE)
    receipt = submission.skip(
        project_context,
        hold,
        reason_code=sent.reason,
        mode=SkipMode.ME_LATER if sent.later else SkipMode.OTHERS,
        request_id=sent.request_id,
        now=context.clock(),
    )
    return _as_response(request, receipt)


@router.post("/write/{slot}/report")
def report(request: Request, signed: Holder, slot: SlotPath, sent: Reported) -> SubmissionResponse:
    """Bring a clip before a reviewer at once."""
    if sent.reason not in reasons.REPORTS:
        raise HTTPException(422, f"reason: one of {', '.join(reasons.REPORTS)}")
    context = context_of(request)
    project_context, hold = slot_of(context, signed, slot, sent, SlotUse.WRITE)
    receipt = reporting.report(
        project_context, hold, reason_code=sent.reason, request_id=sent.request_id, now=context.clock()
    )
    return _as_response(request, receipt)


@router.post("/write/{slot}/heartbeat")
def heartbeat(request: Request, signed: Holder, slot: SlotPath, held: SlotProof) -> Renewed:
    """A sign of life. 409 where the slot is lost."""
    return sign_of_life(context_of(request), signed, slot, held, SlotUse.WRITE)


@router.post("/write/{slot}/release", status_code=204)
def release(request: Request, signed: Holder, slot: SlotPath, held: SlotProof) -> None:
    """Give a clip that was taken along back; drafts stay."""
    context = context_of(request)
    project_context, hold = slot_of(context, signed, slot, held, SlotUse.WRITE)
    queue.release_lease(project_context, hold, now=context.clock())


@router.get("/write/{slot}/links")
def links(
    request: Request,
    signed: Holder,
    slot: SlotPath,
    held: Annotated[SlotProof, Query()],
) -> Links:
    """New links to a clip whose old ones are over. 409 where the slot is lost."""
    context = context_of(request)
    _, hold = slot_of(context, signed, slot, held, SlotUse.WRITE)
    return new_links(context, clip_held(context, hold), hold)


@router.get("/write/{slot}/around")
def around(
    request: Request,
    signed: Holder,
    slot: SlotPath,
    held: Annotated[SlotProof, Query()],
) -> Surroundings:
    """What is said just before and after the clip."""
    context = context_of(request)
    _, hold = slot_of(context, signed, slot, held, SlotUse.WRITE)
    return surroundings(context, hold, clip_held(context, hold), context.clock())


def _as_response(request: Request, receipt: SubmissionReceipt, text: str = "") -> SubmissionResponse:
    return SubmissionResponse(
        outcome=receipt.outcome.value,
        message=receipt.message,
        remarks=remarks(receipt.findings, interface_language_of(request)),
        expires_at=receipt.expires_at,
        kept=verbatim(text),
    )


def _in_their_language(request: Request, in_hand: ClipsInHand) -> ClipsInHand:
    if in_hand.nothing is None:
        return in_hand
    interface_language = interface_language_of(request)
    nothing = replace(
        in_hand.nothing,
        title=interface_language.gettext(in_hand.nothing.title),
        then=interface_language.gettext(in_hand.nothing.then),
    )
    return replace(in_hand, nothing=nothing)
