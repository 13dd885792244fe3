"""The report of any span of days: asked for on a page, given as one file that stands alone."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, Response

from catalog import audit
from catalog.config.sentence import sentence_of
from portal.access.guard import Manager
from portal.context import context_of
from portal.http.pages import interface_language_of, render
from portal.report.gather import ReportSubject, gather
from portal.report.page import render_report, script_sha256
from portal.report.span import BadSpan, parse_span
from portal.report.wording import Wording

router = APIRouter(include_in_schema=False)

ALONE = (
    "sandbox allow-scripts; default-src 'none'; style-src 'unsafe-inline'; script-src '{script}'; media-src data:; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
"""The page brings its own style, script and sound. Here it runs as a stranger: nothing of ours is open to it."""


@router.get("/manage/report")
def ask_for_report(request: Request, signed: Manager) -> Response:
    """Which days."""
    return render(request, "manage/report.html.j2")


@router.get("/manage/report/page")
def report(
    request: Request,
    signed: Manager,
    first: Annotated[str, Query(alias="from", max_length=10)] = "",
    last: Annotated[str, Query(alias="to", max_length=10)] = "",
    save: bool = False,
) -> Response:
    """The report of those days; which clips it holds is on record."""
    context, now = context_of(request), context_of(request).clock()
    try:
        span = parse_span(first, last)
    except BadSpan as error:
        raise HTTPException(422, sentence_of(error)) from error
    words = Wording(interface_language_of(request))
    subject = ReportSubject(context.project(signed.project), context.languages, context.store)
    with context.catalog.reading() as session:
        found = gather(session, subject, span, at=now, words=words)
    with context.catalog.writing() as session:
        audit.record(
            session,
            at=now,
            actor=signed.person_id,
            action="report.given",
            subject=("project", signed.project),
            detail={"clips": [clip.clip for clip in found.clips]},
        )
    headers = {
        "Cache-Control": "no-store",
        "Content-Security-Policy": ALONE.format(script=f"sha256-{script_sha256()}"),
    }
    if save:
        name = "-".join(["report", signed.project, *(day for day in (first, last) if day)])
        headers["Content-Disposition"] = f'attachment; filename="{name}.html"'
    return HTMLResponse(render_report(found, words), headers=headers)
