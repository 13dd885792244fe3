"""Machine drafts: what a recogniser's texts are worth to those who begin with them."""

from fastapi import APIRouter, BackgroundTasks, Request
from fastapi.responses import Response
from sqlalchemy import select

from catalog.tables import Person
from portal.access.guard import Manager
from portal.context import context_of
from portal.figures import FigureQuery, figure
from portal.http.pages import _, render
from transcription.drafts.draft_rows import BY_LIST, UNNAMED
from transcription.drafts.measuring import FIGURE, DraftFigures, Reason, measure_drafts

router = APIRouter(include_in_schema=False)

WHY_OFF: dict[Reason, str] = {
    "errors": _("Turned off: more words are wrong than the project allows."),
    "no_time_saved": _("Turned off: they save no time."),
}


@router.get("/manage/drafts")
def drafts(request: Request, signed: Manager, behind: BackgroundTasks) -> Response:
    """Errors against accepted texts, and each person's time with a draft and without, by language and model."""
    context = context_of(request)
    project_context = context.project_context(signed.project)
    query = FigureQuery(
        FIGURE, list[DraftFigures], lambda session, _project, _now: measure_drafts(session, project_context)
    )
    counted = figure(context, signed.project, query, behind)
    people = {person.person_id for each in counted.value for person in each.people}
    with context.catalog.reading() as session:
        rows = session.execute(select(Person.id, Person.handle).where(Person.id.in_(sorted(people))))
        handles = {row.id: row.handle for row in rows}
    return render(
        request,
        "manage/drafts.html.j2",
        figures=counted.value,
        counted=counted,
        handles=handles,
        why_off=WHY_OFF,
        languages=context.languages,
        by_list=BY_LIST,
        unnamed=BY_LIST + UNNAMED,
        wanted=project_context.project.prefill.drafts,
    )
