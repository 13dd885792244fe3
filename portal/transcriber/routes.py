"""The desk's page, and what it asks and sends while somebody works: `/write` and below."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.encoders import jsonable_encoder
from fastapi.params import Query
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select

from catalog.ids import new_id
from catalog.states import Role
from catalog.tables import Slot, Task
from portal.access.guard import holding
from portal.access.session import Signed
from portal.formats import Formats
from portal.house import House, house_of
from portal.listening import Links, new_links
from portal.pages import render, tongue_of
from portal.transcriber import reasons
from portal.transcriber.checking import Remark, Text, Unsure, checked, remarks
from portal.transcriber.clips import Surroundings, surroundings
from portal.transcriber.guide import guide_of, told_to
from portal.transcriber.place import Held, Renewed, Sending, SlotPath, place_of, sign_of_life
from portal.transcriber.today import Told, today
from portal.transcriber.work import (
    AT_HAND,
    LONGEST_AWAY_HOURS,
    MOST_TAKEN_ALONG,
    Desk,
    lay_out,
    take_along,
    trials,
)
from transcription import queue, reporting, submission
from transcription.lease import Hold, LeaseLost, holds
from transcription.submission import SkipMode, SubmissionReceipt
from transcription.text import verbatim

router = APIRouter(include_in_schema=False)

Transcriber = Annotated[Signed, Depends(holding(Role.TRANSCRIBER))]


class _Exact(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Want(_Exact):
    want: int = Field(default=AT_HAND, ge=1, le=MOST_TAKEN_ALONG)


class Bundle(_Exact):
    count: int = Field(default=10, ge=1, le=MOST_TAKEN_ALONG)
    hours: int = Field(default=24, ge=1, le=LONGEST_AWAY_HOURS)


class Draft(Sending):
    text: Text


class Finished(Sending):
    """active_seconds: how long the person was at it, pauses left out"""

    text: Text
    active_seconds: float | None = Field(default=None, ge=0, le=7 * 86400, allow_inf_nan=False)


class Skipped(Sending):
    """later: give it to me again in some hours"""

    reason: str = Field(max_length=40)
    later: bool = False


class Reported(Sending):
    reason: str = Field(max_length=40)


@dataclass(frozen=True, slots=True)
class Receipt:
    """outcome: received, saved, late or refused; expires_at: the end of the lease where it goes on"""

    outcome: str
    message: str
    remarks: tuple[Remark, ...]
    expires_at: datetime | None
    kept: str
    """The text as the server has it: what a later page brings as the draft."""


@router.get("/write")
def page(request: Request, signed: Transcriber) -> Response:
    """The desk, with the clip in work on it: its sound is on the way before any script is."""
    house = house_of(request)
    now = house.clock()
    tongue = tongue_of(request)
    guidelines = house.guidelines[signed.project]
    desk = lay_out(house, signed, 1, now=now)
    # A language may have been taken from somebody who still holds a clip of it.
    spoken = dict.fromkeys([*signed.languages, *(clip.language for clip in desk.clips)])
    figures = today(house, signed, now=now).told(Formats(tongue))
    return render(
        request,
        "transcriber/desk.html.j2",
        first=desk.clips[0] if desk.clips else None,
        trials=trials(house, signed),
        today=figures,
        reasons=reasons,
        told=jsonable_encoder(
            {
                "rendered": new_id("page"),
                "desk": _in_their_language(request, desk),
                "guides": {
                    code: told_to(guide_of(guidelines[code]), tongue) for code in spoken if code in guidelines
                },
                "today": figures,
                "heartbeat_minutes": house.project(signed.project).transcription.heartbeat_minutes,
                "returns": {code: tongue.gettext(said) for code, said in reasons.RETURNS.items()},
            }
        ),
    )


@router.post("/write/claim")
def claim(request: Request, signed: Transcriber, asked: Want) -> Desk:
    """What the person holds, filled up. Asking again gives the same."""
    house = house_of(request)
    return _in_their_language(request, lay_out(house, signed, asked.want, now=house.clock()))


@router.post("/write/bundle")
def bundle(request: Request, signed: Transcriber, asked: Bundle) -> Desk:
    """Clips for a time without network."""
    house = house_of(request)
    return _in_their_language(request, take_along(house, signed, asked.count, asked.hours, now=house.clock()))


@router.get("/write/today")
def figures_now(request: Request, signed: Transcriber) -> Told:
    """The strip's figures."""
    house = house_of(request)
    return today(house, signed, now=house.clock()).told(Formats(tongue_of(request)))


@router.post("/write/check")
def check_text(request: Request, signed: Transcriber, asked: Unsure) -> tuple[Remark, ...]:
    """What the guideline doesn't like about a text on its way."""
    return checked(request, signed, asked)


@router.post("/write/{slot}/draft")
def draft(request: Request, signed: Transcriber, slot: SlotPath, sent: Draft) -> Receipt:
    """Keep words on the way. Kept as late where the clip is somebody else's by now."""
    house = house_of(request)
    shop, hold = place_of(house, signed, slot, sent)
    receipt = submission.save_draft(shop, hold, sent.text, request_id=sent.request_id, now=house.clock())
    return _as_sent(request, receipt, sent.text)


@router.post("/write/{slot}/submit")
def submit(request: Request, signed: Transcriber, slot: SlotPath, sent: Finished) -> Receipt:
    """Hand in the finished text."""
    house = house_of(request)
    shop, hold = place_of(house, signed, slot, sent)
    receipt = submission.submit(
        shop,
        hold,
        sent.text,
        request_id=sent.request_id,
        now=house.clock(),
        active_seconds=sent.active_seconds,
    )
    return _as_sent(request, receipt, sent.text)


@router.post("/write/{slot}/skip")
def skip(request: Request, signed: Transcriber, slot: SlotPath, sent: Skipped) -> Receipt:
    """Pass a clip on, for good or for some hours."""
    if sent.reason not in reasons.SKIPS:
        raise HTTPException(422, f"reason: one of {', '.join(reasons.SKIPS)}")
    house = house_of(request)
    shop, hold = place_of(house, signed, slot, sent)
    receipt = submission.skip(
        shop,
        hold,
        reason_code=sent.reason,
        mode=SkipMode.ME_LATER if sent.later else SkipMode.OTHERS,
        request_id=sent.request_id,
        now=house.clock(),
    )
    return _as_sent(request, receipt)


@router.post("/write/{slot}/report")
def report(request: Request, signed: Transcriber, slot: SlotPath, sent: Reported) -> Receipt:
    """Bring a clip before a reviewer at once."""
    if sent.reason not in reasons.REPORTS:
        raise HTTPException(422, f"reason: one of {', '.join(reasons.REPORTS)}")
    house = house_of(request)
    shop, hold = place_of(house, signed, slot, sent)
    receipt = reporting.report(
        shop, hold, reason_code=sent.reason, request_id=sent.request_id, now=house.clock()
    )
    return _as_sent(request, receipt)


@router.post("/write/{slot}/heartbeat")
def heartbeat(request: Request, signed: Transcriber, slot: SlotPath, held: Held) -> Renewed:
    """A sign of life. 409 where the place is lost."""
    return sign_of_life(house_of(request), signed, slot, held)


@router.post("/write/{slot}/release", status_code=204)
def release(request: Request, signed: Transcriber, slot: SlotPath, held: Held) -> None:
    """Give a clip that was taken along back; drafts stay."""
    house = house_of(request)
    shop, hold = place_of(house, signed, slot, held)
    queue.release_lease(shop, hold, now=house.clock())


@router.get("/write/{slot}/links")
def links(
    request: Request,
    signed: Transcriber,
    slot: SlotPath,
    held: Annotated[Held, Query()],
) -> Links:
    """New links to a clip whose old ones are over. 409 where the place is lost."""
    house = house_of(request)
    _, hold = place_of(house, signed, slot, held)
    return new_links(house, _clip_held(house, hold), listener=signed.person_id)


@router.get("/write/{slot}/around")
def around(
    request: Request,
    signed: Transcriber,
    slot: SlotPath,
    held: Annotated[Held, Query()],
) -> Surroundings:
    """What is said just before and after the clip."""
    house = house_of(request)
    _, hold = place_of(house, signed, slot, held)
    return surroundings(house, signed, _clip_held(house, hold), house.clock())


def _clip_held(house: House, hold: Hold) -> str:
    with house.catalog.reading() as session:
        slot = session.get(Slot, hold.slot_id)
        if slot is None or not holds(slot, hold):
            raise LeaseLost("this clip is somebody else's by now.\nWhat you wrote is kept; ask for the next.")
        return session.scalars(select(Task.clip_id).where(Task.id == slot.task_id)).one()


def _as_sent(request: Request, receipt: SubmissionReceipt, text: str = "") -> Receipt:
    return Receipt(
        outcome=receipt.outcome.value,
        message=receipt.message,
        remarks=remarks(receipt.findings, tongue_of(request)),
        expires_at=receipt.expires_at,
        kept=verbatim(text),
    )


def _in_their_language(request: Request, desk: Desk) -> Desk:
    if desk.nothing is None:
        return desk
    tongue = tongue_of(request)
    nothing = replace(
        desk.nothing, title=tongue.gettext(desk.nothing.title), then=tongue.gettext(desk.nothing.then)
    )
    return replace(desk, nothing=nothing)
