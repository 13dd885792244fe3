"""Signed links: an address that works for some minutes without a session, and says who was given it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import HTTPException, Query

from portal.context import PortalContext


@dataclass(frozen=True, slots=True)
class SignedLink:
    """What the query of a signed link holds. by: who was given it; until: seconds since 1970; proof: our signature"""

    by: Annotated[str, Query(max_length=80)]
    until: Annotated[str, Query(pattern=r"^[0-9]{1,12}$")]
    proof: Annotated[str, Query(max_length=64)]


def signed_query(context: PortalContext, *subject: str, by: str, now: datetime, lasts: timedelta) -> str:
    """The query that makes a link to `subject` work until `now + lasts`. subject: kind of link, then what it is to"""
    until = str(int((now + lasts).timestamp()))
    return urlencode({"by": by, "until": until, "proof": context.signature(*subject, by, until)})


def check_link(context: PortalContext, link: SignedLink, *subject: str, over: str) -> None:
    """Raises HTTPException: 404 for a link that is none of ours, 410 with the words `over` for one that is over."""
    if not context.is_signed(link.proof, *subject, link.by, link.until):
        raise HTTPException(404)
    if int(link.until) < context.clock().timestamp():
        raise HTTPException(410, over)
