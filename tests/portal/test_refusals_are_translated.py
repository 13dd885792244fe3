"""Whoever is refused reads why in their own language: what lower rooms say to people is a Sentence."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from portal.i18n.translation import COOKIE
from tests.portal.crawler import ENGLISH, english_in
from tests.portal.routes_table import Door, all_routes, filled, rule_of
from tests.portal.two_projects import things_of

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("catalog", "transcription", "releases", "portal")
SHOWN = {"NotAllowed", "LeaseLost", "UnreadableTable", "UndecodableText", "InvalidSpans", "BadSpan"}
"""Errors whose words pages show; those made from them too."""


def classes_shown(trees: list[ast.Module]) -> set[str]:
    """The names of SHOWN and of all that inherit from them."""
    shown = set(SHOWN)
    while True:
        more = {
            each.name
            for tree in trees
            for each in ast.walk(tree)
            if isinstance(each, ast.ClassDef)
            and any(isinstance(base, ast.Name) and base.id in shown for base in each.bases)
        }
        if more <= shown:
            return shown
        shown |= more


def made(tree: ast.Module, names: set[str]) -> Iterator[ast.Call]:
    """Where such an error is made, raised at once or handed on."""
    for each in ast.walk(tree):
        if isinstance(each, ast.Call) and isinstance(each.func, ast.Name) and each.func.id in names:
            yield each


def test_no_refusal_that_pages_show_is_a_bare_english_text():
    files = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]
    trees = {path: ast.parse(path.read_text("utf-8")) for path in files}
    names = classes_shown(list(trees.values()))

    bare = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path, tree in trees.items()
        for call in made(tree, names)
        if any(isinstance(given, ast.JoinedStr | ast.Constant | ast.BinOp) for given in call.args)
    ]

    assert {"HeldBack", "NotImpartial", "TimesChanged"} <= names
    assert bare == []


FIELDS = sorted(
    {
        name
        for page in (ROOT / "portal" / "templates").rglob("*.j2")
        for name in re.findall(r' name="([a-z_]+)"', page.read_text("utf-8"))
    }
    - {"token"}
)
"""Of all forms that there are: each is sent all of them, and takes those that it knows."""
QUERY = {
    "first": "\u00a7",
    "last": "\u00a7",
    "of": "/write",
    "month": "\u00a7",
    "language": "\u00a7",
    "state": "\u00a7",
}
WORKBOOKS = (
    b"PK\x03\x04 and nothing else",
    b"\xd0\xcf\x11\xe0 of long ago",
    b"\xff\xfe\x00",
    b"a;b;c\n1;2;3\n",
)
LEFT_OUT = {
    "/language",  # changes what is looked at
    "/project",
    "/sign-out",
    "/health",  # for machines
    "/metrics",
    "/manifest.webmanifest",
}


@pytest.mark.slow
@pytest.mark.parametrize("language", ["hi", "ur"])
def test_whoever_sends_what_cant_be_taken_reads_why_in_their_own_language(
    portal, client: TestClient, language
):
    things = things_of(portal, client, "demo")
    title = portal.projects["demo"].title
    found: dict[str, list[str]] = {}
    for method, path in all_routes(cast(FastAPI, client.app)):
        if (
            path in LEFT_OUT
            or rule_of(method, path).door is Door.TOKEN
            or path.startswith(("/uploads", "/api/v1"))
        ):
            continue
        for sent in _attempts(method):
            for places in ({}, things.places):
                client.cookies.clear()
                browser = things.somebody.browser(client)
                browser.cookies.set(COOKIE, language)
                answer = browser.request(
                    method,
                    filled(path, places),
                    headers={"Accept": "text/html"},
                    follow_redirects=False,
                    **sent,
                )
                said = [each for each in _english(answer) if each.strip() not in title]
                if answer.status_code >= 400 and said:
                    found[f"{method} {path}"] = said

    assert not found, "\n".join(f"{where}: {said}" for where, said in found.items())


def _attempts(method: str) -> Iterator[dict[str, Any]]:
    """Ways to ask for what can't be had, as keywords of a request."""
    if method != "POST":
        yield {"params": QUERY}
        return
    yield {"data": {}}
    for nonsense in ("\u00a7", "-1", "\u00a7" * 3000):
        yield {"data": dict.fromkeys(FIELDS, nonsense)}
    for workbook in WORKBOOKS:
        yield {"data": {"language": "te"}, "files": {"file": ("list.xlsx", workbook)}}
    yield {"json": {}}


def _english(answer) -> tuple[str, ...]:
    kind = answer.headers.get("content-type", "")
    if kind.startswith("text/html"):
        return english_in(answer.text)
    if kind.startswith("application/json") and isinstance(answer.json(), dict):
        error = answer.json().get("error", {})
        # faults of a body that only our own scripts and programs send name its fields
        return tuple(ENGLISH.findall(error.get("message", ""))) if error.get("code") != "not_valid" else ()
    return ()
