"""A desk with enough clips for a morning."""

from pathlib import Path

import pytest

from tests.portal.conftest import home_with

A_MORNING = tuple(f"te/te-01_{number:03}.mp3" for number in (1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12))


@pytest.fixture(scope="session")
def home_with_tasks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder where more than ten Telugu clips wait."""
    return home_with(tmp_path_factory.mktemp("morning"), *A_MORNING)
