"""The portal's start page and its health, over real parts."""

import re
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from catalog.database import open_catalog
from catalog.store import S3Options, open_store
from portal.app import create_app
from portal.http import static_files
from tests.processes import free_ports


def test_health_says_that_all_can_be_reached(client):
    answer = client.get("/health")

    assert answer.status_code == 200
    health = answer.json()
    assert (health["status"], health["catalogue"], health["store"], health["faults"]) == (
        "ok",
        True,
        True,
        {},
    )
    assert re.fullmatch(r"\d+\.\d+\.\d+.*", health["version"])


def test_a_store_that_is_away_is_named_and_its_address_is_not(portal):
    away = S3Options(
        endpoint=f"http://127.0.0.1:{free_ports(1)[0]}", access_key="a", secret_key="b", attempts=1
    )
    with TestClient(create_app(replace(portal, store=open_store("s3://voices", away)))) as browser:
        health, page = browser.get("/health"), browser.get("/")

    assert health.status_code == page.status_code == 503
    assert health.json()["catalogue"] and not health.json()["store"]
    assert (
        "does not answer" in health.json()["faults"]["store"]
        or "no answer" in health.json()["faults"]["store"]
    )
    assert "127.0.0.1" not in health.text
    assert "something it needs is away" in page.text


def test_a_catalogue_that_is_gone_is_named(portal, postgres_server):
    name = postgres_server.create_database()
    catalog = open_catalog(postgres_server.url(name))
    with TestClient(create_app(replace(portal, catalog=catalog))) as browser:
        assert browser.get("/health").status_code == 200
        postgres_server.drop_database(name)
        answer = browser.get("/health")
    catalog.close()

    assert answer.status_code == 503
    assert not answer.json()["catalogue"] and answer.json()["store"]


def test_the_start_page_needs_nothing_from_elsewhere(client):
    page = client.get("/")

    assert page.status_code == 200
    assert "The portal is running." in page.text
    assert "http://" not in page.text and "https://" not in page.text
    assert "style=" not in page.text
    assert all('type="application/json"' in script for script in re.findall("<script([^>]*)>", page.text))
    for address in re.findall(r'(?:href|src)="(/[^"]*)"', page.text):
        assert client.get(address).status_code == 200


@pytest.mark.parametrize(
    "address", ["/", "/health", "/sw.js", static_files.address("mark.svg"), "/not/there", "/docs"]
)
def test_every_answer_carries_the_safe_headers(client, address):
    headers = client.get(address).headers

    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("path", ["style/notebook.css", "js/page.js"])
def test_parts_of_a_page_carry_no_more_than_matters_to_them(client, path):
    headers = client.get(static_files.address(path)).headers

    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["cache-control"].endswith("immutable")
    assert not {"content-security-policy", "etag", "last-modified"} & set(headers)


@pytest.mark.parametrize(
    "address",
    [
        "/docs",
        "/redoc",
        "/openapi.json",
        f"/static/{static_files.build()}/../../app.py",
        f"/static/{static_files.build()}/%2e%2e/app.py",
    ],
)
def test_nothing_else_is_served(client, address):
    assert client.get(address).status_code == 404
