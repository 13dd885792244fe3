"""The API of a portal with published versions and flows on a real Prefect server, and a token for it."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from catalog.states import Role
from portal.access.api_tokens import make_token
from portal.app import create_app
from portal.context import PortalContext
from tests.portal.datasets.conftest import deployed, home_with_versions, portal, shelf
from tests.portal.people import sign_in

__all__ = ["deployed", "home_with_versions", "portal", "shelf"]


def token_for(
    portal: PortalContext, handle: str, role: Role = Role.ML_READER, *, project: str = "demo"
) -> str:
    """A new token of somebody new."""
    now = portal.clock()
    somebody = sign_in(portal, handle, [role], project=project)
    with portal.catalog.writing() as session:
        return make_token(session, somebody.person_id, name="tests", days=30, now=now)


@pytest.fixture
def program(portal: PortalContext) -> Iterator[TestClient]:
    """A program of an ML team: it sends a token, and no cookie."""
    with TestClient(create_app(portal), base_url=portal.address) as client:
        client.headers["Authorization"] = f"Bearer {token_for(portal, 'leela')}"
        yield client
