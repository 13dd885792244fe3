"""The API of a portal with published versions and flows on a real Prefect server, and a token for it."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from catalog.states import Role
from portal.access.api_tokens import make_token
from portal.app import create_app
from portal.context import House
from tests.portal.datasets.conftest import deployed, home_with_versions, house, shelf
from transcription.people import add_person

__all__ = ["deployed", "home_with_versions", "house", "shelf"]


def token_for(house: House, handle: str, role: Role = Role.ML_READER) -> str:
    """A new token of somebody new."""
    now = house.clock()
    with house.catalog.writing() as session:
        person = add_person(session, handle, roles=[role], languages=["te"], by="tests", now=now)
        return make_token(session, person.id, name="tests", days=30, now=now)


@pytest.fixture
def program(house: House) -> Iterator[TestClient]:
    """A program of an ML team: it sends a token, and no cookie."""
    with TestClient(create_app(house), base_url=house.address) as client:
        client.headers["Authorization"] = f"Bearer {token_for(house, 'leela')}"
        yield client
