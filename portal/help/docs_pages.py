"""The pages of `docs/` for people of the portal, and which of them belongs to a screen."""

import re
from functools import cache
from pathlib import Path

from markupsafe import Markup

from catalog.states import Role
from portal.datasets.card_page import as_page
from portal.http.pages import PORTAL, _

DOCS = PORTAL.parent / "docs"
PAGES = {
    "transcriber": _("For transcribers"),
    "reviewer": _("For reviewers"),
    "coordinator": _("For coordinators"),
    "manager": _("For managers"),
    "ml-team": _("For ML teams"),
}
PAGE_OF_ROLE = {
    Role.TRANSCRIBER: "transcriber",
    Role.REVIEWER: "reviewer",
    Role.COORDINATOR: "coordinator",
    Role.MANAGER: "manager",
    Role.ML_READER: "ml-team",
}
_SCREENS = {
    "/write": "transcriber",
    "/practice": "transcriber",
    "/review": "reviewer",
    "/record": "coordinator",
    "/speakers": "coordinator",
    "/manage": "manager",
    "/breaches": "manager",
    "/owner": "manager",
    "/people": "manager",
    "/datasets": "ml-team",
    "/me/tokens": "ml-team",
}
_PICTURE = re.compile(r"^!\[[^\]]*\]\([^)]*\)\n", re.MULTILINE)
_LINK = re.compile(r"(?<!!)\[([^\]]+)\]\((?!https?://)([^)#]*)(#[^)]*)?\)")


def page_of_screen(path: str) -> str | None:
    """The page of docs that a screen belongs to; None for a screen of everybody's.

    >>> page_of_screen("/review/times/clip-1"), page_of_screen("/me")
    ('reviewer', None)
    """
    return next((page for start, page in _SCREENS.items() if f"{path}/".startswith(f"{start}/")), None)


@cache
def docs_page(name: str) -> Markup | None:
    """One of PAGES, for a page; None where this installation came without its docs."""
    path = DOCS / f"{name}.md"
    return as_page(portal_links(path.read_text("utf-8"))) if path.is_file() else None


def portal_links(markdown: str) -> str:
    """A page of docs as the portal has it: pictures left out, links to other pages led to those that are here.

    >>> portal_links("See [pay](manager.md#pay) and [alignment](alignment.md).")
    'See [pay](/help/manager) and alignment.'
    """

    def led(link: re.Match[str]) -> str:
        words, target = link[1], Path(link[2]).stem
        return f"[{words}](/help/{target})" if target in PAGES else words

    return _LINK.sub(led, _PICTURE.sub("", markdown))
