"""Listening: links to the preview of a clip and its peaks, good for their listener while the clip is theirs to hear."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Depends, HTTPException, Query, Request
from sqlalchemy import select, true
from starlette.responses import Response

from catalog.consent import ConsentScope, consented
from catalog.reports import is_hidden
from catalog.states import ClipState, ReleaseState, Role
from catalog.store import NotStored
from catalog.tables import Clip, ClipReport, Release, Slot
from portal.access.audit_log import note_once_a_day
from portal.access.guard import signed_in
from portal.access.session import Signed
from portal.context import PortalContext, context_of
from portal.http.byte_range import byte_range, range_headers, range_status
from portal.http.signed_link import SignedLink, check_link, signed_query
from transcription.practice.clips import practice_clip
from transcription.slots.lease import Hold, LeaseLost, holds

LASTS = timedelta(minutes=10)
MOST_BYTES = 4 * 2**20
"""Of a preview: half an hour at 16 kbit/s, far more than any clip."""
OVER = "This link is over. The page gets a new one by itself; load it again if it does not."
NO_LONGER_YOURS = "this clip is somebody else's by now.\nWhat you wrote is kept; ask for the next."
KINDS = {"preview": "audio/ogg", "peaks": "application/json"}

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class SlotHeld:
    """Somebody hears a clip, and the ends of its neighbours, while they hold the slot."""

    hold: Hold

    def __str__(self) -> str:
        return f"slot/{self.hold.slot_id}/{self.hold.token}"


@dataclass(frozen=True, slots=True)
class VersionRead:
    """Somebody hears a clip of a dataset version while they may read the version."""

    release_id: str

    def __str__(self) -> str:
        return f"release/{self.release_id}"


@dataclass(frozen=True, slots=True)
class ReportHeard:
    """A reviewer of its language hears a clip that a report hides from everybody else."""

    report_id: str

    def __str__(self) -> str:
        return f"report/{self.report_id}"


@dataclass(frozen=True, slots=True)
class ProjectManaged:
    """Somebody hears a clip of a project while they manage it."""

    project_id: str

    def __str__(self) -> str:
        return f"project/{self.project_id}"


@dataclass(frozen=True, slots=True)
class ProjectReviewed:
    """A reviewer of its language hears an accepted clip of a project, to put the times of its words right."""

    project_id: str

    def __str__(self) -> str:
        return f"review/{self.project_id}"


@dataclass(frozen=True, slots=True)
class PracticeHeard:
    """A transcriber of its language hears a clip of a project to practise on it."""

    project_id: str

    def __str__(self) -> str:
        return f"practice/{self.project_id}"


Ground = SlotHeld | VersionRead | ReportHeard | ProjectManaged | ProjectReviewed | PracticeHeard
"""Why somebody may listen: part of the link, and looked at whenever it is used."""


def link(
    context: PortalContext, clip_id: str, kind: str, *, listener: str, ground: Ground, now: datetime
) -> str:
    """An address that gives one rendition of one clip to that listener, for LASTS at most.

    kind: preview (Opus in Ogg) or peaks (audiowaveform JSON)
    """
    subject = ("listen", clip_id, kind, str(ground))
    query = signed_query(context, *subject, by=listener, now=now, lasts=LASTS)
    return f"/listen/{clip_id}/{kind}?ground={ground}&{query}"


@dataclass(frozen=True, slots=True)
class Links:
    preview: str


def new_links(context: PortalContext, clip_id: str, hold: Hold) -> Links:
    """To a clip in hand whose old ones are over."""
    ground = SlotHeld(hold)
    return Links(
        link(context, clip_id, "preview", listener=hold.person_id, ground=ground, now=context.clock())
    )


@router.get("/listen/{clip_id}/{kind}")
async def listen(
    request: Request,
    signed: Annotated[Signed, Depends(signed_in)],
    clip_id: str,
    kind: str,
    given: Annotated[SignedLink, Depends()],
    ground: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """The bytes, whole or in the range that a player asks for.

    404 for a link that was given to somebody else; 409 once the clip is no longer theirs to hear; 410 once the link is
    over: a page asks for a new one.
    """
    context = context_of(request)
    if kind not in KINDS or given.by != signed.person_id:
        raise HTTPException(404)
    check_link(context, given, "listen", clip_id, kind, ground, over=OVER)
    data = await to_thread.run_sync(_heard, context, signed, clip_id, kind, ground)
    if data is None:
        raise HTTPException(404)
    wanted = byte_range(request.headers.get("Range"), len(data))
    return Response(
        data[wanted.start : wanted.stop] if wanted else b"",
        status_code=range_status(wanted, len(data)),
        media_type=KINDS[kind],
        headers=range_headers(wanted, len(data)) | {"Cache-Control": "no-store"},
    )


def _heard(context: PortalContext, signed: Signed, clip_id: str, kind: str, ground: str) -> bytes | None:
    """The bytes for that listener, on record. Raises LeaseLost and HTTPException where they are not theirs to hear."""
    _check_ground(context, signed, clip_id, ground)
    data = _bytes_of(context, clip_id, kind, hidden_too=ground.startswith("report/"))
    if data is not None and kind == "preview":
        note_once_a_day(
            context.catalog,
            actor=signed.person_id,
            action="clip.heard",
            subject=("clip", clip_id),
            detail={"ground": ground},
            now=context.clock(),
        )
    return data


def _check_ground(context: PortalContext, signed: Signed, clip_id: str, ground: str) -> None:
    kind, _, rest = ground.partition("/")
    if kind == "project":
        if rest not in signed.projects_with(Role.MANAGER):
            raise HTTPException(404)
        return
    with context.catalog.reading() as session:
        if kind == "release":
            query = select(Release.project_id).where(
                Release.id == rest, Release.state != ReleaseState.BUILDING
            )
            if session.scalar(query) not in signed.projects_with(Role.ML_READER, Role.MANAGER):
                raise HTTPException(404)
            return
        if kind == "report":
            report = session.get(ClipReport, rest)
            if (
                report is None
                or report.clip_id != clip_id
                or report.language not in signed.languages
                or report.project_id not in signed.projects_with(Role.REVIEWER)
            ):
                raise HTTPException(404)
            return
        if kind == "practice":
            mine = rest in signed.projects_with(Role.TRANSCRIBER)
            now = context.clock()
            if not mine or practice_clip(session, rest, clip_id, signed.languages, now=now) is None:
                raise HTTPException(404)
            return
        if kind == "review":
            clip = session.get(Clip, clip_id)
            if (
                clip is None
                or clip.project_id != rest
                or clip.state is not ClipState.ACCEPTED
                or clip.language not in signed.languages
                or rest not in signed.projects_with(Role.REVIEWER)
            ):
                raise HTTPException(404)
            return
        slot_id, _, token = rest.partition("/")
        slot = session.get(Slot, slot_id)
        if slot is None or slot.project_id not in signed.projects_with(Role.TRANSCRIBER, Role.REVIEWER):
            raise HTTPException(404)
        if not holds(slot, Hold(slot_id, signed.person_id, int(token))):
            raise LeaseLost(NO_LONGER_YOURS)


def _bytes_of(context: PortalContext, clip_id: str, kind: str, *, hidden_too: bool) -> bytes | None:
    """None for a clip that is gone, that a report hides, or whose voices no longer consent to being heard."""
    with context.catalog.reading() as session:
        row = session.execute(
            select(Clip.preview_key, Clip.peaks_key).where(
                Clip.id == clip_id,
                Clip.state != ClipState.WITHDRAWN,
                consented(Clip.recording_id, ConsentScope.TRANSCRIPTION),
                true() if hidden_too else ~is_hidden(Clip.id),
            )
        ).one_or_none()
    if row is None:
        return None
    try:
        return context.store.get_bytes(row.preview_key if kind == "preview" else row.peaks_key, MOST_BYTES)
    except NotStored:
        return None
