"""The pages of the way in and out: /invite, /sign-in, /sign-out, and the switch between projects."""

from dataclasses import replace
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from portal.access import devices, entry, invites, passkeys, pin
from portal.access import session as sessions
from portal.access.guard import session_cookie, signed_in, signed_in_or_nobody
from portal.access.relying_party import relying_party
from portal.access.role_names import ROLE_NAMES
from portal.access.session import Signed
from portal.access.visit import Visit, visiting
from portal.context import PortalContext, context_of
from portal.http.pages import _, interface_language_of, render
from portal.i18n.languages import local_path

router = APIRouter(include_in_schema=False)

Code = Annotated[str, Form(max_length=2 * pin.LONGEST)]
Back = Annotated[str, Form(max_length=2000)]

WRONG = _("That was not right. Try again.")
OVER = {
    "used": _("This link was used already. It works once; ask your manager for a new one."),
    "ended": _("This link was replaced or taken back. Ask your manager for a new one."),
    "expired": _("This link is too old. Ask your manager for a new one."),
}


@router.get("/invite/{code}")
def show_invite(
    request: Request,
    code: str,
    visit: Annotated[Visit, Depends(visiting)],
    words: bool = False,
) -> Response:
    """Who is invited to what. Shows only: chat programs open links before people do."""
    return _invite_page(request, code, visit, words=words)


@router.post("/invite/{code}")
def take_invite(
    request: Request,
    code: str,
    visit: Annotated[Visit, Depends(visiting)],
    known: Code = "",
    secret: Code = "",
    again: Code = "",
    words: Annotated[bool, Form()] = False,
) -> Response:
    """Enrol this device, and in."""
    context = context_of(request)
    try:
        came = entry.come_with_invite(
            context,
            code,
            device_secret=visit.secret,
            kind=visit.kind,
            known=known,
            secret=secret,
            again=again,
            ended=session_secret(request),
        )
    except entry.InviteOver:
        return _invite_page(request, code, visit, words=words)
    except pin.WeakSecret as weak:
        return _invite_page(request, code, visit, words=words, fault=str(weak), status=422)
    if isinstance(came, entry.Entered):
        return letting_in(context, visit, came, "/")
    fault, status = failed_entry(request, came)
    return _invite_page(request, code, visit, words=words, fault=fault, status=status)


@router.get("/sign-in")
def show_sign_in(
    request: Request,
    visit: Annotated[Visit, Depends(visiting)],
    who: str = "",
    back: str = "/",
    words: bool = False,
) -> Response:
    """Who works on this device, then their PIN; on an unknown device, how to come by an invite."""
    return sign_in_page(request, visit, who=who, back=back, words=words)


@router.post("/sign-in")
def take_sign_in(
    request: Request,
    visit: Annotated[Visit, Depends(visiting)],
    who: Annotated[str, Form(max_length=200)] = "",
    secret: Code = "",
    back: Back = "/",
    words: Annotated[bool, Form()] = False,
) -> Response:
    """In, with a new session."""
    context = context_of(request)
    if visit.device_id is None:
        return sign_in_page(request, visit, who="", back=back, words=words)
    came = entry.sign_in(
        context,
        device_id=visit.device_id,
        device_secret=visit.secret,
        handle=who,
        secret=secret,
        ended=session_secret(request),
    )
    if isinstance(came, entry.Entered):
        return letting_in(context, visit, came, local_path(back))
    fault, status = failed_entry(request, came)
    return sign_in_page(request, visit, who=who, back=back, words=words, fault=fault, status=status)


@router.post("/sign-out")
def sign_out(request: Request, signed: Annotated[Signed | None, Depends(signed_in_or_nobody)]) -> Response:
    """End the session for good. Recordings and drafts not yet sent stay on the device, so no Clear-Site-Data."""
    context = context_of(request)
    if signed is not None:
        with context.catalog.writing() as session:
            entry.sign_out(session, signed.session_id, signed.person_id, now=context.clock())
    answer = RedirectResponse("/signed-out", status_code=303)
    answer.delete_cookie(session_cookie(context), secure=context.secure, httponly=True, samesite="lax")
    return answer


@router.get("/signed-out")
def signed_out(request: Request) -> Response:
    """They are out. The page lets the service worker forget the pages that it kept of them."""
    return render(request, "access/signed_out.html.j2")


@router.post("/project")
def choose_project(
    request: Request,
    signed: Annotated[Signed, Depends(signed_in)],
    project: Annotated[str, Form(max_length=200)],
) -> Response:
    """Look at another project of one's own from now on; the others are not there for them."""
    context = context_of(request)
    if project not in signed.roles_by_project:
        raise HTTPException(404)
    with context.catalog.writing() as session:
        sessions.choose_project(session, signed.session_id, project)
    return RedirectResponse("/", status_code=303)


def _invite_page(
    request: Request, code: str, visit: Visit, *, words: bool, fault: str = "", status: int = 200
) -> Response:
    context = context_of(request)
    with context.catalog.reading() as session:
        invite = invites.find_invite(session, code, browser=visit.secret, now=context.clock())
        here = devices.people_on(session, visit.device_id) if visit.device_id and invite else ()
    if invite is None:
        raise HTTPException(404)
    if (invite.over == "used" or invite.again) and any(each.person_id == invite.person_id for each in here):
        # The link is opened again from the chat, on a device that is known.
        return RedirectResponse("/sign-in", status_code=303)
    answer: Response
    if invite.over:
        answer = render(request, "access/sorry.html.j2", status=410, message=OVER[invite.over])
    else:
        answer = render(
            request,
            "access/invite.html.j2",
            status=status,
            invite=invite,
            roles=[interface_language_of(request).gettext(ROLE_NAMES[role]) for role in sorted(invite.roles)],
            shared=bool(here),
            visit=visit,
            words=words,
            fault=fault,
            code=code,
        )
    visit.remember(answer, context)
    return answer


def sign_in_page(
    request: Request,
    visit: Visit,
    *,
    who: str,
    back: str,
    words: bool,
    fault: str = "",
    passkey_fault: str = "",
    status: int = 200,
) -> Response:
    """Who works on this device, then their PIN or their passkey."""
    context = context_of(request)
    party = relying_party(context.address)
    people: list[devices.Companion] = []
    with_passkeys: frozenset[str] = frozenset()
    if visit.device_id:
        with context.catalog.reading() as session:
            people = list(devices.people_on(session, visit.device_id))
            if party is not None:
                with_passkeys = passkeys.have_passkeys(session, [each.person_id for each in people])
    chosen = next((each.handle for each in people if each.handle == who), None)
    if chosen is None and len(people) == 1:
        chosen = people[0].handle
    answer = render(
        request,
        "access/sign_in.html.j2" if people else "access/unknown_device.html.j2",
        status=status,
        people=people,
        chosen=chosen,
        visit=visit,
        back=local_path(back),
        words=words,
        fault=fault,
        passkey_fault=passkey_fault,
        passkey_origin=party.origin if party and with_passkeys else "",
    )
    visit.remember(answer, context)
    return answer


def letting_in(context: PortalContext, visit: Visit, entered: entry.Entered, back: str) -> Response:
    """To `back`, with the cookies of the session and of the device."""
    if entered.reset_links:
        back = "/me/resets?" + urlencode({"back": back})
    answer = RedirectResponse(back, status_code=303)
    replace(visit, secret=entered.device).remember(answer, context)
    answer.set_cookie(
        session_cookie(context),
        entered.secret,
        max_age=int(sessions.LASTS.total_seconds()),
        secure=context.secure,
        httponly=True,
        samesite="lax",
    )
    return answer


def failed_entry(request: Request, came: entry.Wrong | entry.Wait) -> tuple[str, int]:
    """The message to somebody who did not come in, and the response's status."""
    speech = interface_language_of(request)
    seconds = came.seconds if isinstance(came, entry.Wait) else came.wait
    words = [speech.gettext(WRONG)] if isinstance(came, entry.Wrong) else []
    if seconds:
        waiting = speech.ngettext(
            "Wait %(num)d second, then try again.", "Wait %(num)d seconds, then try again.", seconds
        )
        words = [waiting % {"num": seconds}]
    return " ".join(words), 429 if isinstance(came, entry.Wait) else 403


def session_secret(request: Request) -> str:
    """Of the session that the browser has; "" where it has none."""
    return request.cookies.get(session_cookie(context_of(request)), "")
