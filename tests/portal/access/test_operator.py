"""The operator brings the first people in, from the command line."""

import json
import sys

import pytest

from boli.cli import main
from boli.serve.portal_context import open_portal_context
from catalog.config.settings import load_settings
from portal.access.api_tokens import look_up_token
from tests.portal.access.newcomer import PIN, phone, send


@pytest.fixture
def said(tmp_path, monkeypatch, capsys):
    """Run a command in an empty home: its exit status, and what it wrote on both streams."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BOLI_HOME", str(tmp_path / "home"))

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["boli", *words])
        try:
            main()
            status = 0
        except SystemExit as end:
            status = int(end.code or 0)
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return run


def test_the_link_of_the_command_line_brings_its_person_in(said):
    said("people", "add", "meera", "--role", "manager", "--language", "te")

    status, out, _ = said("people", "invite", "meera", "--json")

    assert status == 0
    with open_portal_context(load_settings()) as portal:
        path = json.loads(out)["link"].removeprefix(portal.address)
        assert send(phone(portal), path, secret=PIN, again=PIN).status_code == 303


def test_a_token_of_the_command_line_is_its_owners(said):
    said("people", "add", "ravi", "--role", "ml_reader", "--language", "te")
    said("people", "add", "asha", "--role", "transcriber", "--language", "te")

    _, out, _ = said("people", "token", "ravi", "--days", "30")
    refused, _, why = said("people", "token", "asha")
    nobody, _, who = said("people", "invite", "nobody")

    with open_portal_context(load_settings()) as portal, portal.catalog.reading() as session:
        caller = look_up_token(session, out.splitlines()[0], now=portal.clock())
    assert caller is not None and caller.handle == "ravi"
    assert refused == nobody == 1
    assert "asha is none" in why and "boli people list" in who
