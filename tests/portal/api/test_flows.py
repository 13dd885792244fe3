"""Runs and schedules as a program asks for them, on a real Prefect server."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient

from catalog.states import Role
from portal.app import create_app
from tests.portal.api.conftest import token_for
from tests.portal.datasets.flows import deploy

pytestmark = pytest.mark.slow  # Prefect's server takes seconds to start


@pytest.fixture
def program(deployed) -> Iterator[TestClient]:
    with TestClient(create_app(deployed.portal), base_url=deployed.portal.address) as client:
        token = token_for(deployed.portal, "meera", Role.MANAGER, project=deployed.project)
        client.headers["Authorization"] = f"Bearer {token}"
        yield client


def test_a_reader_looks_at_runs_and_schedules_and_sets_none(program, deployed):
    address = f"/api/v1/projects/{deployed.project}"
    asked = program.post(f"{address}/runs", json={"flow": "publish"}).json()
    token = token_for(deployed.portal, "leela", project=deployed.project)
    program.headers["Authorization"] = f"Bearer {token}"

    assert program.get(f"{address}/schedules/publish").status_code == 200
    assert program.get(f"/api/v1/runs/{asked['id']}").status_code == 200
    assert program.post(f"{address}/runs", json={"flow": "publish"}).status_code == 403
    assert program.put(f"{address}/schedules/publish", json={"cron": "0 4 * * *"}).status_code == 403


def test_runs_and_schedules_of_another_project_are_not_there(program, deployed):
    asked = program.post(f"/api/v1/projects/{deployed.project}/runs", json={"flow": "publish"}).json()
    address = f"/api/v1/projects/{deployed.project}"
    token = token_for(deployed.portal, "usha", Role.MANAGER, project="field")
    program.headers["Authorization"] = f"Bearer {token}"

    assert program.get(f"/api/v1/runs/{asked['id']}").status_code == 404
    assert program.get(f"{address}/schedules").status_code == 404
    assert program.post(f"{address}/runs", json={"flow": "publish"}).status_code == 404
    assert program.put(f"{address}/schedules/publish", json={"cron": "0 4 * * *"}).status_code == 404


@pytest.mark.parametrize(
    "wanted", [{"cron": "0 4 * * *", "active": False}, {"cron": "0 4 * * 1"}, {"cron": "0 4 1 * *"}]
)
def test_the_flow_that_obeys_withdrawals_is_not_stopped_nor_made_rarer_than_once_a_day(
    deployed, prefect_server, wanted
):
    collecting = deploy(deployed.portal, prefect_server, flow="collect")
    with TestClient(create_app(collecting.portal), base_url=deployed.portal.address) as client:
        token = token_for(collecting.portal, "bina", Role.MANAGER, project=collecting.project)
        client.headers["Authorization"] = f"Bearer {token}"
        address = f"/api/v1/projects/{collecting.project}/schedules/collect"

        assert client.put(address, json=wanted).status_code == 409
        (kept,) = prefect_server.ask(f"deployments/{collecting.deployment_id}")["schedules"]
        assert (kept["schedule"]["cron"], kept["active"]) == ("30 2 * * *", True)
        assert client.put(address, json={"cron": "15 3 * * *"}).status_code == 200


def test_a_run_is_asked_for_once_for_each_request_and_can_be_followed(program, deployed):
    runs = f"/api/v1/projects/{deployed.project}/runs"
    wanted = {"flow": "publish", "request_id": "nightly-1"}

    first, again = program.post(runs, json=wanted), program.post(runs, json=wanted)
    other = program.post(runs, json={"flow": "publish"})

    assert (first.status_code, other.status_code) == (202, 202)
    assert first.json() == again.json() and other.json()["id"] != first.json()["id"]
    followed = program.get(f"/api/v1/runs/{first.json()['id']}").json()
    assert (followed["flow"], followed["project"], followed["state"]) == (
        "publish",
        deployed.project,
        "SCHEDULED",
    )


def test_a_schedule_is_told_and_set(program, deployed, prefect_server):
    address = f"/api/v1/projects/{deployed.project}/schedules"
    chosen = {"cron": "0 4 * * 1-5", "timezone": "UTC", "active": False}

    (before,) = program.get(address).json()["schedules"]
    answer = program.put(f"{address}/publish", json=chosen)

    assert before["schedule"] == {"cron": "30 2 * * *", "timezone": "Asia/Kolkata", "active": True}
    assert answer.status_code == 200
    assert program.get(f"{address}/publish").json() == answer.json()
    assert answer.json()["schedule"] == chosen
    (kept,) = prefect_server.ask(f"deployments/{deployed.deployment_id}")["schedules"]
    assert (kept["schedule"]["cron"], kept["schedule"]["timezone"]) == ("0 4 * * 1-5", "UTC")


def test_what_can_never_run_or_is_not_there_is_refused(program, deployed):
    address = f"/api/v1/projects/{deployed.project}"

    assert program.put(f"{address}/schedules/publish", json={"cron": "0 0 31 2 *"}).status_code == 409
    zone = {"cron": "0 0 * * *", "timezone": "Mars/Base"}
    assert program.put(f"{address}/schedules/publish", json=zone).status_code == 409
    assert program.post(f"{address}/runs", json={"flow": "segment"}).status_code == 404
    assert program.get(f"/api/v1/runs/{uuid4()}").status_code == 404
    assert program.get("/api/v1/projects/nothing/schedules").status_code == 404
