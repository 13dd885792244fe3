"""A browser before sign-in: the device that it is, and proof that its forms are ours.

A secret is put into the browser when a page is first shown; when an invite makes it a device, it gets another one.
Where the answer to that is lost on a bad link, the browser still has the first, by which it may ask once more.
"""

import re
from dataclasses import dataclass
from typing import Annotated

from fastapi import Form, Request, Response
from sqlalchemy import select

from catalog.tables import Device
from portal.access.guard import SAFE_METHODS, TOKEN_FIELD, Forged, refuse_from_elsewhere
from portal.access.secrets import hashed, new_secret
from portal.context import PortalContext, context_of
from portal.http.pages import _

MONTHS_13 = 400 * 86400
"""Seconds; browsers keep no cookie longer."""
SECRET = re.compile(r"[\w-]{43}", re.ASCII)
KINDS = (
    ("Android", _("Android phone")),
    ("iPhone", _("iPhone")),
    ("iPad", _("iPad")),
    ("CrOS", _("Chromebook")),
    ("Windows", _("Windows computer")),
    ("Macintosh", _("Mac")),
    ("Linux", _("Linux computer")),
)


@dataclass(frozen=True, slots=True)
class Visit:
    """A browser that shows a page of ours. device_id: None before an invite was used in it"""

    secret: str
    device_id: str | None
    kind: str
    token: str

    def remember(self, answer: Response, context: PortalContext) -> None:
        """Let the browser keep who it is, for another 13 months."""
        answer.set_cookie(
            device_cookie(context),
            self.secret,
            max_age=MONTHS_13,
            secure=context.secure,
            httponly=True,
            samesite="lax",
        )


def device_cookie(context: PortalContext) -> str:
    return "__Host-boli-device" if context.secure else "boli-device"


def visiting(request: Request, token: Annotated[str, Form(alias=TOKEN_FIELD, max_length=100)] = "") -> Visit:
    """The browser that asks. Raises Forged for a form that this very browser, as it is now, was not given."""
    context = context_of(request)
    given = request.cookies.get(device_cookie(context), "")
    unsafe = request.method not in SAFE_METHODS
    if unsafe:
        refuse_from_elsewhere(request)
        if not SECRET.fullmatch(given) or not context.is_signed(token, "visit", given):
            raise Forged
    device_id, ended = _device(context, given) if SECRET.fullmatch(given) else (None, True)
    if ended and unsafe:
        raise Forged
    # A device that was taken back comes again only by an invite, as a new one.
    secret = new_secret() if ended else given
    return Visit(
        secret=secret,
        device_id=None if ended else device_id,
        kind=kind_of(request.headers.get("User-Agent", "")),
        token=context.signature("visit", secret),
    )


def kind_of(user_agent: str) -> str:
    """What a device is, as a person would say it; one of a few words, whatever it says of itself.

    >>> kind_of("Mozilla/5.0 (Linux; Android 10; K) Chrome/120"), kind_of("<script>")
    ('Android phone', 'Computer')
    """
    return next((name for sign, name in KINDS if sign in user_agent), _("Computer"))


def _device(context: PortalContext, secret: str) -> tuple[str | None, bool]:
    """Its id, if it is enrolled, and whether it was taken back."""
    with context.catalog.reading() as session:
        query = select(Device.id, Device.ended_at).where(Device.secret_sha256 == hashed(secret))
        row = session.execute(query).one_or_none()
    return (row.id, row.ended_at is not None) if row else (None, False)
