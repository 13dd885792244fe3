"""The addresses by which somebody chooses to hear of news elsewhere: in this browser, by mail, on their phone."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from catalog.push_key import push_public_key
from catalog.states import NewsChannel
from portal.access.guard import signed_in
from portal.access.session import Signed
from portal.context import PortalContext, context_of
from portal.http.pages import _, interface_language_of
from transcription.context import NotAllowed
from transcription.news import subscriptions
from transcription.news.endpoints import LONGEST, RefusedEndpoint, checked_endpoint
from transcription.news.subscriptions import BrowserKeys, RefusedKeys
from transcription.people import LONGEST_EMAIL, LONGEST_PHONE, contact_of, phone_of, set_contact, set_phone

ADDRESS_FAULT = _(
    "That is no address. An e-mail is like name@example.org, a phone number like +91 98765 43210."
)

router = APIRouter(include_in_schema=False)


class _NoAddress(Exception):
    """A channel was chosen, and no address for it is known."""


SignedIn = Annotated[Signed, Depends(signed_in)]
Text = Annotated[str, Field(min_length=1, max_length=200)]


class BrowserGiven(BaseModel):
    """A push subscription as the browser gives it."""

    model_config = ConfigDict(extra="forbid")

    endpoint: Annotated[str, Field(min_length=1, max_length=LONGEST)]
    p256dh: Text
    auth: Text


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What the page of news shows of it. key: of this installation, for browsers; "" where none is told of news

    available: what the operator set up, beside browsers; chosen: of those
    """

    key: str
    here: bool
    available: frozenset[NewsChannel]
    chosen: frozenset[NewsChannel]
    email: str
    phone: str


def elsewhere_of(context: PortalContext, session: Session, signed: Signed) -> Elsewhere:
    """Where that person hears of news; asks for nothing that the operator did not set up."""
    push, others = bool(context.push_services), bool(context.news_channels)
    me = signed.person_id
    return Elsewhere(
        key=push_public_key(context.key) if push else "",
        here=push and subscriptions.is_subscribed(session, me, signed.device_id),
        available=context.news_channels,
        chosen=subscriptions.chosen_channels(session, me) if others else frozenset(),
        email=contact_of(session, me) if others else "",
        phone=phone_of(session, me) if others else "",
    )


@router.post("/news/browser")
def tell_here(request: Request, signed: SignedIn, given: BrowserGiven) -> Response:
    """This browser shows my news from now on, in the language I read now."""
    context = context_of(request)
    try:
        checked_endpoint(given.endpoint, context.push_services)
        keys = BrowserKeys(given.p256dh, given.auth)
    except (RefusedEndpoint, RefusedKeys) as refused:
        raise HTTPException(422, str(refused)) from refused
    with context.catalog.writing() as session:
        subscriptions.subscribe(
            session,
            signed.person_id,
            signed.device_id,
            endpoint=given.endpoint,
            keys=keys,
            language=interface_language_of(request).code,
            now=context.clock(),
        )
    return Response(status_code=204)


@router.post("/news/browser/end")
def tell_here_no_more(request: Request, signed: SignedIn) -> Response:
    """This browser shows my news no more."""
    context = context_of(request)
    with context.catalog.writing() as session:
        subscriptions.unsubscribe(session, signed.person_id, signed.device_id, now=context.clock())
    return Response(status_code=204)


@router.post("/news/channels")
def choose_channels(
    request: Request,
    signed: SignedIn,
    channel: Annotated[list[NewsChannel] | None, Form(max_length=len(NewsChannel))] = None,
    email: Annotated[str, Form(max_length=LONGEST_EMAIL)] = "",
    phone: Annotated[str, Form(max_length=LONGEST_PHONE)] = "",
) -> Response:
    """I am written to through these from now on, at these addresses, and through no other."""
    context, language, now = (
        context_of(request),
        interface_language_of(request).code,
        context_of(request).clock(),
    )
    wanted = context.news_channels.intersection(channel or ())
    me = signed.person_id
    try:
        with context.catalog.writing() as session:
            if NewsChannel.MAIL in context.news_channels and (email or NewsChannel.MAIL in wanted):
                set_contact(session, me, email=email, language=language, by=me, now=now)
            if NewsChannel.GATEWAY in context.news_channels and (phone or NewsChannel.GATEWAY in wanted):
                set_phone(session, me, phone=phone, by=me, now=now)
            if (NewsChannel.MAIL in wanted and not contact_of(session, me)) or (
                NewsChannel.GATEWAY in wanted and not phone_of(session, me)
            ):
                raise _NoAddress
            for each in context.news_channels:
                subscriptions.choose_channel(
                    session, me, each, wanted=each in wanted, language=language, now=now
                )
    except (NotAllowed, _NoAddress):
        return RedirectResponse("/news?fault=1#elsewhere", status_code=303)
    return RedirectResponse("/news?saved=1#elsewhere", status_code=303)
