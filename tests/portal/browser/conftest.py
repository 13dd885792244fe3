"""A portal with everything in it, served once for all who only look."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import DeploymentScheduleCreate
from prefect.client.schemas.schedules import CronSchedule

from boli.serve.deployments import SCHEDULED, TIMEZONE
from boli.serve.portal_context import open_portal_context
from catalog.config.settings import Settings
from portal.datasets.flow_server import TAG
from tests.portal.browser.filled import fill
from tests.portal.live import Live, served
from tests.servers import PrefectServer


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


@pytest.fixture(scope="session")
def full_home() -> Iterator[Path]:
    # The store's address is seen on pictures: a short one
    with tempfile.TemporaryDirectory(prefix="boli-") as folder:
        yield fill(Path(folder))


@pytest.fixture(scope="session")
def full(request: pytest.FixtureRequest, full_home: Path, pictures: Pictures) -> Iterator[Live]:
    """The full portal, open. Its flows run by the clock where pictures are wanted; else nobody runs them."""
    server: PrefectServer | None = request.getfixturevalue("prefect_server") if pictures.wanted else None
    if server is not None:
        deploy_all(server)
    with (
        open_portal_context(
            Settings(home=full_home, workers=1),
            prefect=server.api if server else None,
            prefect_auth=server.auth_string if server else None,
        ) as portal,
        served(portal) as live,
    ):
        yield live


def deploy_all(server: PrefectServer) -> None:
    """Deploy what `boli up` deploys."""
    with SyncPrefectClient(server.api, auth_string=server.auth_string) as client:
        for each in SCHEDULED:
            client.create_deployment(
                client.create_flow_from_name(each.flow),
                "demo",
                tags=[TAG, "demo"],
                description=each.description,
                parameters=each.parameters("demo"),
                schedules=[
                    DeploymentScheduleCreate(
                        schedule=CronSchedule(cron=each.cron, timezone=TIMEZONE), active=True
                    )
                ],
            )
