"""The addresses of news: `/news`, what is new and what the week asks; and that it was read."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Depends, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from catalog.reasons import REASONS
from catalog.states import Role
from portal.access.guard import signed_in
from portal.access.session import Signed
from portal.context import context_of
from portal.coverage import boards_of
from portal.http.pages import _, render
from portal.news import elsewhere
from portal.news.paths import path_of
from portal.write.reasons import RETURNS
from transcription.news.queries import NewsKind, news_of, note_read
from transcription.news.week import week_plan

SENTENCES = {
    NewsKind.SENT_BACK: _("A text of yours was sent back"),
    NewsKind.REFUSED: _("A recording was refused: %(name)s"),
    NewsKind.VERSION: _("Published: %(dataset)s %(version)s"),
}
"""Messages of single things; those that are counted stand in the template."""

router = APIRouter(include_in_schema=False)
router.include_router(elsewhere.router)
SignedIn = Annotated[Signed, Depends(signed_in)]


@router.get("/news")
def news(
    request: Request, signed: SignedIn, behind: BackgroundTasks, saved: bool = False, fault: bool = False
) -> Response:
    """What is new and what waits this week, in the project that they look at."""
    context, now = context_of(request), context_of(request).clock()
    if not signed.project:
        raise HTTPException(404)
    boards = boards_of(context, signed.project, behind)[0] if signed.has(Role.COORDINATOR) else []
    with context.catalog.reading() as session:
        items = news_of(session, signed, now=now)
        plan = week_plan(session, signed, boards, now=now)
        chosen = elsewhere.elsewhere_of(context, session, signed)
    page = render(
        request,
        "news/news.html.j2",
        items=items,
        path_of=path_of,
        plan=plan,
        elsewhere=chosen,
        saved=saved,
        address_fault=elsewhere.ADDRESS_FAULT if fault else "",
        languages=context.languages,
        sentences=SENTENCES,
        because={code: each.sentence for code, each in REASONS.items()} | RETURNS,
        until=now.isoformat(),
    )
    page.background = behind
    return page


@router.post("/news/read")
def read(request: Request, signed: SignedIn, until: Annotated[datetime, Form()]) -> Response:
    """They have read what the page showed. until: when it was made, so that nothing later is marked unseen"""
    context = context_of(request)
    if until.tzinfo is None or not signed.project:
        raise HTTPException(422)
    with context.catalog.writing() as session:
        note_read(session, signed, until=min(until, context.clock()))
    return RedirectResponse("/news", status_code=303)
