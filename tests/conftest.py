"""What every room's tests share: where the data is, and how hypothesis behaves."""

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from catalog.store import S3Options
from tests.pythons import TESTS
from tests.servers import REGION, PostgresServer, PrefectServer, S3Server, SharedServers
from tests.waiting import PATIENCE_SECONDS

REPOSITORY = Path(__file__).resolve().parent.parent
SHARED_DATA = REPOSITORY.parent / "shared" / "data"

settings.register_profile(
    "boli", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
settings.load_profile("boli")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of measured recordings that stands beside the checkout on our own machines."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the folder of measured recordings (../shared/data) does not stand beside this clone")
    return SHARED_DATA


@pytest.fixture(scope="session")
def examples() -> Path:
    return REPOSITORY / "examples"


SERVERS = pytest.StashKey[SharedServers]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--screens", metavar="DIR", help="keep pictures of the portal's screens in this folder")


def pytest_configure(config: pytest.Config) -> None:
    """One meeting place for the session's servers: xdist workers get it from their controller."""
    given = getattr(config, "workerinput", None)
    if given is None:
        config.stash[SERVERS] = SharedServers.create()
    else:
        config.stash[SERVERS] = SharedServers(Path(given["servers_folder"]), given["servers_owner"])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as unit what is plain functions: no server, no browser, no child process, no catalogue."""
    pure = tuple(f"{REPOSITORY / path}" for path in TESTS)
    for item in items:
        if str(item.path).startswith(pure) and not item.get_closest_marker("slow"):
            item.add_marker(pytest.mark.unit)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:  # a WorkerController of xdist
    shared = node.config.stash[SERVERS]
    node.workerinput["servers_folder"] = str(shared.folder)
    node.workerinput["servers_owner"] = shared.owner


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.stash[SERVERS].stop()


@pytest.fixture(scope="session")
def postgres_server(request: pytest.FixtureRequest) -> PostgresServer:
    return request.config.stash[SERVERS].postgres()


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """Address of an empty PostgreSQL database of this test's own."""
    name = postgres_server.create_database()
    yield postgres_server.url(name)
    postgres_server.drop_database(name)


@pytest.fixture(scope="session")
def s3_server(request: pytest.FixtureRequest) -> S3Server:
    return request.config.stash[SERVERS].s3()


@pytest.fixture(scope="session")
def s3_options(s3_server: S3Server) -> S3Options:
    """How to reach the session's S3 server."""
    return S3Options(
        endpoint=s3_server.endpoint,
        region=REGION,
        access_key=s3_server.access_key,
        secret_key=s3_server.secret_key,
        attempts=3,
    )


@pytest.fixture(scope="session")
def s3_bucket(s3_server: S3Server) -> str:
    s3_server.create_bucket("boli-tests")
    return "boli-tests"


@pytest.fixture
def s3_store_url(s3_bucket: str) -> str:
    """Address of an empty place in S3 of this test's own; `s3_options` opens it."""
    return f"s3://{s3_bucket}/{uuid.uuid4().hex}"


@pytest.fixture(scope="session")
def prefect_server(request: pytest.FixtureRequest) -> Iterator[PrefectServer]:
    """Prefect's server, one for all workers of the session; it takes about ten seconds to start.

    All its callers are patient: under load it answers late, and says 503 while its database is busy, for longer than
    somebody at a page would wait.
    """
    import httpx

    from portal.datasets import flow_server

    with pytest.MonkeyPatch.context() as patience:
        patience.setattr(flow_server, "TIMEOUT", httpx.Timeout(PATIENCE_SECONDS))
        patience.setattr(flow_server, "PAUSES", (0.5,) * 100)
        yield request.config.stash[SERVERS].prefect()


@pytest.fixture
def prefect_api(prefect_server: PrefectServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[PrefectServer]:
    """Flows of this test, and of programs it starts, run against the session's server, without a heartbeat."""
    from prefect.settings import (
        PREFECT_API_AUTH_STRING,
        PREFECT_API_URL,
        PREFECT_FLOWS_HEARTBEAT_FREQUENCY,
        PREFECT_LOGGING_LEVEL,
        temporary_settings,
    )

    monkeypatch.setenv("PREFECT_API_URL", prefect_server.api)
    monkeypatch.setenv("PREFECT_API_AUTH_STRING", prefect_server.auth_string)
    monkeypatch.setenv("PREFECT_HOME", f"{prefect_server.folder}/client")
    Path(prefect_server.folder, "client").mkdir(exist_ok=True)
    with temporary_settings(
        {
            PREFECT_API_URL: prefect_server.api,
            PREFECT_API_AUTH_STRING: prefect_server.auth_string,
            PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None,
            PREFECT_LOGGING_LEVEL: "WARNING",
        }
    ):
        yield prefect_server
