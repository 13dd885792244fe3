"""A manager's list of districts: looked at with what is wrong in it, then kept for whoever writes speakers down."""

from typing import Annotated

from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.responses import RedirectResponse, Response

from catalog import audit
from catalog.config.sentence import Sentence, sentence_of
from catalog.imports import note_import
from catalog.places import PlaceList, read_places
from catalog.states import ImportKind
from catalog.table_reader import UnreadableTable
from catalog.text_encoding import UndecodableText, decode_text
from portal.access.guard import Manager
from portal.access.session import Signed
from portal.context import PortalContext, context_of
from portal.http.list_brought import ImportId, list_text
from portal.http.pages import render
from portal.places import digest, keep_places, kept_bytes, read_own

router = APIRouter(include_in_schema=False)

MOST_BYTES = 2**20 - 1
MOST_SHOWN = 100
NOT_WRITTEN = Sentence("The list can't be written on the server. Ask whoever runs it.")


@router.get("/manage/places")
def places(request: Request, signed: Manager, kept: int = 0, brought: ImportId = "") -> Response:
    """The list that is used. kept: how many districts were just kept; brought: by which import"""
    return _page(request, signed, kept=kept, brought=brought)


@router.post("/manage/places")
def look_or_keep(
    request: Request,
    signed: Manager,
    pasted: Annotated[str, Form(max_length=MOST_BYTES)] = "",
    file: Annotated[UploadFile | None, File()] = None,
    seen: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    """Show what the list has and what is wrong in it; once that was seen, keep it. seen: hash of what was shown"""
    context = context_of(request)
    try:
        text = list_text(file, pasted, most_bytes=MOST_BYTES)
        data = text.replace("\r\n", "\n").encode()  # as a form brings it back
        found = read_places(data)
    except UnreadableTable as error:
        return _page(request, signed, pasted=pasted, refused=sentence_of(error))
    if seen != digest(data):
        return _page(request, signed, found=found, pasted=data.decode(), seen=digest(data))
    try:
        brought = _keep(context, signed, found, data)
    except OSError:
        return _page(request, signed, found=found, pasted=data.decode(), refused=NOT_WRITTEN)
    return RedirectResponse(f"/manage/places?kept={len(found.districts)}&brought={brought}", status_code=303)


def _keep(context: PortalContext, signed: Signed, found: PlaceList, data: bytes) -> str:
    """Returns the import's id; "" where that very list is in use. Raises OSError; then nothing is kept."""
    now, by = context.clock(), signed.person_id
    before = kept_bytes(context.configs, signed.project)
    if before == data:
        return ""
    with context.catalog.writing() as session:
        audit.record(
            session,
            at=now,
            actor=by,
            action="places.kept",
            subject=("project", signed.project),
            detail={"source": found.source, "districts": len(found.districts), "sha256": digest(data)},
        )
        import_id = note_import(
            session,
            signed.project,
            ImportKind.PLACES,
            [digest(data)],
            brought=len(found.districts),
            replaced=_readable(before),
            by=by,
            now=now,
        )
        keep_places(context.configs, signed.project, data)
    return import_id


def _readable(data: bytes | None) -> str | None:
    """A list as text; None for one that a hand has spoilt, which nobody wants back."""
    try:
        return None if data is None else decode_text(data)
    except UndecodableText:
        return None


def _page(
    request: Request,
    signed: Signed,
    *,
    found: PlaceList | None = None,
    pasted: str = "",
    seen: str = "",
    refused: str = "",
    kept: int = 0,
    brought: str = "",
) -> Response:
    try:
        used, spoilt = read_own(context_of(request).configs, signed.project), ""
    except UnreadableTable as error:
        used, spoilt = None, sentence_of(error)
    return render(
        request,
        "projects/places.html.j2",
        status=422 if refused else 200,
        found=found,
        used=used,
        pasted=pasted,
        seen=seen,
        refused=refused or spoilt,
        kept=kept,
        brought=brought,
        most=MOST_SHOWN,
    )
