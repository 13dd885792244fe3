"""Requests of a portal whose operator asked for traces: by their routes, with nothing of who asks or what about."""

import logging
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from uvicorn.config import LOGGING_CONFIG

from boli.serve.service import answers
from catalog import tracing
from catalog.config.settings import ROOT
from catalog.states import Role
from portal.http.traced_requests import WithTrace, traced_logs
from tests.otlp_receiver import Receiver, receiver
from tests.portal.people import sign_in
from tests.portal.record.test_speaker_pages import FACTS
from tests.processes import free_ports
from tests.waiting import PATIENCE_SECONDS, until

pytest.importorskip("opentelemetry.sdk")


@pytest.fixture
def traced(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    with receiver() as received:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", received.address)
        tracing.start("boli-portal", "1")
        yield received
        tracing.stop()


def test_a_request_is_a_span_by_its_route_with_what_it_asked_of_the_catalogue(portal, client, traced):
    meera = sign_in(portal, "meera", [Role.MANAGER])

    assert meera.browser(client).get("/manage/audit?person=meera").status_code == 200
    tracing.stop()

    (request,) = traced.named("GET /manage/audit")
    assert request.attributes == {
        "http.request.method": "GET",
        "http.route": "/manage/audit",
        "http.response.status_code": 200,
    }
    assert {span.name for span in traced.parts_of(request)} >= {"catalog read"}


def test_no_personal_data_and_no_id_is_in_any_span(portal, client, traced):
    asha = sign_in(portal, "asha", [Role.COORDINATOR, Role.MANAGER])
    browser = asha.browser(client)
    assert browser.post("/speakers", data=FACTS | {"token": asha.token}).status_code == 303
    for address in (
        "/record",
        "/speakers?find=Lakshmi",
        "/speakers/speaker-0123456789abcdef",
        "/manage/people",
        "/manage/audit?person=asha",
        "/invite/a-code-that-lets-somebody-in",
        "/nowhere/Lakshmi",
        "/api/v1/clips/clip-0123456789abcdef",
    ):
        browser.get(address)
    browser.request("LAKSHMI", "/record")
    tracing.stop()

    assert len(traced.named("GET /record")) == 1 and len(traced.spans) > 12
    secret = ("asha", "Lakshmi", "LAKSHMI", "98480", "DUM-014", "Godda", "0123456789abcdef", "a-code-that")
    for body in traced.bodies:
        assert [each for each in (*secret, asha.person_id, asha.token) if each.encode() in body] == []
    assert {name for span in traced.spans for name in span.attributes} <= tracing.ATTRIBUTES


def test_what_a_client_says_of_a_trace_is_not_believed(portal, client, traced):
    client.get("/health", headers={"traceparent": f"00-{'ab' * 16}-{'cd' * 8}-01"})
    tracing.stop()

    (request,) = traced.named("GET /health")
    assert request.trace != "ab" * 16 and request.parent == ""


def test_a_portal_as_it_is_started_sends_its_spans_and_its_log_names_their_traces(tmp_path):
    (port,) = free_ports(1)
    with receiver() as received, (tmp_path / "log").open("wb") as log:
        served = subprocess.Popen(
            [sys.executable, "-m", "boli.serve.portal"],
            env={
                **os.environ,
                "BOLI_HOME": str(tmp_path / "home"),
                "BOLI_PORTAL_PORT": str(port),
                "BOLI_TRACES": "true",
                "OTEL_EXPORTER_OTLP_ENDPOINT": received.address,
            },
            cwd=ROOT,
            stdout=log,
            stderr=log,
        )
        try:
            until(lambda: answers(f"http://127.0.0.1:{port}/health"))
        finally:
            served.terminate()
            served.wait(timeout=PATIENCE_SECONDS)
        lines = (tmp_path / "log").read_text("utf-8").splitlines()

        spans = received.named("GET /health")
        assert spans and {span.service for span in spans} == {"boli-portal"}
        asked = [line.rpartition(" trace=")[2] for line in lines if "GET /health" in line]
        assert asked and set(asked) == {span.trace for span in spans}


def test_lines_of_our_own_logs_name_their_trace_too(traced):
    config = traced_logs(LOGGING_CONFIG)
    line = logging.LogRecord("boli.uploads", logging.WARNING, "x.py", 1, "%s went", ("one",), None)

    with tracing.span("POST /uploads"):
        assert WithTrace().filter(line)
        trace = tracing.trace_id()

    shown = logging.Formatter(config["formatters"]["default"]["fmt"].replace("%(levelprefix)s ", "")).format(
        line
    )
    assert shown == f"one went trace={trace}"
    assert config["loggers"]["boli"]["handlers"] == ["default"]
