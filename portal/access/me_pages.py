"""One's own way in: sessions, devices, the PIN, and tokens for one's programs."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from catalog.config.sentence import sentence_of
from portal.access import api_tokens, devices, entry, passkeys, pin, resets
from portal.access import session as sessions
from portal.access.entry_pages import Code, failed_entry
from portal.access.guard import holding_somewhere, signed_in
from portal.access.relying_party import relying_party
from portal.access.role_names import ROLE_NAMES
from portal.access.session import Signed
from portal.context import context_of
from portal.http.pages import _, interface_language_of, render
from portal.i18n.languages import local_path
from transcription.context import NotAllowed
from transcription.people import LONGEST_EMAIL, contact_of, set_contact

EMAIL_FAULT = _("That is no e-mail address. Write it as name@example.org.")

router = APIRouter(include_in_schema=False)

Id = Annotated[str, Form(max_length=100)]
Me = Annotated[Signed, Depends(signed_in)]
Owner = Annotated[Signed, Depends(holding_somewhere(*api_tokens.OWNERS))]


@router.get("/me")
def show_me(
    request: Request, signed: Me, changed: bool = False, contact: bool = False, passkey: bool = False
) -> Response:
    """Where I am signed in, on which devices I may sign in, my passkeys and my PIN."""
    return me_page(request, signed, changed=changed, contact=contact, passkey=passkey)


@router.post("/me/secret")
def change_secret(
    request: Request,
    signed: Me,
    known: Code = "",
    secret: Code = "",
    again: Code = "",
) -> Response:
    """Another PIN; it ends my other sessions."""
    try:
        came = entry.change_secret(
            context_of(request),
            person_id=signed.person_id,
            handle=signed.handle,
            device_id=signed.device_id,
            session_id=signed.session_id,
            known=known,
            secret=secret,
            again=again,
        )
    except pin.WeakSecret as weak:
        return me_page(request, signed, new_fault=str(weak), status=422)
    if came is not None:
        fault, status = failed_entry(request, came)
        return me_page(request, signed, known_fault=fault, status=status)
    return RedirectResponse("/me?changed=1", status_code=303)


@router.post("/me/contact")
def change_contact(
    request: Request, signed: Owner, email: Annotated[str, Form(max_length=LONGEST_EMAIL)] = ""
) -> Response:
    """Where I am written to about data that I downloaded, in the language I read now; empty, and nowhere."""
    context = context_of(request)
    language = interface_language_of(request).code
    try:
        with context.catalog.writing() as session:
            set_contact(
                session,
                signed.person_id,
                email=email,
                language=language,
                by=signed.person_id,
                now=context.clock(),
            )
    except NotAllowed:
        return me_page(request, signed, email_fault=EMAIL_FAULT, status=422)
    return RedirectResponse("/me?contact=1", status_code=303)


@router.get("/me/resets")
def show_resets(request: Request, signed: Me, back: str = "/") -> Response:
    """Links that others made to reset my PIN, as long as I have not read of them on this device."""
    context = context_of(request)
    with context.catalog.reading() as session:
        found = resets.resets_to_tell(session, signed.person_id, signed.device_id, now=context.clock())
    if not found:
        return RedirectResponse(local_path(back), status_code=303)
    return render(request, "access/resets.html.j2", resets=found, back=local_path(back))


@router.post("/me/resets")
def have_read_resets(
    request: Request, signed: Me, back: Annotated[str, Form(max_length=2000)] = "/"
) -> Response:
    """I have read of them; on my other devices I see it once more."""
    context = context_of(request)
    with context.catalog.writing() as session:
        resets.note_told(session, signed.person_id, signed.device_id, now=context.clock())
    return RedirectResponse(local_path(back), status_code=303)


@router.post("/me/sessions/end")
def end_session(request: Request, signed: Me, session_id: Id) -> Response:
    """End one of my sessions; the one I am in too."""
    context = context_of(request)
    with context.catalog.writing() as session:
        if not entry.end_session(
            session, signed.person_id, session_id, by=signed.person_id, now=context.clock()
        ):
            raise HTTPException(404)
    return RedirectResponse("/me", status_code=303)


@router.post("/me/devices/end")
def leave_device(request: Request, signed: Me, device_id: Id) -> Response:
    """I sign in on that device no more. Others who do stay."""
    context = context_of(request)
    with context.catalog.writing() as session:
        if not devices.leave(session, signed.person_id, device_id, by=signed.person_id, now=context.clock()):
            raise HTTPException(404)
    return RedirectResponse("/me", status_code=303)


@router.get("/me/tokens")
def show_tokens(request: Request, signed: Owner) -> Response:
    """Tokens of my programs."""
    return _tokens_page(request, signed)


@router.post("/me/tokens")
def make_token(
    request: Request,
    signed: Owner,
    name: Annotated[str, Form(max_length=200)] = "",
    days: Annotated[int, Form()] = api_tokens.LASTS_DAYS[1],
) -> Response:
    """A new one, shown in this answer alone."""
    context = context_of(request)
    try:
        with context.catalog.writing() as session:
            secret = api_tokens.make_token(
                session, signed.person_id, name=name, days=days, now=context.clock()
            )
    except NotAllowed as refused:
        return _tokens_page(request, signed, fault=sentence_of(refused), status=422)
    return _tokens_page(request, signed, secret=secret)


@router.post("/me/tokens/end")
def end_token(request: Request, signed: Owner, token_id: Id) -> Response:
    """From now on it opens nothing."""
    context = context_of(request)
    with context.catalog.writing() as session:
        if not api_tokens.end_token(
            session, token_id, owner=signed.person_id, by=signed.person_id, now=context.clock()
        ):
            raise HTTPException(404)
    return RedirectResponse("/me/tokens", status_code=303)


def me_page(
    request: Request,
    signed: Signed,
    *,
    changed: bool = False,
    contact: bool = False,
    passkey: bool = False,
    email_fault: str = "",
    known_fault: str = "",
    new_fault: str = "",
    passkey_fault: str = "",
    passkey_removed: str = "",
    status: int = 200,
) -> Response:
    """My page. changed, contact, passkey: what was just done; passkey_removed: the passkey whose removal is at fault"""
    context = context_of(request)
    party = relying_party(context.address)
    with context.catalog.reading() as session:
        where = sessions.sessions_of(session, signed.person_id, now=context.clock())
        mine = devices.devices_of(session, signed.person_id)
        email = contact_of(session, signed.person_id)
        own_passkeys = passkeys.passkeys_of(session, signed.person_id)
    return render(
        request,
        "access/me.html.j2",
        status=status,
        sessions=where,
        devices=mine,
        role_names=[ROLE_NAMES[each] for each in sorted(signed.roles)],
        may_have_tokens=bool(signed.projects_with(*api_tokens.OWNERS)),
        changed=changed,
        contact=contact,
        email=email,
        email_fault=email_fault,
        known_fault=known_fault,
        new_fault=new_fault,
        passkey=passkey,
        passkeys=own_passkeys,
        passkey_origin=party.origin if party else "",
        passkey_fault=passkey_fault,
        passkey_removed=passkey_removed,
    )


def _tokens_page(
    request: Request, signed: Signed, *, secret: str = "", fault: str = "", status: int = 200
) -> Response:
    context = context_of(request)
    with context.catalog.reading() as session:
        kept = api_tokens.tokens_of(session, signed.person_id, now=context.clock())
    return render(
        request,
        "access/tokens.html.j2",
        status=status,
        tokens=kept,
        secret=secret,
        fault=fault,
        lasts=api_tokens.LASTS_DAYS,
        address=context.address,
    )
