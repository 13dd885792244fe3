"""A manager's hand on who comes in: one person's invite, sessions and devices, and letting them go."""

from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from catalog.tables import Person
from portal.access import devices, entry, invites
from portal.access import session as sessions
from portal.access.authority import WORKS_ELSEWHERE, check_may_let_in, colleague, manages_all
from portal.access.guard import ManagerOrOwner
from portal.access.role_names import ROLE_NAMES
from portal.access.session import Signed
from portal.context import context_of
from portal.http.pages import _, render
from transcription.context import NotAllowed
from transcription.people import roles_in, set_active, set_roles
from transcription.staff_erasure import erase_person

router = APIRouter(include_in_schema=False)

Id = Annotated[str, Form(max_length=100)]


@router.get("/people/{handle}/access")
def show_access(request: Request, signed: ManagerOrOwner, handle: str) -> Response:
    """How somebody comes in, and where they are now."""
    context = context_of(request)
    now = context.clock()
    with context.catalog.reading() as session:
        person = _person(session, signed, handle)
        roles = roles_in(session, person.id, signed.project)
        return render(
            request,
            "access/person.html.j2",
            person=person,
            role_names=[ROLE_NAMES[role] for role in sorted(roles)],
            invite=invites.outstanding(session, person.id, now=now),
            sessions=sessions.sessions_of(session, person.id, now=now),
            devices=devices.devices_of(session, person.id),
            known=invites.has_secret(session, person.id),
            is_me=person.id == signed.person_id,
        )


@router.get("/people/{handle}/invite")
def ask_for_invite(request: Request, signed: ManagerOrOwner, handle: str) -> Response:
    """A link is made by pressing a button, and shown once."""
    with context_of(request).catalog.reading() as session:
        _person(session, signed, handle)
    return RedirectResponse(request.url_for("show_access", handle=handle).path, status_code=303)


@router.post("/people/{handle}/invite")
def make_invite(
    request: Request, signed: ManagerOrOwner, handle: str, reset: Annotated[bool, Form()] = False
) -> Response:
    """A new link, shown in this answer alone."""
    context = context_of(request)
    now = context.clock()
    with context.catalog.writing() as session:
        person = _person(session, signed, handle)
        check_may_let_in(session, signed, person, reset=reset)
        code = invites.make_invite(session, person.id, made_by=signed.person_id, now=now, reset=reset)
    link = invites.link_of(context.address, code)
    return render(
        request,
        "access/link.html.j2",
        handle=handle,
        link=link,
        image=invites.qr_image(link),
        expires_at=now + invites.LASTS,
        reset=reset,
    )


@router.post("/people/{handle}/invite/end")
def end_invite(request: Request, signed: ManagerOrOwner, handle: str) -> Response:
    """The link that waits for them works no more."""
    context = context_of(request)
    with context.catalog.writing() as session:
        person = _person(session, signed, handle)
        if not invites.end_invite(session, person.id, by=signed.person_id, now=context.clock()):
            raise HTTPException(404)
    return _back(request, handle)


@router.post("/people/{handle}/sessions/end")
def end_sessions(request: Request, signed: ManagerOrOwner, handle: str) -> Response:
    """They are signed out everywhere; a manager who does it to themselves, everywhere else."""
    context = context_of(request)
    with context.catalog.writing() as session:
        person = _person(session, signed, handle)
        entry.end_sessions(
            session, person.id, by=signed.person_id, now=context.clock(), but=signed.session_id
        )
    return _back(request, handle)


@router.post("/people/{handle}/devices/end")
def take_back_device(request: Request, signed: ManagerOrOwner, handle: str, device_id: Id) -> Response:
    """A device is lost: nobody signs in on it any more."""
    context = context_of(request)
    with context.catalog.writing() as session:
        person = _person(session, signed, handle)
        theirs = {each.id for each in devices.devices_of(session, person.id)}
        if device_id not in theirs or not devices.take_back(
            session, device_id, by=signed.person_id, now=context.clock()
        ):
            raise HTTPException(404)
    return _back(request, handle)


@router.post("/people/{handle}/active")
def let_go_or_take_on(
    request: Request, signed: ManagerOrOwner, handle: str, active: Annotated[bool, Form()]
) -> Response:
    """Let somebody go, which ends every way in; or take them on again, which opens none.

    Whoever works in other projects too is only out of this one: the others have managers of their own.
    """
    context = context_of(request)
    with context.catalog.writing() as session:
        person = _person(session, signed, handle)
        if person.id == signed.person_id:
            raise NotAllowed(_("Nobody lets themselves go: ask another manager."))
        now = context.clock()
        if manages_all(session, signed, person):
            set_active(session, person.id, active=active, by=signed.person_id, now=now)
        elif active:
            raise NotAllowed(WORKS_ELSEWHERE)
        else:
            set_roles(session, person.id, signed.project, (), by=signed.person_id, now=now)
            return RedirectResponse("/manage/people", status_code=303)
    return _back(request, handle)


@router.post("/people/{handle}/erase")
def erase(
    request: Request, signed: ManagerOrOwner, handle: str, sure: Annotated[bool, Form()] = False
) -> Response:
    """Forget who somebody was that was let go: name, phone, handle and ways in. Work and pay keep a pseudonym."""
    context = context_of(request)
    with context.catalog.writing() as session:
        person = _person(session, signed, handle)
        if person.id == signed.person_id:
            raise NotAllowed(_("Nobody lets themselves go: ask another manager."))
        if not manages_all(session, signed, person):
            raise NotAllowed(WORKS_ELSEWHERE)
        if not sure or person.active:
            return _back(request, handle)
        pseudonym = erase_person(session, person.id, by=signed.person_id, now=context.clock())
    return _back(request, pseudonym)


def _person(session: Session, signed: Signed, handle: str) -> Person:
    person = colleague(session, signed, handle)
    if person is None:
        raise HTTPException(404)
    return person


def _back(request: Request, handle: str) -> Response:
    return RedirectResponse(request.url_for("show_access", handle=handle).path, status_code=303)
