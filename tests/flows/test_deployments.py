"""prefect.yaml against a real server: everything is deployed without a question, with its schedule."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from boli.serve.deployments import SCHEDULED, TIMEZONE, projects
from catalog.config.settings import ROOT
from tests.prefect_workers import RUN_WHERE_THE_CODE_IS
from tests.waiting import PATIENCE_SECONDS

PREFECT = [sys.executable, "-m", "prefect", "--no-prompt"]


def prefect(*arguments: str, folder: Path) -> str:
    done = subprocess.run(
        [*PREFECT, *arguments],
        cwd=folder,
        env=os.environ | {"PREFECT_LOGGING_LEVEL": "WARNING"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
def test_prefect_deploy_all_asks_nothing_and_every_project_has_its_schedules(prefect_api):
    before = (ROOT / "prefect.yaml").read_bytes()
    for pool in ("boli", "boli-batches"):
        prefect("work-pool", "create", pool, "--type", "process", "--overwrite", folder=ROOT)

    prefect("deploy", "--all", folder=ROOT)

    assert (ROOT / "prefect.yaml").read_bytes() == before
    for project in ("demo", "field"):
        for scheduled in SCHEDULED:
            found = prefect_api.ask(f"deployments/name/{scheduled.flow}/{project}")
            schedules = [
                (each["schedule"]["cron"], each["schedule"]["timezone"]) for each in found["schedules"]
            ]
            assert schedules == [(scheduled.cron, TIMEZONE)]
            assert found["entrypoint"] == scheduled.entrypoint
            assert found["parameters"] == scheduled.parameters(project)
            assert found["description"] == scheduled.description
            assert found["tags"] == ["boli", project]
            assert found["work_pool_name"] == "boli"
            assert found["global_concurrency_limit"]["limit"] == 1
            assert found["concurrency_options"]["collision_strategy"] == "CANCEL_NEW"
            assert not found["paused"]
            assert found["pull_steps"] == RUN_WHERE_THE_CODE_IS
            assert found["job_variables"] == {"env": {"PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30"}}
            fields = found["parameter_openapi_schema"]["properties"]
            assert fields["project"]["enum"] == ["demo", "field"]
            assert all(field["description"] for field in fields.values())
    batches = prefect_api.ask("deployments/name/batch/boli")
    assert (batches["work_pool_name"], batches["schedules"]) == ("boli-batches", [])
    assert batches["concurrency_limit"] is None


def test_prefect_yaml_names_every_project_that_is_configured():
    listed = yaml.safe_load((ROOT / "prefect.yaml").read_text("utf-8"))["deployments"]

    named = {(entry["entrypoint"], entry["name"]) for entry in listed}
    assert named == {("flows/batch.py:batch", "boli")} | {
        (scheduled.entrypoint, project) for scheduled in SCHEDULED for project in projects(ROOT / "configs")
    }
