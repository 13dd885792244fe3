"""Coverage: whose voices are still missing."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from catalog.coverage import board
from portal.access.guard import Manager
from portal.context import context_of
from portal.http.pages import render

router = APIRouter(include_in_schema=False)


@router.get("/manage/coverage")
def coverage(request: Request, signed: Manager) -> Response:
    """Whose voices are still missing."""
    context = context_of(request)
    project = context.project(signed.project)
    with context.catalog.reading() as session:
        boards = [board(session, project, language) for language in project.languages]
    names = {code: context.languages[code].own_name for code in project.languages}
    return render(request, "manage/coverage.html.j2", boards=boards, language_names=names)
