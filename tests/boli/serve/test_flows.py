"""The flows that `boli up` deploys: a schedule that people chose outlives a restart."""

import asyncio
from pathlib import Path

import pytest
from prefect.runner import Runner

from boli.serve.deployments import SCHEDULED
from boli.serve.flows import deployment, look_for_new, take_up_new
from portal.datasets.flow_server import FlowServer, Schedule


def configure(configs: Path, project: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A project's file, in the folder that flows find their projects in."""
    (configs / "projects").mkdir(exist_ok=True)
    (configs / "projects" / f"{project}.yaml").touch()
    monkeypatch.setenv("BOLI_CONFIGS", str(configs))


PUBLISH = next(each for each in SCHEDULED if each.flow == "publish")


@pytest.mark.slow
def test_a_schedule_chosen_in_the_portal_is_kept_when_the_flows_are_deployed_again(
    prefect_api, tmp_path, monkeypatch
):
    configure(tmp_path, "restarted", monkeypatch)
    server = FlowServer(prefect_api.api, prefect_api.auth_string)
    chosen = Schedule("15 4 * * 1", "Asia/Kolkata", False)

    deployment("restarted", PUBLISH).apply()
    first = server.deployment("restarted", "publish")
    server.set_schedule(first, chosen)
    deployment("restarted", PUBLISH).apply()

    assert first.schedule == Schedule(PUBLISH.cron, "Asia/Kolkata", True)
    assert server.deployment("restarted", "publish").schedule == chosen


@pytest.mark.slow
def test_a_project_that_is_made_while_the_flows_run_is_taken_up_and_the_others_left_alone(
    prefect_api, tmp_path, monkeypatch
):
    configure(tmp_path, "early", monkeypatch)
    runner, taken_up = Runner(limit=1), set[str]()
    take_up_new(runner, tmp_path, taken_up)

    configure(tmp_path, "later", monkeypatch)
    asyncio.run(look_for_new(runner, tmp_path, taken_up))  # as beside the runner, on its event loop

    server = FlowServer(prefect_api.api, prefect_api.auth_string)
    assert {each.flow for each in server.deployments("later")} == {each.flow for each in SCHEDULED}
    assert taken_up == {"early", "later"}
