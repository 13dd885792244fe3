"""Guidelines: the rules that people write by now."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from portal.access.guard import Manager
from portal.context import context_of
from portal.http.pages import render

router = APIRouter(include_in_schema=False)


@router.get("/manage/guidelines")
def guidelines(request: Request, signed: Manager) -> Response:
    """The rules that people write by now."""
    context = context_of(request)
    return render(
        request,
        "manage/guidelines.html.j2",
        guidelines=[
            context.guidelines[signed.project][code] for code in context.project(signed.project).languages
        ],
    )
