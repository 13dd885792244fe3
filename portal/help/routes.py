"""The addresses of help: `/tour`, shown at the first sign-in with a role, and `/help` with the pages of docs."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Query, Request
from fastapi.responses import RedirectResponse, Response
from markupsafe import Markup

from catalog.states import Role
from portal.access.guard import signed_in
from portal.access.role_names import ROLE_NAMES
from portal.access.session import Signed
from portal.context import context_of
from portal.datasets.card_page import as_page
from portal.help.cards import TOURS, note_tour, tour_due
from portal.help.docs_pages import PAGE_OF_ROLE, PAGES, docs_page, page_of_screen
from portal.help.screens import SCREENS_OF_ROLE, ScreenHelp, help_of, screen_of, screens, whole_digest
from portal.http.pages import interface_language_of, render
from portal.i18n.signatures import TranslatedPart, is_signed
from portal.i18n.translation import SOURCE

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
    """Help for the screen they came from, then for their others, the cards of their roles, and the pages of docs.

    of: the path of the screen
    """
    language = interface_language_of(request).code
    asked = screen_of(of)
    others = [name for role, names in SCREENS_OF_ROLE.items() if signed.has(role) for name in names]
    pages = dict.fromkeys(
        page
        for page in (page_of_screen(of), *(PAGE_OF_ROLE[role] for role in TOURS if signed.has(role)))
        if page is not None and docs_page(page) is not None
    )
    tours = {ROLE_NAMES[role]: cards for role, cards in TOURS.items() if signed.has(role)}
    return render(
        request,
        "help/help.html.j2",
        asked=_shown(asked, language) if asked else None,
        others=[_shown(name, language) for name in dict.fromkeys(others) if name != asked],
        by_machine=not is_signed(language, TranslatedPart.HELP, whole_digest(language)),
        pages={page: PAGES[page] for page in pages},
        tours=tours,
    )


@dataclass(frozen=True, slots=True)
class ShownHelp:
    """Help for a screen as the page has it. english: what it says there by now, where the translation is behind"""

    part: ScreenHelp
    title: str
    text: Markup
    english: Markup | None


def _shown(screen: str, language: str) -> ShownHelp:
    part = help_of(screen, language)
    title, _, text = part.text.partition("\n")
    english = screens(SOURCE)[screen].text.partition("\n")[2] if part.behind else None
    return ShownHelp(
        part, title.lstrip("# "), as_page(text), as_page(english) if english is not None else None
    )


@router.get("/help/{page}")
def of_docs(request: Request, signed: SignedIn, page: str) -> Response:
    """A page of docs. 404 for one that there is not, or that this installation came without."""
    content = docs_page(page) if page in PAGES else None
    if content is None:
        raise HTTPException(404)
    return render(request, "help/page.html.j2", title=PAGES[page], content=content)
