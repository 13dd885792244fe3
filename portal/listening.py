"""Listening: signed links to the preview of a clip and its peaks, and what is behind them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Depends, HTTPException, Request
from sqlalchemy import select
from starlette.responses import Response

from catalog.consent import ConsentScope, consented
from catalog.states import ClipState
from catalog.store import NotStored
from catalog.tables import Clip
from portal.context import PortalContext, context_of
from portal.http.byte_range import byte_range, range_headers, range_status
from portal.http.signed_link import SignedLink, check_link, signed_query

LASTS = timedelta(minutes=10)
MOST_BYTES = 4 * 2**20
"""Of a preview: half an hour at 16 kbit/s, far more than any clip."""
OVER = "This link is over. The page gets a new one by itself; load it again if it does not."
KINDS = {"preview": "audio/ogg", "peaks": "application/json"}

router = APIRouter(include_in_schema=False)


def link(context: PortalContext, clip_id: str, kind: str, *, listener: str, now: datetime) -> str:
    """An address that gives one rendition of one clip, for LASTS.

    kind: preview (Opus in Ogg) or peaks (audiowaveform JSON)
    """
    query = signed_query(context, "listen", clip_id, kind, by=listener, now=now, lasts=LASTS)
    return f"/listen/{clip_id}/{kind}?{query}"


@dataclass(frozen=True, slots=True)
class Links:
    preview: str


def new_links(context: PortalContext, clip_id: str, *, listener: str) -> Links:
    """To a clip whose old ones are over."""
    return Links(link(context, clip_id, "preview", listener=listener, now=context.clock()))


@router.get("/listen/{clip_id}/{kind}")
async def listen(
    request: Request, clip_id: str, kind: str, given: Annotated[SignedLink, Depends()]
) -> Response:
    """The bytes, whole or in the range that a player asks for. 410 once the link is over: a page asks for a new one."""
    context = context_of(request)
    if kind not in KINDS:
        raise HTTPException(404)
    check_link(context, given, "listen", clip_id, kind, over=OVER)
    data = await to_thread.run_sync(_bytes_of, context, clip_id, kind)
    if data is None:
        raise HTTPException(404)
    wanted = byte_range(request.headers.get("Range"), len(data))
    return Response(
        data[wanted.start : wanted.stop] if wanted else b"",
        status_code=range_status(wanted, len(data)),
        media_type=KINDS[kind],
        headers=range_headers(wanted, len(data)) | {"Cache-Control": "private, max-age=3600"},
    )


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
