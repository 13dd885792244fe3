"""Runs that died without a word: ended by Prefect's server, so that none stands as running for good."""

import os
import subprocess
import sys
import uuid
from datetime import timedelta

import pytest

from boli.serve import silent_runs
from catalog.config.settings import ROOT
from tests.servers import PrefectServer
from tests.waiting import until

SLEEPER = """
import time
from prefect import flow

@flow(name={name!r}, flow_run_name={name!r})
def sleeper():
    time.sleep(3600)

sleeper()
"""


def rules(server: PrefectServer) -> dict[str, str]:
    """Names of our automations with their ids."""
    found = server.ask("automations/filter", {})
    return {each["name"]: each["id"] for each in found if each["name"].startswith("Boli: ")}


@pytest.mark.slow
def test_a_run_that_kill_9_ended_is_ended_on_the_server_too_and_its_page_says_why(prefect_api):
    name = f"sleeper-{uuid.uuid4().hex[:8]}"
    silent_runs.register(flows=[name], silent=timedelta(seconds=10))
    process = subprocess.Popen(
        [sys.executable, "-c", SLEEPER.format(name=name)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "3600"},
        start_new_session=True,
    )

    def run():
        found = prefect_api.ask("flow_runs/filter", {"flow_runs": {"name": {"any_": [name]}}})
        return found[0] if found else None

    def is_heard():
        wanted = {
            "event": {"name": ["prefect.flow-run.heartbeat"]},
            "resource": {"id": [f"prefect.flow-run.{run()['id']}"]},
        }
        return prefect_api.ask("events/filter", {"filter": wanted})["events"]

    until(lambda: run() is not None and run()["state_type"] == "RUNNING" and is_heard())
    process.kill()
    process.wait()

    until(lambda: run()["state_type"] == "CRASHED")
    assert run()["state"]["message"].startswith("It said nothing for 10 s")


@pytest.mark.slow
def test_the_rules_are_registered_once_and_put_right_where_they_are_other(prefect_api):
    silent_runs.register()
    first = rules(prefect_api)

    silent_runs.register()
    silent_runs.register(silent=timedelta(seconds=45))

    assert rules(prefect_api) == first
    found = {each["name"]: each for each in prefect_api.ask("automations/filter", {})}
    assert found["Boli: end runs that fell silent"]["trigger"]["within"] == 45.0
    assert set(first) == {"Boli: end runs that fell silent", "Boli: end runs that never began"}
