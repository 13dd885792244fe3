"""An installation that nobody has come in to yet gives whoever starts it a way in, and nobody else."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from boli.serve.first_owner import first_owner_link
from boli.serve.portal_context import open_portal_context
from catalog.config.settings import Settings
from catalog.states import Role
from portal.context import PortalContext
from tests.portal.access.newcomer import PIN, phone, send, take_on


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[PortalContext]:
    with open_portal_context(Settings(home=tmp_path / "home")) as opened:
        yield opened


def test_the_first_link_opens_the_owners_page_where_projects_are_made(portal: PortalContext) -> None:
    link = first_owner_link(portal)
    assert link is not None
    browser = phone(portal)

    send(browser, link.removeprefix(portal.address), secret=PIN, again=PIN)

    assert browser.get("/").headers["location"] == "/owner"
    assert "/owner/projects/new" in browser.get("/owner").text
    assert browser.get("/manage").status_code == 403


def test_a_link_that_was_lost_is_made_anew_until_somebody_has_come_in(portal: PortalContext) -> None:
    lost, link = first_owner_link(portal), first_owner_link(portal)
    assert link is not None
    assert lost != link

    send(phone(portal), link.removeprefix(portal.address), secret=PIN, again=PIN)

    assert first_owner_link(portal) is None


def test_where_people_work_already_nobody_is_let_in_by_a_start(portal: PortalContext) -> None:
    take_on(portal, "asha", Role.TRANSCRIBER)

    assert first_owner_link(portal) is None
