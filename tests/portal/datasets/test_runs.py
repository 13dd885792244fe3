"""Flows asked for and scheduled from the portal, on a real Prefect server."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from catalog.states import Role
from catalog.tables import AuditEvent
from portal.app import create_app
from portal.datasets.flow_server import Schedule
from portal.datasets.schedules import NotASchedule, ScheduleForm, checked_cron, schedule_form, schedule_of
from tests.portal.datasets.flows import deploy
from tests.portal.people import sign_in
from tests.processes import free_ports

ZONE = "Asia/Kolkata"


@pytest.fixture
def manager(deployed) -> Iterator[TestClient]:
    app = create_app(deployed.portal)
    with TestClient(app, base_url=deployed.portal.address, follow_redirects=False) as browser:
        yield sign_in(deployed.portal, "meera", [Role.MANAGER], project=deployed.project).browser(browser)


@pytest.mark.slow  # Prefect's server takes seconds to start
def test_a_run_is_asked_for_once_however_often_the_button_is_pressed(manager, deployed, prefect_server):
    page = manager.get("/datasets/runs").text
    request_id = re.search(r'name="request_id" value="([^"]+)"', page)[1]

    answers = [manager.post("/datasets/runs/publish", data={"request_id": request_id}) for _ in range(2)]

    assert {(each.status_code, each.headers["location"]) for each in answers} == {
        (303, "/datasets/runs?said=asked&flow=publish")
    }
    wanted = {"deployments": {"id": {"any_": [deployed.deployment_id]}}}
    asked = [run for run in prefect_server.ask("flow_runs/filter", wanted) if "asked-for" in run["tags"]]
    assert len(asked) == 1
    assert asked[0]["parameters"] == {"project": deployed.project}
    said = manager.get(answers[0].headers["location"]).text
    assert "Asked for: Publish a version." in said and "waits for its turn" in said
    with deployed.portal.catalog.reading() as session:
        events = session.scalars(select(AuditEvent).where(AuditEvent.action == "flow.asked_for")).all()
    assert {event.detail["run"] for event in events} == {asked[0]["id"]}


@pytest.mark.slow
def test_a_schedule_is_set_and_switched_off_and_keeps_its_times(manager, deployed, prefect_server):
    form = {"how": "week", "clock": "04:45", "day": "1"}

    assert manager.post("/datasets/runs/publish/schedule", data=form).status_code == 303
    set_to = prefect_server.ask(f"deployments/{deployed.deployment_id}")["schedules"]
    said = manager.get("/datasets/runs").text
    manager.post("/datasets/runs/publish/schedule", data={"how": "off"})
    off = prefect_server.ask(f"deployments/{deployed.deployment_id}")["schedules"]

    assert [(each["schedule"]["cron"], each["schedule"]["timezone"], each["active"]) for each in set_to] == [
        ("45 4 * * 1", ZONE, True)
    ]
    assert "every Monday at 04:45" in said
    assert [(each["schedule"]["cron"], each["active"]) for each in off] == [("45 4 * * 1", False)]
    assert [each["slug"] for each in off] == ["chosen"]


@pytest.mark.slow
def test_a_reader_sees_when_flows_run_and_has_no_button(manager, deployed):
    reader = sign_in(deployed.portal, "leela", [Role.ML_READER], project=deployed.project).browser(manager)

    page = reader.get("/datasets/runs")

    assert page.status_code == 200 and "every day at 02:30" in page.text
    assert "Run now" not in page.text and "Change the schedule" not in page.text
    assert reader.post("/datasets/runs/publish", data={"request_id": "1"}).status_code == 403
    assert reader.post("/datasets/runs/publish/schedule", data={"how": "off"}).status_code == 403


@pytest.mark.slow
@pytest.mark.parametrize(
    "form",
    [{"how": "off"}, {"how": "week", "clock": "04:45", "day": "1"}, {"how": "own", "cron": "0 4 1 * *"}],
)
def test_the_flow_that_obeys_withdrawals_is_made_rarer_to_once_a_day_and_no_more(
    deployed, prefect_server, form
):
    collecting = deploy(deployed.portal, prefect_server, flow="collect")
    with TestClient(create_app(collecting.portal), follow_redirects=False) as browser:
        manager = sign_in(collecting.portal, "bina", [Role.MANAGER], project=collecting.project).browser(
            browser
        )
        answer = manager.post("/datasets/runs/collect/schedule", data=form)

        assert answer.headers["location"] == "/datasets/runs?said=too_rare&flow=collect"
        assert "withdrawals" in manager.get(answer.headers["location"]).text
        (kept,) = prefect_server.ask(f"deployments/{collecting.deployment_id}")["schedules"]
        assert (kept["schedule"]["cron"], kept["active"]) == ("30 2 * * *", True)


@pytest.mark.slow
@pytest.mark.parametrize(
    "cron", ["99 2 * * *", "0 0 31 2 *", "* * * *", "rm -rf", "*/0 * * * *", "5-1 * * * *"]
)
def test_a_time_that_never_comes_is_refused_with_words(manager, deployed, prefect_server, cron):
    answer = manager.post("/datasets/runs/publish/schedule", data={"how": "own", "cron": cron})

    assert answer.headers["location"] == "/datasets/runs?said=no_time&flow=publish"
    (kept,) = prefect_server.ask(f"deployments/{deployed.deployment_id}")["schedules"]
    assert kept["schedule"]["cron"] == "30 2 * * *"
    assert "no time to run at" in manager.get(answer.headers["location"]).text


@pytest.mark.slow
def test_a_run_is_asked_for_in_the_project_that_one_looks_at(manager, deployed, prefect_server):
    assert manager.post("/datasets/runs/segment", data={"request_id": "1"}).status_code == 404

    other = sign_in(deployed.portal, "other", [Role.MANAGER], project="field").browser(manager)
    other.post("/datasets/runs/publish", data={"request_id": "1"})

    wanted = {"deployments": {"id": {"any_": [deployed.deployment_id]}}}
    assert not [run for run in prefect_server.ask("flow_runs/filter", wanted) if "asked-for" in run["tags"]]


def test_a_prefect_that_is_away_is_told_in_words(portal):
    for address in (None, f"http://127.0.0.1:{free_ports(1)[0]}/api"):
        app = create_app(replace(portal, prefect=address))
        with TestClient(app, base_url=portal.address, follow_redirects=False) as browser:
            manager = sign_in(portal, f"meera{address}", [Role.MANAGER]).browser(browser)
            page = manager.get("/datasets/runs")
            asked = manager.post("/datasets/runs/publish", data={"request_id": "1"})

        assert page.status_code == asked.status_code == 503
        assert "does not answer" in page.text and "does not answer" in asked.json()["error"]["message"]


@pytest.mark.parametrize(
    ("cron", "plan"),
    [
        ("*/15 * * * *", ScheduleForm("quarter", cron="*/15 * * * *")),
        ("5 * * * *", ScheduleForm("hour", "00:05", cron="5 * * * *")),
        ("0 0 * * *", ScheduleForm("day", "00:00", cron="0 0 * * *")),
        ("30 14 * * 6", ScheduleForm("week", "14:30", 6, "30 14 * * 6")),
        ("0 3 1,15 * *", ScheduleForm("own", cron="0 3 1,15 * *")),
    ],
)
def test_a_schedule_reads_as_people_say_it_and_back(cron, plan):
    schedule = Schedule(cron, ZONE, True)

    assert schedule_form(schedule) == plan
    assert schedule_of(plan, None) == schedule
    assert schedule_form(replace(schedule, active=False)).how == "off"


def test_quarters_of_an_hour_keep_the_minute_at_which_they_begin():
    schedule = Schedule("10-59/15 * * * *", ZONE, True)

    assert schedule_form(schedule).how == "quarter"
    assert schedule_of(ScheduleForm("quarter"), schedule) == schedule
    assert schedule_of(ScheduleForm("quarter"), replace(schedule, cron="30 2 * * *")).cron == "*/15 * * * *"


@pytest.mark.parametrize("cron", ["0 0 29 2 *", "*/7 1-5 * 1-12/2 0,6", "59 23 31 12 7"])
def test_cron_that_comes_true_some_day_is_taken(cron):
    assert checked_cron(f"  {cron} ") == cron


@pytest.mark.parametrize("clock", ["", "24:00", "1:00", "01:60", "0१:00"])
def test_a_clock_that_is_none_is_refused(clock):
    with pytest.raises(NotASchedule):
        schedule_of(ScheduleForm("day", clock), None)
