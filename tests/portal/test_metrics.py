"""Metrics for Prometheus: true counts, in its own format, for the operator alone, and nothing of anybody."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import select, update

from catalog.states import ClipState, RecordingState, Role
from catalog.tables import Clip, Person, Recording, Speaker
from portal.app import create_app
from portal.context import PortalContext
from tests.portal.people import sign_in

TOKEN = "a-token-of-the-operator"


@contextmanager
def scraper(portal: PortalContext, host: str = "127.0.0.1") -> Iterator[TestClient]:
    """A program that asks from that address."""
    with TestClient(create_app(portal), base_url=portal.address, client=(host, 50_000)) as client:
        yield client


def values(text: str) -> dict[tuple[str, ...], float]:
    """By name and the labels' values, as Prometheus' own reader finds them."""
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_the_queue_is_counted_as_it_is(busy_portal):
    with busy_portal.catalog.reading() as session:
        waiting = len(session.scalars(select(Clip.id).where(Clip.state == ClipState.WAITING)).all())

    with scraper(replace(busy_portal, clock=lambda: busy_portal.clock() + timedelta(hours=3))) as program:
        answer = program.get("/metrics")

    found = values(answer.text)
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert waiting > 0 and found["boli_clips", "demo", "te", "waiting"] == waiting
    assert found["boli_queue_oldest_seconds", "demo", "te", "writing"] >= 3 * 3600
    assert found["boli_files", "demo", "taken"] == 4
    assert (
        found["boli_step_waiting", "demo", "segment"] == found["boli_step_lag_seconds", "demo", "route"] == 0
    )
    assert 0 < found[("boli_disk_free_bytes",)] < found[("boli_disk_size_bytes",)]


def test_a_step_that_stands_still_shows_how_long(busy_portal):
    with busy_portal.catalog.writing() as session:
        session.execute(update(Recording).values(state=RecordingState.ACCEPTED))

    with scraper(replace(busy_portal, clock=lambda: busy_portal.clock() + timedelta(hours=5))) as program:
        found = values(program.get("/metrics").text)

    assert found["boli_step_waiting", "demo", "segment"] == 4
    assert found["boli_step_lag_seconds", "demo", "segment"] >= 5 * 3600


def test_what_waits_for_a_yes_is_no_steps_lag(busy_portal):
    with busy_portal.catalog.writing() as session:
        session.execute(update(Recording).values(state=RecordingState.ACCEPTED))
        session.execute(update(Speaker).values(consent_scopes=""))

    with scraper(busy_portal) as program:
        found = values(program.get("/metrics").text)

    assert found["boli_step_waiting", "demo", "segment"] == 0


def test_requests_are_counted_by_how_they_ended(portal):
    with scraper(portal) as program:
        for path in ("/not/there", "/not/there/either", "/sign-in"):
            program.get(path)
        found = values(program.get("/metrics").text)

    assert (found["boli_requests_total", "4xx"], found["boli_requests_total", "2xx"]) == (2, 1)
    assert found[("boli_request_seconds_total",)] > 0


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
def test_without_a_token_only_this_machine_reads_them_and_nobody_through_a_proxy(portal, header):
    with scraper(portal) as here, scraper(portal, "203.0.113.9") as elsewhere:
        assert here.get("/metrics").status_code == 200
        assert here.get("/metrics", headers={header: "203.0.113.9"}).status_code == 404
        assert elsewhere.get("/metrics").status_code == 404


def test_with_a_token_whoever_sends_it_reads_them_and_nobody_else(portal):
    with scraper(replace(portal, metrics_token=TOKEN), "203.0.113.9") as program:
        assert program.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200
        for wrong in ("", TOKEN, f"Bearer {TOKEN}x", f"Basic {TOKEN}"):
            assert program.get("/metrics", headers={"Authorization": wrong}).status_code == 404
    with scraper(replace(portal, metrics_token=TOKEN)) as here:
        assert here.get("/metrics").status_code == 404


def test_nothing_of_anybody_stands_in_them(busy_portal):
    sign_in(busy_portal, "meera-the-manager", [Role.MANAGER])
    with busy_portal.catalog.reading() as session:
        names = [
            *session.scalars(select(Person.handle)),
            *session.scalars(select(Person.id)),
            *session.scalars(select(Speaker.pseudonym)),
            *session.scalars(select(Speaker.id)),
        ]

    with scraper(busy_portal) as program:
        text = program.get("/metrics").text

    assert names and not [name for name in names if re.search(rf"\b{re.escape(name)}\b", text)]


def test_figures_of_a_large_project_are_kept_and_their_age_is_told(busy_portal):
    now = [busy_portal.clock()]
    large = replace(busy_portal, clips_counted_at_once=0, clock=lambda: now[0])
    with scraper(large) as program:
        first = values(program.get("/metrics").text)
        with busy_portal.catalog.writing() as session:
            session.execute(update(Recording).values(state=RecordingState.ACCEPTED))
        now[0] += timedelta(minutes=10)
        soon = values(program.get("/metrics").text)
        now[0] += timedelta(minutes=10)
        program.get("/metrics")  # whose visit has them counted behind it
        later = values(program.get("/metrics").text)

    segment = ("boli_step_waiting", "demo", "segment")
    age = ("boli_figures_age_seconds", "demo")
    assert (first[segment], first[age]) == (0, 0)
    assert (soon[segment], soon[age]) == (0, 600)
    assert (later[segment], later[age]) == (4, 0)
