"""Requests of a portal whose operator asked for traces: by their routes, with nothing of who asks or what about."""

import logging
from collections.abc import Iterator

import pytest

from catalog import tracing
from catalog.states import Role
from portal.http.traced_requests import WithTrace
from tests.otlp_receiver import Receiver, receiver
from tests.portal.people import sign_in
from tests.portal.record.test_speaker_pages import FACTS

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


def test_lines_of_the_log_name_the_trace_that_they_belong_to(traced, caplog):
    log = logging.getLogger("boli.test")
    log.addFilter(WithTrace())
    with caplog.at_level(logging.INFO), tracing.span("GET /health"):
        log.info("%s is well", "all")
        trace = tracing.trace_id()

    assert caplog.messages == [f"all is well trace={trace}"]
