"""Everything about one voice, to take away: by the speaker with their paper, or for them by whoever met them."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, HTTPException, Request
from starlette.responses import Response, StreamingResponse

from catalog.tables import Speaker
from portal.access import throttle
from portal.access.throttle import Counted
from portal.context import PortalContext, context_of
from portal.record.consent import withdrawal
from portal.record.consent.withdraw_routes import RECEIPT, code_page, place_of
from portal.record.export.archive import note_export, voice_archive
from portal.record.export.page import voice_page
from portal.record.speakers.routes import CoordinatorOrManager, line_of, may_see_private

router = APIRouter(include_in_schema=False)
FREE_COPIES = 5
"""A day; each further one waits longer: every copy reads all the sound of a voice."""


@router.post("/withdraw/everything")
def by_paper(request: Request, code: Annotated[str, Form(max_length=60)] = "") -> Response:
    """The holder of the paper hears and reads what is kept of the voice. Name and phone stay: a paper can be lost."""
    context, now = context_of(request), context_of(request).clock()
    with context.catalog.writing() as session:
        found = withdrawal.speaker_of_code(session, code, place=place_of(request), now=now)
        if not isinstance(found, str):
            return code_page(request, wait=found or 0)
        if wait := throttle.take_turn(session, [Counted(f"export@{found}", free=FREE_COPIES)], now=now):
            return code_page(request, wait=wait)
    return _archive(context, found, by=RECEIPT, tells_private=False)


@router.post("/speakers/{speaker_id}/everything")
def by_coordinator(request: Request, signed: CoordinatorOrManager, speaker_id: str) -> Response:
    """The speaker asked a coordinator for it."""
    context = context_of(request)
    line = line_of(context, signed, speaker_id)
    if not may_see_private(signed, line):
        raise HTTPException(404)
    return _archive(context, speaker_id, by=signed.person_id, tells_private=True)


def _archive(context: PortalContext, speaker_id: str, *, by: str, tells_private: bool) -> Response:
    now = context.clock()
    with context.catalog.reading() as session:
        speaker = session.get_one(Speaker, speaker_id)
        page = voice_page(
            session,
            speaker,
            context.project(speaker.project_id),
            context.languages,
            at=now,
            tells_private=tells_private,
        )
    note_export(context.catalog, speaker_id, by=by, at=now)
    return StreamingResponse(
        voice_archive(context.catalog, context.store, page),
        media_type="application/zip",
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(speaker.pseudonym)}.zip",
            "Content-Encoding": "identity",
            "Cache-Control": "private, no-store",
        },
    )
