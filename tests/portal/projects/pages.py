"""A form of the settings as a browser has it: what stands in it, changed here and there, sent."""

import html
import re
from collections.abc import Mapping

from fastapi.testclient import TestClient
from httpx2 import Response  # what the test client of this Starlette answers with

_HIDDEN = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)">')


def hidden_of(page: str) -> dict[str, str]:
    """The hidden fields of a page but for its token, which the client sends as a header."""
    found = {html.unescape(name): html.unescape(value) for name, value in _HIDDEN.findall(page)}
    found.pop("token", None)
    return found


def form_of(page: str) -> dict[str, str | list[str]]:
    """What a browser would send of a page on which nobody touched anything."""
    hidden = hidden_of(page)
    shown: dict[str, str | list[str]] = {}
    for name, was in hidden.items():
        if name.startswith("was:"):
            setting = name.removeprefix("was:")
            many = f'type="checkbox" name="{html.escape(setting)}"' in page
            shown[setting] = was.split("\n") if many else was
    return {**hidden, **shown}


def fill(client: TestClient, part: str, values: Mapping[str, str | list[str]]) -> Response:
    """Open a part of the settings, change these fields, and press Save."""
    form = form_of(client.get(f"/manage/settings/{part}").text)
    return client.post(f"/manage/settings/{part}", data={**form, **values})


def agree(client: TestClient, answer: Response, part: str, values: Mapping[str, str]) -> Response:
    """Press Save once more, after what is dangerous was shown."""
    return client.post(f"/manage/settings/{part}", data={**form_of(answer.text), **values})
