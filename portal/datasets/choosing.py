"""The page on which a manager chooses what a dataset takes, and sees what that gives before anything is written."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from catalog.choices import NameTaken, choose, with_choices
from catalog.conditions import COLUMNS
from catalog.config.project import Project
from catalog.config.release_rules import DATA_LICENCES
from portal.access.guard import Manager
from portal.access.session import Signed
from portal.context import PortalContext, context_of
from portal.datasets.choice_form import (
    COMPARISONS,
    LONGEST_NAME,
    ChoiceForm,
    ConditionLine,
    form_of,
    read_form,
)
from portal.datasets.choice_rows import ChoiceRows, choice_rows
from portal.datasets.held_words import HELD_WORDS
from portal.http import pages
from releases.preview import Preview, preview
from releases.texts import text_faults

BLANK_LINES = 2
"""For conditions that are not there yet."""

router = APIRouter(include_in_schema=False)
Rows = Annotated[ChoiceRows, Depends(choice_rows)]


@router.get("/datasets/choose")
def choose_page(
    request: Request,
    signed: Manager,
    kept: Rows,
    dataset: Annotated[str, Query(max_length=LONGEST_NAME)] = "",
    saved: bool = False,
    held: Annotated[str, Query(max_length=LONGEST_NAME)] = "",
) -> Response:
    """The form, as the rules in force fill it or as it was filled in, with what it would give."""
    project = _project(context_of(request), signed)
    if "licence" in request.query_params:
        form = read_form(request.query_params, project)
    else:
        known = {rules.name: rules for rules in project.releases}
        form = form_of(known.get(dataset, project.release))
    return _page(request, project, form, kept, saved=saved, held=held)


@router.post("/datasets/choose")
async def keep_choice(request: Request, signed: Manager, kept: Rows) -> Response:
    """Keep the choice: the next version of the dataset is made by it."""
    project = await run_in_threadpool(_project, context_of(request), signed)
    form = read_form(await request.form(), project)
    return await run_in_threadpool(_keep, request, signed, project, form, kept)


def _keep(request: Request, signed: Signed, project: Project, form: ChoiceForm, kept: ChoiceRows) -> Response:
    context = context_of(request)
    if not form.is_sound:
        return _page(request, project, form, kept, status=422)
    others = (each for name, each in context.projects.items() if name != project.name)
    try:
        with context.catalog.writing() as session:
            choose(
                session,
                project.name,
                form.rules(project),
                elsewhere={rules.name for other in others for rules in other.releases},
                by=signed.person_id,
                now=context.clock(),
            )
    except NameTaken:
        return _page(request, project, form, kept, status=409, taken=True)
    return RedirectResponse(f"/datasets/choose?dataset={form.dataset}&saved=true", status_code=303)


def _page(
    request: Request,
    project: Project,
    form: ChoiceForm,
    kept: ChoiceRows,
    *,
    status: int = 200,
    saved: bool = False,
    taken: bool = False,
    held: str = "",
) -> Response:
    """held: the reason of which the clips held back are named"""
    context = context_of(request)
    return pages.render(
        request,
        "datasets/choose.html.j2",
        status=status,
        datasets=[rules.name for rules in project.releases],
        form=form,
        lines=[*form.lines, *(ConditionLine() for _ in range(BLANK_LINES))],
        columns=sorted(COLUMNS),
        comparisons=COMPARISONS,
        licences=sorted(DATA_LICENCES),
        plan=_preview(context, project, form, kept),
        conditions=form.rules(project).where,
        saved=saved,
        taken=taken,
        held=held,
        held_words=HELD_WORDS,
        fewest=form.rules(project).min_speakers,
        names={code: language.name for code, language in context.languages.items()},
    )


def _preview(context: PortalContext, project: Project, form: ChoiceForm, kept: ChoiceRows) -> Preview | None:
    """None where there are too many clips to count while somebody waits."""
    faults = text_faults(context.guidelines[project.name])
    rows = kept.of(context.catalog, project, faults, context.clock())
    if rows is None:
        return None
    found, remembering = rows
    return preview(context.catalog, project, form.rules(project), found, text_faults=remembering)


def _project(context: PortalContext, signed: Signed) -> Project:
    if signed.project not in context.projects:
        raise HTTPException(404)
    with context.catalog.reading() as session:
        return with_choices(session, context.projects[signed.project])
