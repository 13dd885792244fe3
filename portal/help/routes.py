"""The addresses of help: `/tour`, shown at the first sign-in with a role, and `/help` with the pages of docs."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Query, Request
from fastapi.responses import RedirectResponse, Response

from catalog.states import Role
from portal.access.guard import signed_in
from portal.access.role_names import ROLE_NAMES
from portal.access.session import Signed
from portal.context import context_of
from portal.help.cards import TOURS, note_tour, tour_due
from portal.help.docs_pages import PAGE_OF_ROLE, PAGES, docs_page, page_of_screen
from portal.http.pages import render

router = APIRouter(include_in_schema=False)
SignedIn = Annotated[Signed, Depends(signed_in)]


@router.get("/tour")
def tour(request: Request, signed: SignedIn) -> Response:
    """The five cards of a role that they have not seen; where none is left, on to the work."""
    with context_of(request).catalog.reading() as session:
        due = tour_due(session, signed)
    if due is None:
        return RedirectResponse("/", status_code=303)
    return render(request, "help/tour.html.j2", tour_role=due, role_name=ROLE_NAMES[due], cards=TOURS[due])


@router.post("/tour")
def seen(request: Request, signed: SignedIn, role: Annotated[Role, Form()]) -> Response:
    """They have seen it, or left it."""
    context = context_of(request)
    with context.catalog.writing() as session:
        note_tour(session, signed.person_id, role, now=context.clock())
    return RedirectResponse("/", status_code=303)


@router.get("/help")
def help_page(request: Request, signed: SignedIn, of: Annotated[str, Query(max_length=200)] = "") -> Response:
    """The cards of their roles, and the pages of docs, that of the screen they came from first. of: its path"""
    pages = dict.fromkeys(
        page
        for page in (page_of_screen(of), *(PAGE_OF_ROLE[role] for role in TOURS if signed.has(role)))
        if page is not None and docs_page(page) is not None
    )
    tours = {ROLE_NAMES[role]: cards for role, cards in TOURS.items() if signed.has(role)}
    return render(request, "help/help.html.j2", pages={page: PAGES[page] for page in pages}, tours=tours)


@router.get("/help/{page}")
def of_docs(request: Request, signed: SignedIn, page: str) -> Response:
    """A page of docs. 404 for one that there is not, or that this installation came without."""
    content = docs_page(page) if page in PAGES else None
    if content is None:
        raise HTTPException(404)
    return render(request, "help/page.html.j2", title=PAGES[page], content=content)
