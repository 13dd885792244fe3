"""A house with everything in it, served once for all who only look."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from boli.open_house import open_house
from boli.settings import Settings
from tests.portal.browser.filled import fill
from tests.portal.live import Live, served


@pytest.fixture(scope="session")
def full_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fill(tmp_path_factory.mktemp("boli"))


@pytest.fixture(scope="session")
def full(full_home: Path) -> Iterator[Live]:
    """The full house, open. Tests leave it as it is."""
    with open_house(Settings(home=full_home, workers=1)) as house, served(house) as live:
        yield live


@dataclass(frozen=True, slots=True)
class Pictures:
    """Where pictures of screens go. wanted: whether somebody asked for them, so that none may be left out"""

    folder: Path
    wanted: bool


@pytest.fixture(scope="session")
def pictures(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Pictures:
    """The folder of --screens, or one that pytest throws away after a while."""
    asked = request.config.getoption("--screens")
    folder = Path(asked).resolve() if asked else tmp_path_factory.mktemp("screens")
    folder.mkdir(parents=True, exist_ok=True)
    return Pictures(folder, asked is not None)
