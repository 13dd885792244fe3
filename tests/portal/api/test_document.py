"""The API does what its own description says, whatever it is sent."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
import schemathesis
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import Phase, settings
from schemathesis.config import SchemathesisConfig
from starlette.types import Receive, Scope, Send

from catalog.states import Role
from portal.api.document import openapi
from portal.app import create_app
from tests.portal.api.conftest import token_for
from tests.portal.people import sign_in

DOCUMENT = "/api/v1/openapi.json"


CONFIG = SchemathesisConfig.from_dict({"generation": {"mode": "all", "deterministic": True}})
SCHEMA = schemathesis.openapi.from_dict(openapi("0"), config=CONFIG)


class Stage:
    """The application of the test that runs: the calls are gathered before there is one."""

    playing: FastAPI

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.playing(scope, receive, send)


STAGE = SCHEMA.app = Stage()


@dataclass(frozen=True, slots=True)
class Running:
    """An API, a token for it, and values that lead somewhere in it."""

    app: FastAPI
    token: str
    there: Mapping[str, str]


@pytest.fixture
def running(deployed) -> Running:
    there = {"project": deployed.project, "name": "tiny", "version": "1.1.0", "flow": "publish"}
    return Running(create_app(deployed.portal), token_for(deployed.portal, "leela"), there)


@pytest.mark.slow
@SCHEMA.parametrize()
@settings(max_examples=12, phases=[Phase.explicit, Phase.generate])
def test_every_answer_is_as_described_and_none_is_a_fault_of_the_server(case, running):
    if case.meta.generation.mode.is_positive:
        given = case.path_parameters or {}
        case.path_parameters = {name: running.there.get(name, value) for name, value in given.items()}
    STAGE.playing = running.app

    case.call_and_validate(headers={"Authorization": f"Bearer {running.token}"})


def test_the_description_is_open_and_says_how_to_come_in(program, portal):
    with TestClient(create_app(portal), base_url=portal.address) as anybody:
        document = anybody.get(DOCUMENT).json()

    assert document["components"]["securitySchemes"] == {
        "HTTPBearer": {"type": "http", "scheme": "bearer"} | _described(document)
    }
    for path, methods in document["paths"].items():
        assert path.startswith("/api/v1/")
        for call in methods.values():
            assert call["security"] == [{"HTTPBearer": []}]
            assert {"401", "403", "422", "503"} <= set(call["responses"])
            assert call["summary"] and call["description"]


def _described(document):
    return {"description": document["components"]["securitySchemes"]["HTTPBearer"]["description"]}


def test_every_example_is_as_its_own_description_says(portal):
    from jsonschema import Draft202012Validator

    with TestClient(create_app(portal), base_url=portal.address) as anybody:
        document = anybody.get(DOCUMENT).json()

    for name, described in document["components"]["schemas"].items():
        for example in described["examples"]:
            validator = Draft202012Validator({"$ref": f"#/components/schemas/{name}", **document})
            assert not list(validator.iter_errors(example)), name


def test_each_call_of_the_page_for_people_is_one_that_works(portal, program):
    with TestClient(create_app(portal), base_url=portal.address) as browser:
        page = sign_in(portal, "meera", [Role.MANAGER]).browser(browser).get("/api").text

    curls = re.findall(r"<code>(curl.*?)</code>", page, re.S)
    document = program.get(DOCUMENT).json()
    assert len(curls) == sum(len(methods) for methods in document["paths"].values())
    reads = [curl for curl in curls if "--request" not in curl]
    for curl in reads:
        address = urlsplit(re.search(r"&#39;(http.*?)&#39;", curl)[1])
        path = address.path.replace("boli-demo", "tiny")
        if "&lt;" not in path and "schedules" not in path:
            assert program.get(path).status_code == 200, path
