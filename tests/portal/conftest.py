"""A portal over a real catalogue and store, empty but for its projects."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from boli.open_house import open_house
from boli.settings import Settings
from portal.app import create_app
from portal.house import House


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with open_house(Settings(home=tmp_path / "home")) as opened:
        yield opened


@pytest.fixture
def client(house: House) -> Iterator[TestClient]:
    with TestClient(create_app(house), base_url=house.address, follow_redirects=False) as browser:
        yield browser
