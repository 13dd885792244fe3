"""A manager's list of districts: looked at with what is wrong in it, then kept for whoever writes speakers down."""

from typing import Annotated

from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.responses import RedirectResponse, Response

from catalog import audit
from catalog.config.sentence import Sentence, sentence_of
from catalog.places import PlaceList, read_places
from catalog.table_reader import UnreadableTable
from portal.access.guard import Manager
from portal.access.session import Signed
from portal.context import context_of
from portal.http.list_brought import list_text
from portal.http.pages import render
from portal.places import digest, keep_places, read_own

router = APIRouter(include_in_schema=False)

MOST_BYTES = 2**20 - 1
MOST_SHOWN = 100
NOT_WRITTEN = Sentence("The list can't be written on the server. Ask whoever runs it.")


@router.get("/manage/places")
def places(request: Request, signed: Manager, kept: int = 0) -> Response:
    """The list that is used. kept: how many districts were just kept"""
    return _page(request, signed, kept=kept)


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
        keep_places(context.configs, signed.project, data)
    except OSError:
        return _page(request, signed, found=found, pasted=data.decode(), refused=NOT_WRITTEN)
    with context.catalog.writing() as session:
        audit.record(
            session,
            at=context.clock(),
            actor=signed.person_id,
            action="places.kept",
            subject=("project", signed.project),
            detail={"source": found.source, "districts": len(found.districts), "sha256": digest(data)},
        )
    return RedirectResponse(f"/manage/places?kept={len(found.districts)}", status_code=303)


def _page(
    request: Request,
    signed: Signed,
    *,
    found: PlaceList | None = None,
    pasted: str = "",
    seen: str = "",
    refused: str = "",
    kept: int = 0,
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
        most=MOST_SHOWN,
    )
