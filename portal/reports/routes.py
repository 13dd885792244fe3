"""Report a clip from wherever it is heard; the reviewer's list of reports: `/clips/…/reports`, `/review/reports`."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.encoders import jsonable_encoder
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field
from sqlalchemy import select

from catalog.config.sentence import sentence_of
from catalog.errors import UserError
from catalog.states import ReportDecision, ReportKind, ReportState, Role
from catalog.tables import Clip
from portal import listening
from portal.access.guard import holding, signed_in
from portal.access.session import Signed
from portal.context import PortalContext, context_of
from portal.http.pages import _, interface_language_of, render
from portal.reports.words import DECIDED, FOUND, KINDS
from portal.write.waveform import peaks_of
from transcription.clip_reports.deciding import TAG, ReportVerdict, decide
from transcription.clip_reports.opening import LONGEST_NOTE, open_report
from transcription.clip_reports.spans import MOST_SPANS, MarkedSpan
from transcription.clip_reports.waiting import ReportItem, report_item, waiting_reports

HIDDEN = _("Nobody hears this clip any more. A reviewer looks at it.")

router = APIRouter(include_in_schema=False)
Reviewer = Annotated[Signed, Depends(holding(Role.REVIEWER))]


class ClipReported(BaseModel):
    """What somebody says of a clip that they hear."""

    kind: ReportKind
    note: str = Field(default="", max_length=LONGEST_NOTE)


@dataclass(frozen=True, slots=True)
class Hidden:
    message: str


@router.post("/clips/{clip_id}/reports")
def report(
    request: Request, signed: Annotated[Signed, Depends(signed_in)], clip_id: str, sent: ClipReported
) -> Hidden:
    """Hide a clip. Whoever has a role in its project may hear it somewhere, and report it. Again is the same."""
    context = context_of(request)
    with context.catalog.writing() as session:
        project = session.scalar(select(Clip.project_id).where(Clip.id == clip_id))
        if project is None or project not in signed.projects_with(*Role):
            raise HTTPException(404)
        open_report(session, clip_id, sent.kind, by=signed.person_id, now=context.clock(), note=sent.note)
    return Hidden(interface_language_of(request).gettext(HIDDEN))


@router.get("/review/reports")
def waiting(request: Request, signed: Reviewer, done: str = "") -> Response:
    """The open reports in the reviewer's languages. done: the decision that was just made, to say so"""
    context = context_of(request)
    with context.catalog.reading() as session:
        reports = waiting_reports(session, signed.project, signed.languages)
    return render(
        request,
        "reports/waiting.html.j2",
        reports=reports,
        kinds=KINDS,
        names={code: each.name for code, each in context.languages.items()},
        done=DECIDED.get(done),
    )


@router.get("/review/reports/{report_id}")
def page(request: Request, signed: Reviewer, report_id: str) -> Response:
    """The clip to hear, its waveform to mark, and what was said of it."""
    return _page(request, signed, _item(context_of(request), signed, report_id))


@router.post("/review/reports/{report_id}")
def settle(
    request: Request,
    signed: Reviewer,
    report_id: str,
    decision: Annotated[ReportDecision, Form()],
    spans: Annotated[str, Form(max_length=MOST_SPANS * 24)] = "",
    text: Annotated[str, Form(max_length=20_000)] = "",
) -> Response:
    """Decide. spans: as `300-700,1200-1500`, in milliseconds"""
    context = context_of(request)
    item = _item(context, signed, report_id)
    try:
        made = ReportVerdict(
            decision, _spans(spans) if decision in _MARKED else (), text.replace("\r\n", "\n")
        )
        decide(
            context.project_context(signed.project), report_id, made, by=signed.person_id, now=context.clock()
        )
    except UserError as refused:
        return _page(request, signed, item, refused=sentence_of(refused), text=text, spans=spans, status=422)
    return RedirectResponse(f"/review/reports?done={decision.value}", 303)


_MARKED = (ReportDecision.BLEEP, ReportDecision.TRIM)


def _item(context: PortalContext, signed: Signed, report_id: str) -> ReportItem:
    with context.catalog.reading() as session:
        item = report_item(session, report_id)
    if item is None or item.project_id != signed.project or item.language not in signed.languages:
        raise HTTPException(404)
    return item


def _page(
    request: Request,
    signed: Signed,
    item: ReportItem,
    *,
    refused: str = "",
    text: str | None = None,
    spans: str = "",
    status: int = 200,
) -> Response:
    context = context_of(request)
    ground = listening.ReportHeard(item.id)
    sound = listening.link(
        context, item.clip_id, "preview", listener=signed.person_id, ground=ground, now=context.clock()
    )
    return render(
        request,
        "reports/report.html.j2",
        status=status,
        item=item,
        open=item.state is ReportState.OPEN,
        sound=sound,
        kind=KINDS[item.kind],
        found_words=FOUND,
        refused=refused,
        text=item.text if text is None else text,
        spans=spans,
        tag=TAG,
        language=context.languages[item.language],
        page_data=jsonable_encoder(
            {"seconds": item.seconds, "peaks": peaks_of(context.store, item.peaks_key), "tag": TAG}
        ),
    )


def _spans(written: str) -> tuple[MarkedSpan, ...]:
    """
    >>> _spans("300-700,1200-1500")
    (MarkedSpan(start=300, end=700), MarkedSpan(start=1200, end=1500))
    """
    found: list[MarkedSpan] = []
    for each in filter(None, written.split(",")):
        start, _dash, end = each.partition("-")
        if not (start.strip().isdecimal() and end.strip().isdecimal()):
            raise HTTPException(422, "spans: start-end in milliseconds, with commas between")
        found.append(MarkedSpan(int(start), int(end)))
    return tuple(sorted(found))
