"""Clips for the ear: short links that say who listens, and the small rendition behind them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated
from urllib.parse import urlencode

from anyio import to_thread
from fastapi import APIRouter, HTTPException, Request
from fastapi.params import Query
from sqlalchemy import select
from starlette.responses import Response

from catalog.consent import ConsentScope, consented
from catalog.states import ClipState
from catalog.store import NotStored
from catalog.tables import Clip
from portal.context import PortalContext, context_of

LASTS = timedelta(minutes=10)
MOST_BYTES = 4 * 2**20
"""Of a preview: half an hour at 16 kbit/s, far more than any clip."""
KINDS = {"preview": "audio/ogg", "peaks": "application/json"}

router = APIRouter(include_in_schema=False)


def link(context: PortalContext, clip_id: str, kind: str, *, listener: str, now: datetime) -> str:
    """An address that gives one rendition of one clip, for some minutes.

    kind: preview (Opus in Ogg) or peaks (audiowaveform JSON)
    """
    until = str(int((now + LASTS).timestamp()))
    proof = context.signature("listen", clip_id, kind, listener, until)
    return f"/listen/{clip_id}/{kind}?" + urlencode({"by": listener, "until": until, "proof": proof})


@dataclass(frozen=True, slots=True)
class Links:
    preview: str


def new_links(context: PortalContext, clip_id: str, *, listener: str) -> Links:
    """To a clip whose old ones are over."""
    return Links(link(context, clip_id, "preview", listener=listener, now=context.clock()))


@router.get("/listen/{clip_id}/{kind}")
async def listen(
    request: Request,
    clip_id: str,
    kind: str,
    by: Annotated[str, Query(max_length=80)],
    until: Annotated[str, Query(pattern=r"^[0-9]{1,12}$")],
    proof: Annotated[str, Query(max_length=64)],
) -> Response:
    """The bytes, whole or in the range that a player asks for. 410 once the link is over: a page asks for a new one."""
    context = context_of(request)
    if kind not in KINDS or not context.is_signed(proof, "listen", clip_id, kind, by, until):
        raise HTTPException(404)
    if int(until) < context.clock().timestamp():
        raise HTTPException(
            410, "This link is over. The page gets a new one by itself; load it again if it does not."
        )
    data = await to_thread.run_sync(_bytes_of, context, clip_id, kind)
    if data is None:
        raise HTTPException(404)
    return ranged(data, KINDS[kind], request.headers.get("Range"))


def ranged(data: bytes, media_type: str, wanted: str | None) -> Response:
    """The answer to a request for all of `data`, or for a range of it (RFC 9110, 14).

    >>> ranged(b"abcdef", "audio/ogg", "bytes=2-3").body
    b'cd'
    """
    headers = {"Accept-Ranges": "bytes", "Cache-Control": "private, max-age=3600"}
    unit, _, span = (wanted or "").partition("=")
    first, dash, last = span.partition("-")
    if unit != "bytes" or not dash or "," in span or not (first + last).isdigit():
        return Response(data, media_type=media_type, headers=headers)
    start = int(first) if first else max(0, len(data) - int(last))
    end = min(int(last), len(data) - 1) if first and last else len(data) - 1
    if start > end:
        return Response(status_code=416, headers=headers | {"Content-Range": f"bytes */{len(data)}"})
    headers["Content-Range"] = f"bytes {start}-{end}/{len(data)}"
    return Response(data[start : end + 1], status_code=206, media_type=media_type, headers=headers)


def _bytes_of(context: PortalContext, clip_id: str, kind: str) -> bytes | None:
    """None for a clip that is gone, or whose voices no longer consent to being heard."""
    with context.catalog.reading() as session:
        row = session.execute(
            select(Clip.preview_key, Clip.peaks_key).where(
                Clip.id == clip_id,
                Clip.state != ClipState.WITHDRAWN,
                consented(Clip.recording_id, ConsentScope.TRANSCRIPTION),
            )
        ).one_or_none()
    if row is None:
        return None
    try:
        return context.store.get_bytes(row.preview_key if kind == "preview" else row.peaks_key, MOST_BYTES)
    except NotStored:
        return None
