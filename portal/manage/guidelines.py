"""Guidelines: the rules that people write by now, and the spellings that reviewers taught."""

from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from catalog.tables import LearntSpelling
from portal.access.guard import Manager
from portal.context import context_of
from portal.http.pages import interface_language_of, render
from portal.i18n.signatures import guidelines_by_machine
from transcription.decisions.learnt_spellings import forget, list_learnt

router = APIRouter(include_in_schema=False)


@router.get("/manage/guidelines")
def guidelines(request: Request, signed: Manager) -> Response:
    """The rules that people write by now."""
    context = context_of(request)
    with context.catalog.reading() as session:
        learnt = list_learnt(session, signed.project)
    return render(
        request,
        "manage/guidelines.html.j2",
        guidelines=[
            context.guidelines[signed.project][code] for code in context.project(signed.project).languages
        ],
        learnt=learnt,
        by_machine=guidelines_by_machine(interface_language_of(request).code),
    )


@router.post("/manage/spellings/forget")
def forget_spelling(
    request: Request, signed: Manager, pair: Annotated[str, Form(max_length=200)]
) -> Response:
    """Make two words two again that a reviewer called right both ways."""
    context = context_of(request)
    with context.catalog.reading() as session:
        known = session.get(LearntSpelling, pair)
        if known is None or known.project_id != signed.project:
            raise HTTPException(404)
    forget(context.project_context(signed.project), pair, by=signed.person_id, now=context.clock())
    return RedirectResponse("/manage/guidelines", status_code=303)
