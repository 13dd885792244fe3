"""Machine drafts: a manager sees what is corrected of a model, and has more clips chosen, without a command line."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from catalog.config.recognisers import Recogniser
from catalog.states import ChosenBy, Role
from catalog.tables import AuditEvent, Task
from portal.app import create_app
from portal.context import PortalContext
from tests.portal.datasets.flows import Deployed, deploy
from tests.portal.people import sign_in
from tests.servers import PrefectServer
from transcription.drafts.correcting import Draw, ask_for_correction

MODEL = "onnx:0123456789ab"
BROUGHT = Recogniser(onnx="models/te.onnx", vocabulary="models/te.json")


def bringing(portal: PortalContext, recogniser: Recogniser, project: str = "demo") -> PortalContext:
    rules = replace(portal.projects[project], recognisers={"te": recogniser})
    return replace(portal, projects={**portal.projects, project: rules})


@dataclass(frozen=True)
class Asking:
    browser: TestClient
    deployed: Deployed


@pytest.fixture
def asking(portal: PortalContext, prefect_server: PrefectServer) -> Iterator[Asking]:
    """A manager of a project that brings a model, whose flow `draft` is deployed and run by nobody."""
    made = deploy(portal, prefect_server, flow="draft")
    made = replace(made, portal=bringing(made.portal, BROUGHT, made.project))
    with TestClient(create_app(made.portal), base_url=made.portal.address, follow_redirects=False) as browser:
        person = sign_in(made.portal, "meera", [Role.MANAGER], project=made.project)
        yield Asking(person.browser(browser), made)


@contextmanager
def browsing(portal: PortalContext) -> Iterator[TestClient]:
    with TestClient(create_app(portal), base_url=portal.address, follow_redirects=False) as browser:
        yield sign_in(portal, "meera", [Role.MANAGER]).browser(browser)


def test_clips_by_which_a_model_is_corrected_are_counted_by_how_they_were_chosen(
    busy_portal: PortalContext,
):
    portal = busy_portal
    draw = Draw(project_id="demo", language="te", model=MODEL, chosen_by=ChosenBy.LEAST_SURE)
    with portal.catalog.writing() as session:
        clips = session.scalars(select(Task.clip_id).where(Task.language == "te").limit(2)).all()
        for clip_id in clips:
            assert ask_for_correction(session, draw, clip_id, actor="tests", now=portal.clock())

    with browsing(portal) as browser:
        page = browser.get("/manage/drafts").text

    assert len(clips) > 0
    assert MODEL in page and "Where the model is least sure" in page
    assert "Have people correct a model" not in page, "the project names no recogniser"


@pytest.mark.slow  # Prefect's server takes seconds to start
def test_clips_are_asked_for_once_however_often_the_button_is_pressed(
    asking: Asking, prefect_server: PrefectServer
):
    page = asking.browser.get("/manage/drafts").text
    request_id = re.search(r'name="request_id" value="([^"]+)"', page)[1]
    form = {"language": "te", "count": "40", "by": "chance", "request_id": request_id}

    answers = [asking.browser.post("/manage/drafts/correct", data=form) for _ in range(2)]

    assert {(each.status_code, each.headers["location"]) for each in answers} == {
        (303, "/manage/drafts?said=asked")
    }
    wanted = {"deployments": {"id": {"any_": [asking.deployed.deployment_id]}}}
    asked = [run for run in prefect_server.ask("flow_runs/filter", wanted) if "asked-for" in run["tags"]]
    assert [run["parameters"] for run in asked] == [
        {
            "project": asking.deployed.project,
            "correct": {"language": "te", "count": 40, "chosen_by": "chance"},
        }
    ]
    assert "Asked for" in asking.browser.get(answers[0].headers["location"]).text
    with asking.deployed.portal.catalog.reading() as session:
        events = session.scalars(select(AuditEvent).where(AuditEvent.action == "flow.asked_for")).all()
    assert asked[0]["id"] in {event.detail["run"] for event in events}


@pytest.mark.parametrize(
    ("form", "status", "location"),
    [
        ({"by": "least_sure"}, 303, "/manage/drafts?said=unsure"),
        ({"language": "kn"}, 404, None),
        ({"count": "0"}, 422, None),
        ({"count": "20001"}, 422, None),
    ],
)
def test_what_can_not_be_chosen_is_refused_before_anybody_is_asked(
    portal: PortalContext, form: dict[str, str], status: int, location: str | None
):
    whole = {"language": "te", "count": "5", "by": "chance", "request_id": "r1", **form}

    with browsing(bringing(portal, Recogniser(service="small"))) as browser:
        answer = browser.post("/manage/drafts/correct", data=whole)

    assert (answer.status_code, answer.headers.get("location")) == (status, location)
