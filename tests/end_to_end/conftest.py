"""A place for a whole installation: its own database and store, the session's Prefect server."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from catalog.config.settings import Settings
from catalog.store import S3Options
from tests.servers import PrefectServer
from tests.waiting import PATIENCE_SECONDS

BOLI = (sys.executable, "-m", "boli.cli")


@dataclass(frozen=True, slots=True)
class Installation:
    """Settings, and the command line that runs with them."""

    settings: Settings
    environment: Mapping[str, str]

    def start(self, *words: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [*BOLI, *words],
            env=dict(self.environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def boli(self, *words: str, status: int = 0) -> str:
        """Run a command to its end; its output, with both streams in one."""
        process = self.start(*words)
        output, _ = process.communicate(timeout=PATIENCE_SECONDS)
        assert process.returncode == status, output
        return output


def install(home: Path, prefect: PrefectServer, **more: str) -> Installation:
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("BOLI_", "PREFECT_"))}
    ours = {"BOLI_HOME": str(home), "BOLI_WORKERS": "2", **more}
    prefect_home = home / "prefect-client"
    prefect_home.mkdir(parents=True, exist_ok=True)
    environment = {
        **plain,
        **ours,
        "PREFECT_API_URL": prefect.api,
        "PREFECT_API_AUTH_STRING": prefect.auth_string,
        "PREFECT_HOME": str(prefect_home),
    }
    settings = Settings.model_validate(
        {name.removeprefix("BOLI_").lower(): value for name, value in ours.items()}
    )
    return Installation(settings, environment)


@pytest.fixture(params=["sqlite and a folder", "postgresql and s3"])
def installation(
    request: pytest.FixtureRequest, tmp_path: Path, prefect_server: PrefectServer
) -> Installation:
    if request.param == "sqlite and a folder":
        return install(tmp_path / "home", prefect_server)
    options: S3Options = request.getfixturevalue("s3_options")
    return install(
        tmp_path / "home",
        prefect_server,
        BOLI_DATABASE_URL=request.getfixturevalue("postgres_url"),
        BOLI_STORE_URL=request.getfixturevalue("s3_store_url"),
        BOLI_S3_ENDPOINT=str(options.endpoint),
        BOLI_S3_REGION=str(options.region),
        BOLI_S3_ACCESS_KEY=str(options.access_key),
        BOLI_S3_SECRET_KEY=str(options.secret_key),
    )
