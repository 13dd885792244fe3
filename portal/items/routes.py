"""The addresses of items: search, lists with their spreadsheets, and a page for each clip, file and speaker."""

import csv
from collections.abc import Iterator
from functools import partial
from io import StringIO
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, HTTPException, Path, Query, Request
from fastapi.responses import RedirectResponse, Response, StreamingResponse

from catalog import reasons
from portal.access.audit_log import note_once_a_day
from portal.access.guard import Manager
from portal.access.session import Signed
from portal.context import PortalContext, context_of
from portal.http.pages import render
from portal.items.clip_life import ClipLife, clip_life
from portal.items.file_life import file_life
from portal.items.kinds import kinds_of
from portal.items.listing import BadCursor, ItemKind, ListRow, every_row, page_of
from portal.items.search import SearchResult, find
from portal.items.speaker_life import speaker_life
from portal.items.words import GENDER_WORDS, MARKS, STATE_WORDS
from portal.listening import ProjectManaged, link
from transcription.decisions.consensus import Column, consensus
from transcription.pay import harmless

router = APIRouter(include_in_schema=False)

ItemId = Annotated[str, Path(max_length=80)]
MOST_VALUE = 200
"""Letters of a filter's value."""


@router.get("/manage/find")
def search(
    request: Request, signed: Manager, q: Annotated[str, Query(max_length=MOST_VALUE)] = ""
) -> Response:
    """Whatever is held in hand: straight to the item of an id or a receipt, else what the words mean."""
    context = context_of(request)
    found = SearchResult()
    if q.strip():
        with context.catalog.reading() as session:
            found = find(session, signed.project, q)
    if found.exact is not None:
        return RedirectResponse(found.exact.path, status_code=303)
    return _rendered(request, signed, "items/find.html.j2", asked=q, found=found)


@router.get("/manage/lists/{name}")
def listed(
    request: Request,
    signed: Manager,
    name: str,
    order: Annotated[str, Query(max_length=20)] = "",
    after: Annotated[str | None, Query(max_length=500)] = None,
) -> Response:
    """A list of one kind of item: narrowed, in an order, a page of it."""
    context = context_of(request)
    kind, chosen, order = _asked(request, signed, name, order)
    try:
        with context.catalog.reading() as session:
            page = page_of(session, kind, chosen=chosen, order=order, after=after)
    except BadCursor as error:
        raise HTTPException(404) from error
    return _rendered(
        request,
        signed,
        "items/list.html.j2",
        kinds=_kinds(context, signed),
        kind=kind,
        page=page,
        chosen=chosen,
        order=order,
        first=after is None,
        address=partial(_address, kind, chosen, order),
    )


@router.get("/manage/lists/{name}/csv")
def exported(
    request: Request, signed: Manager, name: str, order: Annotated[str, Query(max_length=20)] = ""
) -> Response:
    """The same list for a spreadsheet, whole; who took it along is on record."""
    context = context_of(request)
    kind, chosen, order = _asked(request, signed, name, order)
    note_once_a_day(
        context.catalog,
        actor=signed.person_id,
        action="list.exported",
        subject=("project", signed.project),
        detail={"list": kind.name},
        now=context.clock(),
    )
    return StreamingResponse(
        _csv(context, kind, chosen, order),
        media_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{kind.name}-{signed.project}.csv"',
            "Cache-Control": "no-store",
        },
    )


@router.get("/manage/clips/{clip_id}")
def clip(request: Request, signed: Manager, clip_id: ItemId) -> Response:
    """A clip: heard, its words in time, its texts and its life."""
    context, now = context_of(request), context_of(request).clock()
    with context.catalog.reading() as session:
        life = clip_life(session, signed.project, clip_id)
    if life is None:
        raise HTTPException(404)
    ground = ProjectManaged(signed.project)
    addresses = {
        kind: link(context, clip_id, kind, listener=signed.person_id, ground=ground, now=now)
        for kind in ("preview", "peaks")
    }
    pay = context.project(signed.project).pay
    return _rendered(
        request,
        signed,
        "items/clip.html.j2",
        life=life,
        addresses=addresses,
        comparisons=_compared(context, signed.project, life),
        currency=pay.currency if pay else None,
    )


@router.get("/manage/files/{upload_id}")
def file(request: Request, signed: Manager, upload_id: ItemId) -> Response:
    """A file as it was sent, and the clips it became."""
    with context_of(request).catalog.reading() as session:
        life = file_life(session, signed.project, upload_id)
    if life is None:
        raise HTTPException(404)
    found = [reasons.REASONS[code] for code in life.reasons if code in reasons.REASONS]
    return _rendered(request, signed, "items/file.html.j2", life=life, reasons=found)


@router.get("/manage/speakers/{speaker_id}")
def speaker(request: Request, signed: Manager, speaker_id: ItemId) -> Response:
    """A speaker by pseudonym: what they gave, and what they agreed to."""
    with context_of(request).catalog.reading() as session:
        life = speaker_life(session, signed.project, speaker_id)
    if life is None:
        raise HTTPException(404)
    return _rendered(request, signed, "items/speaker.html.j2", life=life)


def _rendered(request: Request, signed: Signed, template: str, **values: Any) -> Response:
    return render(
        request,
        template,
        languages=context_of(request).languages,
        state_words=STATE_WORDS | GENDER_WORDS,
        state_marks=MARKS,
        reason_of=reasons.REASONS.get,
        **values,
    )


def _kinds(context: PortalContext, signed: Signed) -> dict[str, ItemKind]:
    names = {code: context.languages[code].own_name for code in context.project(signed.project).languages}
    return kinds_of(signed.project, names, now=context.clock())


def _asked(request: Request, signed: Signed, name: str, order: str) -> tuple[ItemKind, dict[str, str], str]:
    """The list, the filters that were chosen, and the order. Raises HTTPException for a list that there is not."""
    kind = _kinds(context_of(request), signed).get(name)
    if kind is None or (order and order not in kind.orders):
        raise HTTPException(404)
    given = request.query_params
    chosen = {each: given[each][:MOST_VALUE] for each in kind.filters if given.get(each)}
    return kind, chosen, order or next(iter(kind.orders))


def _address(
    kind: ItemKind, chosen: dict[str, str], order: str, *, after: str = "", without: str = "", file: str = ""
) -> str:
    """The same list elsewhere: behind a row, without one of its filters, or as a file."""
    values = {"order": order, **{name: value for name, value in chosen.items() if name != without}}
    return f"/manage/lists/{kind.name}{file}?{urlencode(values | ({'after': after} if after else {}))}"


def _csv(context: PortalContext, kind: ItemKind, chosen: dict[str, str], order: str) -> Iterator[str]:
    """Lines as they are read, so that a long list needs no more memory than a short one."""
    yield "\ufeff" + _line(["id", *(column.name for column in kind.columns)])
    with context.catalog.reading() as session:
        for row in every_row(session, kind, chosen=chosen, order=order):
            yield _line(_cells(row))


def _cells(row: ListRow) -> list[str]:
    return [harmless("" if value is None else str(value)) for value in (row.target, *row.values)]


def _line(cells: list[str]) -> str:
    out = StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(cells)
    return out.getvalue()


def _compared(context: PortalContext, project: str, life: ClipLife) -> list[tuple[Column, ...] | None]:
    """Each text beside the accepted one, word by word; None where there is none, or no guideline to compare by."""
    guideline = context.guidelines[project].get(life.clip.language)
    if life.accepted is None or guideline is None:
        return [None for _ in life.texts]
    return [
        consensus([text.text, life.accepted.verbatim], guideline).columns if text.text else None
        for text in life.texts
    ]
