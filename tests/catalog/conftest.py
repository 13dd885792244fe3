"""An empty catalogue, on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from catalog.database import Catalog, open_catalog
from catalog.receiving import register_project
from catalog.speakers import SpeakerFacts, register_speaker

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgresql"])
def catalog_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'boli.sqlite'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def catalog(catalog_url: str) -> Iterator[Catalog]:
    opened = open_catalog(catalog_url)
    with opened.writing() as session:
        register_project(
            session, project_id="telangana", title="Telangana", languages={"te": "Telugu"}, at=NOON
        )
    yield opened
    opened.close()


@pytest.fixture
def speaker_id(catalog: Catalog) -> str:
    """A voice that has not been asked yet."""
    with catalog.writing() as session:
        facts = SpeakerFacts("te-01", language="te")
        return register_speaker(session, project_id="telangana", facts=facts, actor="test", at=NOON).id
