"""Legal holds: orders to keep a voice's bytes, placed and ended by a manager."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from catalog import legal_hold
from catalog.legal_hold import LONGEST, HoldOrder, InvalidHold
from catalog.speakers import speaker_id_of
from catalog.tables import Speaker
from portal.access.guard import Manager
from portal.access.session import Signed
from portal.context import context_of
from portal.http.pages import _, render

router = APIRouter(include_in_schema=False)

Line = Annotated[str, Form(max_length=LONGEST)]
WHOM = _("Write a pseudonym that is known here, or choose every voice of the project.")
NO_WORDS = _("Write who ordered it, and why: it stands on record.")
NO_DAY = _("Choose a day to come, or none.")
NOTHING_GIVEN = dict.fromkeys(("speaker", "ordered_by", "because", "until", "whole"), "")


@router.get("/manage/holds")
def holds_page(request: Request, signed: Manager) -> Response:
    """Every hold of the project, and the form for a new one."""
    return _page(request, signed)


@router.post("/manage/holds")
def place_hold(
    request: Request,
    signed: Manager,
    ordered_by: Line = "",
    because: Line = "",
    speaker: Annotated[str, Form(max_length=40)] = "",
    whole: Annotated[str, Form(max_length=5)] = "",
    until: Annotated[str, Form(max_length=10)] = "",
) -> Response:
    """Stop an erasure, on record."""
    context = context_of(request)
    given = {"speaker": speaker, "ordered_by": ordered_by, "because": because, "until": until, "whole": whole}
    pseudonym = speaker.strip()
    if bool(pseudonym) == (whole == "yes"):
        return _page(request, signed, given, WHOM)
    if not ordered_by.strip() or not because.strip():
        return _page(request, signed, given, NO_WORDS)
    try:
        last = legal_hold.end_of_day(date.fromisoformat(until)) if until else None
    except ValueError:
        return _page(request, signed, given, NO_DAY)
    try:
        with context.catalog.writing() as session:
            speaker_id = _speaker_id(session, signed.project, pseudonym) if pseudonym else None
            if pseudonym and speaker_id is None:
                return _page(request, signed, given, WHOM)
            legal_hold.place(
                session,
                HoldOrder(ordered_by, because, last),
                project_id=signed.project,
                speaker_id=speaker_id,
                by=signed.person_id,
                at=context.clock(),
            )
    except InvalidHold:
        return _page(request, signed, given, NO_DAY)
    return RedirectResponse("/manage/holds", status_code=303)


@router.post("/manage/holds/end")
def end_hold(request: Request, signed: Manager, hold: Annotated[str, Form(max_length=100)]) -> Response:
    """Lift a hold: what waited behind it is erased by the next run of the flows."""
    context = context_of(request)
    try:
        with context.catalog.writing() as session:
            legal_hold.end(session, hold, project_id=signed.project, by=signed.person_id, at=context.clock())
    except InvalidHold:
        raise HTTPException(404) from None
    return RedirectResponse("/manage/holds", status_code=303)


def _speaker_id(session: Session, project: str, pseudonym: str) -> str | None:
    speaker = session.get(Speaker, speaker_id_of(project, pseudonym))
    return speaker.id if speaker else None


def _page(
    request: Request, signed: Signed, given: dict[str, str] = NOTHING_GIVEN, fault: str | None = None
) -> Response:
    context = context_of(request)
    with context.catalog.reading() as session:
        found = legal_hold.holds_of(session, signed.project)
    return render(
        request,
        "manage/holds.html.j2",
        status=422 if fault else 200,
        holds=found,
        given=given,
        fault=fault,
    )
