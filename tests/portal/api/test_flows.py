"""Runs and schedules as a program asks for them, on a real Prefect server."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient

from portal.app import create_app
from tests.portal.api.conftest import token_for

pytestmark = pytest.mark.slow  # Prefect's server takes seconds to start


@pytest.fixture
def program(deployed) -> Iterator[TestClient]:
    with TestClient(create_app(deployed.portal), base_url=deployed.portal.address) as client:
        client.headers["Authorization"] = f"Bearer {token_for(deployed.portal, 'leela')}"
        yield client


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
