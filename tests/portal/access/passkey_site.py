"""A portal under a name, over https, and what browsers do there with the passkeys of a device."""

from typing import Any

from fastapi.testclient import TestClient
from httpx2 import Response  # what the test client of this Starlette answers with
from sqlalchemy import select

from catalog.states import Role
from catalog.tables import AuditEvent, Passkey
from portal.context import PortalContext
from tests.portal.access.authenticator import Authenticator
from tests.portal.access.newcomer import PIN, come_in, send

ADDRESS = "https://boli.example.org"


def options(browser: TestClient, page: str, path: str, **fields: str) -> dict[str, Any]:
    """What the server wants of the device."""
    answer = send(browser, page, path, **fields)
    assert answer.status_code == 200, answer.text
    wanted: dict[str, Any] = answer.json()
    return wanted


def adds(browser: TestClient, device: Authenticator) -> Response:
    wanted = options(browser, "/me", "/me/passkeys/new", known=PIN)
    return send(browser, "/me", "/me/passkeys", credential=device.makes(wanted))


def asked(browser: TestClient) -> dict[str, Any]:
    return options(browser, "/sign-in", "/sign-in/passkey/challenge")


def brings(browser: TestClient, answer: str, **fields: str) -> Response:
    """Send an answer of a device to the way in."""
    return send(browser, "/sign-in", "/sign-in/passkey", credential=answer, **fields)


def signs_in(browser: TestClient, device: Authenticator) -> int:
    return brings(browser, device.signs(asked(browser))).status_code


def out_with_passkey(
    site: PortalContext, device: Authenticator, handle: str = "asha", *roles: Role
) -> tuple[TestClient, str]:
    """Somebody who came in, added a passkey and left; with their id."""
    browser, person = come_in(site, handle, *roles)
    assert adds(browser, device).status_code == 303
    send(browser, "/me", "/sign-out")
    return browser, person


def kept(site: PortalContext) -> list[str]:
    """Whose passkeys there are."""
    with site.catalog.reading() as session:
        return list(session.scalars(select(Passkey.person_id)))


def acts(site: PortalContext) -> list[str]:
    with site.catalog.reading() as session:
        return list(session.scalars(select(AuditEvent.action).order_by(AuditEvent.at)))
