"""Passkeys: signing in with one, and adding and removing them on one's own page."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from portal.access import devices, entry, passkeys
from portal.access.challenges import Purpose, new_challenge
from portal.access.entry_pages import Back, Code, failed_entry, letting_in, session_secret, sign_in_page
from portal.access.guard import signed_in
from portal.access.me_pages import Id, me_page
from portal.access.passkey_options import options_to_make, options_to_sign
from portal.access.relying_party import RelyingParty, relying_party
from portal.access.session import Signed
from portal.access.visit import Visit, kind_of, visiting
from portal.context import PortalContext, context_of
from portal.http.pages import _, interface_language_of
from portal.i18n.languages import local_path

LONGEST = 12_000
"""Letters of an answer: several times the largest, that of a device which sends its maker's certificates along."""
NOT_KEPT = _("This passkey could not be kept. Try again.")
TOO_MANY = _("You have ten passkeys. Remove one first.")

router = APIRouter(include_in_schema=False)

Visiting = Annotated[Visit, Depends(visiting)]
Me = Annotated[Signed, Depends(signed_in)]
Given = Annotated[str, Form(alias="credential", max_length=LONGEST)]
"""What the browser made of the device's answer: PublicKeyCredential as JSON."""


@router.post("/sign-in/passkey/challenge")
def ask_to_sign_in(request: Request, visit: Visiting) -> Response:
    """What this device is to sign, with whichever passkey its holder chooses."""
    context, party = _site(request)
    if visit.device_id is None:
        raise HTTPException(404)
    challenge = _challenge(context, visit.device_id, visit.device_id, Purpose.SIGN_IN)
    return JSONResponse(options_to_sign(party, challenge))


@router.post("/sign-in/passkey")
def take_passkey(request: Request, visit: Visiting, given: Given = "", back: Back = "/") -> Response:
    """In, with a new session."""
    from portal.access import passkey_entry

    context, party = _site(request)
    if visit.device_id is None:
        return sign_in_page(request, visit, who="", back=back, words=False)
    came = passkey_entry.sign_in(
        context,
        party,
        given,
        device_id=visit.device_id,
        device_secret=visit.secret,
        ended=session_secret(request),
    )
    if isinstance(came, entry.Entered):
        return letting_in(context, visit, came, local_path(back))
    fault, status = failed_entry(request, came)
    return sign_in_page(request, visit, who="", back=back, words=False, passkey_fault=fault, status=status)


@router.post("/me/passkeys/challenge")
def ask_to_prove(request: Request, signed: Me) -> Response:
    """What one of my devices is to sign instead of my PIN."""
    context, party = _site(request)
    with context.catalog.reading() as session:
        mine = [each.credential_id for each in passkeys.passkeys_of(session, signed.person_id)]
    challenge = _challenge(context, signed.device_id, signed.session_id, Purpose.PROVE)
    return JSONResponse(options_to_sign(party, challenge, credential_ids=mine))


@router.post("/me/passkeys/new")
def ask_to_make(request: Request, signed: Me, known: Code = "") -> Response:
    """What this device is to make a passkey for, once my PIN is right."""
    context, party = _site(request)
    refused = entry.prove_secret(context, person_id=signed.person_id, device_id=signed.device_id, known=known)
    if refused is not None:
        fault, status = failed_entry(request, refused)
        return _refusal(fault, status)
    with context.catalog.reading() as session:
        mine = [each.credential_id for each in passkeys.passkeys_of(session, signed.person_id)]
    if len(mine) >= passkeys.MOST:
        return _refusal(interface_language_of(request).gettext(TOO_MANY), 409)
    challenge = _challenge(context, signed.device_id, signed.session_id, Purpose.ADD)
    return JSONResponse(
        options_to_make(
            party, challenge, person_id=signed.person_id, handle=signed.handle, credential_ids=mine
        )
    )


@router.post("/me/passkeys")
def add_passkey(request: Request, signed: Me, given: Given = "") -> Response:
    """Another passkey of mine, which this device has just made."""
    from portal.access import passkey_entry

    context, party = _site(request)
    kind = kind_of(request.headers.get("User-Agent", ""))
    if not passkey_entry.add(context, party, given, signed=signed, kind=kind):
        fault = interface_language_of(request).gettext(NOT_KEPT)
        return me_page(request, signed, passkey_fault=fault, status=422)
    return RedirectResponse("/me?passkey=1", status_code=303)


@router.post("/me/passkeys/remove")
def remove_passkey(
    request: Request, signed: Me, passkey_id: Id = "", known: Code = "", given: Given = ""
) -> Response:
    """One of my passkeys lets nobody in any more. Asks for my PIN, or for a signature with any of them."""
    context = context_of(request)
    with context.catalog.reading() as session:
        mine = {each.id for each in passkeys.passkeys_of(session, signed.person_id)}
    if passkey_id not in mine:
        raise HTTPException(404)
    refused = (
        _prove(request, signed, given)
        if given
        else entry.prove_secret(context, person_id=signed.person_id, device_id=signed.device_id, known=known)
    )
    if refused is not None:
        fault, status = failed_entry(request, refused)
        return me_page(request, signed, passkey_fault=fault, passkey_removed=passkey_id, status=status)
    with context.catalog.writing() as session:
        if not passkeys.remove_passkey(
            session, signed.person_id, passkey_id, by=signed.person_id, now=context.clock()
        ):
            raise HTTPException(404)
    return RedirectResponse("/me", status_code=303)


def _prove(request: Request, signed: Signed, given: str) -> entry.Wrong | entry.Wait | None:
    from portal.access import passkey_entry

    context, party = _site(request)
    return passkey_entry.prove(context, party, given, signed=signed)


def _site(request: Request) -> tuple[PortalContext, RelyingParty]:
    """Nothing is here where browsers keep no passkeys for the portal's address: 404."""
    context = context_of(request)
    party = relying_party(context.address)
    if party is None:
        raise HTTPException(404)
    return context, party


def _challenge(context: PortalContext, device_id: str, holder: str, purpose: Purpose) -> bytes:
    with context.catalog.writing() as session:
        devices.hold(session, device_id)
        return new_challenge(session, holder, purpose, now=context.clock())


def _refusal(message: str, status: int) -> Response:
    return JSONResponse({"error": {"code": "refused", "message": message}}, status_code=status)
