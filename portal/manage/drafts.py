"""Machine drafts: what a recogniser's texts are worth to those who begin with them."""

from typing import Annotated, Literal

from fastapi import APIRouter, BackgroundTasks, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import select

from catalog.ids import new_id
from catalog.states import ChosenBy
from catalog.tables import Person
from portal.access.guard import Manager
from portal.context import context_of
from portal.datasets.flow_server import FlowServerAway, FlowServerRefused
from portal.datasets.runs import AWAY, deployment_of, note_asked
from portal.figures import FigureQuery, figure
from portal.http.pages import _, render
from transcription.drafts.correcting import correction_counts
from transcription.drafts.draft_rows import BY_LIST, UNNAMED
from transcription.drafts.measuring import FIGURE, DraftFigures, Reason, measure_drafts

router = APIRouter(include_in_schema=False)

MOST = 20_000
"""Clips that are chosen at once, at most."""
Said = Literal["", "asked", "unsure", "refused"]
HOW_CHOSEN: dict[ChosenBy, str] = {
    ChosenBy.LEAST_SURE: _("Where the model is least sure"),
    ChosenBy.CHANCE: _("By chance"),
}
WHY_OFF: dict[Reason, str] = {
    "errors": _("Turned off: more words are wrong than the project allows."),
    "no_time_saved": _("Turned off: they save no time."),
}


@router.get("/manage/drafts")
def drafts(request: Request, signed: Manager, behind: BackgroundTasks, said: Said = "") -> Response:
    """Errors against accepted texts, and each person's time with a draft and without, by language and model.

    Also the clips by which people are to correct a model, and how many have a text by now.
    """
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
        corrections = correction_counts(session, signed.project)
    return render(
        request,
        "manage/drafts.html.j2",
        figures=counted.value,
        counted=counted,
        handles=handles,
        why_off=WHY_OFF,
        corrections=corrections,
        how_chosen=HOW_CHOSEN,
        languages=context.languages,
        by_list=BY_LIST,
        unnamed=BY_LIST + UNNAMED,
        wanted=project_context.project.prefill.drafts,
        recognisers=project_context.project.recognisers,
        most=MOST,
        said=said,
        request_id=new_id("request"),
    )


@router.post("/manage/drafts/correct")
def correct(
    request: Request,
    signed: Manager,
    language: Annotated[str, Form(max_length=20)],
    count: Annotated[int, Form(ge=1, le=MOST)],
    by: Annotated[ChosenBy, Form()],
    request_id: Annotated[str, Form(max_length=80)],
) -> Response:
    """Ask the flow that drafts to choose clips by which people correct a recogniser. Sent twice, it is asked once."""
    context = context_of(request)
    recogniser = context.project_context(signed.project).project.recognisers.get(language)
    if recogniser is None:
        raise HTTPException(404)
    if recogniser.service is not None and by is ChosenBy.LEAST_SURE:
        return _back("unsure")
    server, deployment = deployment_of(context, signed.project, "draft")
    wish = {"correct": {"language": language, "count": count, "chosen_by": by.value}}
    try:
        asked = server.ask_for_run(deployment, request_id=f"{signed.person_id}-{request_id}", parameters=wish)
    except FlowServerAway as error:
        raise HTTPException(503, AWAY) from error
    except FlowServerRefused:
        return _back("refused")
    note_asked(context, signed.person_id, deployment, str(asked.id))
    return _back("asked")


def _back(said: Said) -> Response:
    return RedirectResponse(f"/manage/drafts?said={said}", status_code=303)
