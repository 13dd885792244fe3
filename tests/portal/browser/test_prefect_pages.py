"""Prefect's own pages in a browser, as somebody opens them beside `boli up`."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from boli.serve.prefect_environment import new_auth_string
from boli.serve.prefect_server import OWN_NAMES, variables
from boli.serve.service import answers
from tests.processes import free_ports
from tests.waiting import until

pytestmark = pytest.mark.slow
SECONDS = 60.0


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
        until(lambda: answers(f"http://127.0.0.1:{port}/api/health"), seconds=180)
        yield port
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("name", OWN_NAMES)
def test_the_pages_ask_for_the_line_of_the_secret_and_then_open(
    browser: Browser, port: int, auth_string: str, name: str
) -> None:
    page = browser.new_context().new_page()
    page.goto(f"http://{name}:{port}/")
    password = page.locator("input[type=password]")
    expect(password).to_be_visible(timeout=SECONDS * 1000)

    password.fill(auth_string)
    password.press("Enter")

    expect(page.get_by_text("Deployments").first).to_be_visible(timeout=SECONDS * 1000)
    expect(password).to_have_count(0)
