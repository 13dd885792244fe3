"""Coverage: whose voices are still missing."""

from fastapi import APIRouter, BackgroundTasks, Request
from fastapi.responses import Response

from portal.access.guard import Manager
from portal.context import context_of
from portal.coverage import boards_of
from portal.http.pages import render

router = APIRouter(include_in_schema=False)


@router.get("/manage/coverage")
def coverage(request: Request, signed: Manager, behind: BackgroundTasks) -> Response:
    """Whose voices are still missing."""
    context = context_of(request)
    project = context.project(signed.project)
    found, counted = boards_of(context, signed.project, behind)
    names = {code: context.languages[code].own_name for code in project.languages}
    return render(request, "manage/coverage.html.j2", boards=found, counted=counted, language_names=names)
