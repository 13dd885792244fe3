"""Prefect's own pages in a browser, as somebody opens them beside `boli up`."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, StorageState, expect

from boli.serve.prefect_environment import new_auth_string
from boli.serve.prefect_server import CLOSED, OWN_NAMES, variables
from boli.serve.service import answers
from tests.processes import free_ports
from tests.waiting import PATIENCE_SECONDS, until

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def auth_string() -> str:
    return new_auth_string()


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory, auth_string: str) -> Iterator[int]:
    """Of a server with its pages."""
    (port,) = free_ports(1)
    home: Path = tmp_path_factory.mktemp("prefect")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    environment |= {
        **variables(port, auth_string),
        "PREFECT_HOME": str(home),
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    }
    process = subprocess.Popen([sys.executable, "-m", "boli.serve.prefect_server"], env=environment)
    try:
        until(lambda: answers(f"http://127.0.0.1:{port}/api/health", statuses=(CLOSED,)), seconds=180)
        yield port
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("name", OWN_NAMES)
def test_the_browser_asks_for_name_and_password_once_and_the_pages_open(
    browser: Browser, port: int, auth_string: str, name: str
) -> None:
    origin = f"http://{name}:{port}"
    user, _, password = auth_string.partition(":")
    of_a_server_before: StorageState = {
        "cookies": [],
        "origins": [
            {"origin": origin, "localStorage": [{"name": "prefect-password", "value": "Ym9saTpvbGQ="}]}
        ],
    }
    with browser.new_context(
        http_credentials={"username": user, "password": password}, storage_state=of_a_server_before
    ) as context:
        page = context.new_page()
        refused: list[str] = []
        page.on("response", lambda answer: refused.append(answer.url) if answer.status >= 400 else None)

        page.goto(f"{origin}/")

        expect(page.get_by_text("Deployments").first).to_be_visible(timeout=PATIENCE_SECONDS * 1000)
        page.goto(f"{origin}/deployments")
        expect(page.get_by_text("create a deployment").first).to_be_visible(timeout=PATIENCE_SECONDS * 1000)
        expect(page.locator("input[type=password]")).to_have_count(0)
        assert [url for url in refused if "/api/" in url] == []


def test_no_page_script_or_picture_is_given_to_a_browser_that_does_not_sign_in(
    browser: Browser, port: int
) -> None:
    with browser.new_context() as context:
        for path in (
            "/",
            "/deployments",
            "/ui-settings",
            "/favicon.ico",
            "/docs",
            "/api/health",
            "/index.html",
        ):
            answer = context.request.get(f"http://127.0.0.1:{port}{path}")

            assert (answer.status, answer.json()) == (401, {"exception_message": "Unauthorized"}), path
