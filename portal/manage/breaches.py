"""Breaches of personal data: the log with its clock, for managers and for owners of the installation."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from catalog import breaches
from catalog.breaches import LONGEST, BreachLine, InvalidBreach
from catalog.calendar import ZONE
from catalog.states import Role
from portal.access.guard import ManagerOrOwner
from portal.access.session import Signed
from portal.context import PortalContext, context_of
from portal.http.pages import _, render

router = APIRouter(include_in_schema=False)

Words = Annotated[str, Form(max_length=LONGEST)]
Name = Annotated[str, Form(max_length=100)]
NOT_SO = _("Say what happened. The time is past, and each pseudonym is known here.")
NOT_TOLD = _("A breach is closed once the Board was notified, and with words of what was done.")
NOTHING_GIVEN = dict.fromkeys(("what", "known_at", "people", "speakers", "project_id"), "")


def breaches_seen_by(context: PortalContext, signed: Signed) -> Sequence[BreachLine]:
    """Of the projects that somebody manages; of all for an owner."""
    with context.catalog.reading() as session:
        return breaches.breaches_of(session, _projects(context, signed), now=context.clock())


@router.get("/breaches")
def breaches_page(request: Request, signed: ManagerOrOwner) -> Response:
    """Every breach, with the time left, and the form for a new one."""
    return _page(request, signed)


@router.post("/breaches")
def open_breach(
    request: Request,
    signed: ManagerOrOwner,
    project_id: Name,
    what: Words = "",
    known_at: Annotated[str, Form(max_length=20)] = "",
    people: Annotated[str, Form(max_length=9)] = "",
    speakers: Annotated[str, Form(max_length=200_000)] = "",
) -> Response:
    """Somebody became aware of a breach: 72 hours run from then."""
    context = context_of(request)
    given = {
        "what": what,
        "known_at": known_at,
        "people": people,
        "speakers": speakers,
        "project_id": project_id,
    }
    _check_project(context, signed, project_id)
    if not what.strip():
        return _page(request, signed, given, NOT_SO)
    now = context.clock()
    try:
        # A browser's field of date and time has no zone: it is the clock of whoever types.
        since = datetime.fromisoformat(known_at).replace(tzinfo=ZONE) if known_at else now
        with context.catalog.writing() as session:
            breach_id = breaches.open_breach(
                session,
                project_id=project_id,
                what=what,
                known_at=since,
                people=int(people or 0),
                by=signed.person_id,
                at=now,
            )
            named = [each for each in re.split(r"[\s,;]+", speakers) if each]
            breaches.name_speakers(
                session, breach_id, named, project_id=project_id, by=signed.person_id, at=now
            )
    except (InvalidBreach, ValueError):
        return _page(request, signed, given, NOT_SO)
    return RedirectResponse("/breaches", status_code=303)


@router.post("/breaches/notified")
def board_told(request: Request, signed: ManagerOrOwner, breach: Name, project_id: Name) -> Response:
    """The Board was notified: the clock stops."""
    context = context_of(request)
    _check_project(context, signed, project_id)
    try:
        with context.catalog.writing() as session:
            breaches.board_told(
                session, breach, project_id=project_id, by=signed.person_id, at=context.clock()
            )
    except InvalidBreach:
        raise HTTPException(404) from None
    return RedirectResponse("/breaches", status_code=303)


@router.post("/breaches/close")
def close_breach(
    request: Request, signed: ManagerOrOwner, breach: Name, project_id: Name, done: Words = ""
) -> Response:
    """What was done about it."""
    context = context_of(request)
    _check_project(context, signed, project_id)
    try:
        with context.catalog.writing() as session:
            breaches.close(
                session, breach, done=done, project_id=project_id, by=signed.person_id, at=context.clock()
            )
    except InvalidBreach:
        return _page(request, signed, fault=NOT_TOLD)
    return RedirectResponse("/breaches", status_code=303)


def _projects(context: PortalContext, signed: Signed) -> Sequence[str]:
    return sorted(context.projects if signed.owner else signed.projects_with(Role.MANAGER))


def _check_project(context: PortalContext, signed: Signed, project_id: str) -> None:
    if project_id not in _projects(context, signed):
        raise HTTPException(404)


def _page(
    request: Request, signed: Signed, given: dict[str, str] = NOTHING_GIVEN, fault: str | None = None
) -> Response:
    context = context_of(request)
    return render(
        request,
        "manage/breaches.html.j2",
        status=422 if fault else 200,
        breaches=breaches_seen_by(context, signed),
        open_to={name: context.projects[name].title for name in _projects(context, signed)},
        given=given,
        fault=fault,
    )
