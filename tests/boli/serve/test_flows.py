"""The flows that `boli up` deploys: a schedule that people chose outlives a restart."""

import pytest

from boli.serve.deployments import SCHEDULED
from boli.serve.flows import deployment
from portal.datasets.flow_server import FlowServer, Schedule

PUBLISH = next(each for each in SCHEDULED if each.flow == "publish")


@pytest.mark.slow
def test_a_schedule_chosen_in_the_portal_is_kept_when_the_flows_are_deployed_again(prefect_api):
    server = FlowServer(prefect_api.api, prefect_api.auth_string)
    chosen = Schedule("15 4 * * 1", "Asia/Kolkata", False)

    deployment("restarted", PUBLISH).apply()
    first = server.deployment("restarted", "publish")
    server.set_schedule(first, chosen)
    deployment("restarted", PUBLISH).apply()

    assert first.schedule == Schedule(PUBLISH.cron, "Asia/Kolkata", True)
    assert server.deployment("restarted", "publish").schedule == chosen
