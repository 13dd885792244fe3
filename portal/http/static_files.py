"""Styles, scripts and marks under an address that names their content: kept by browsers for ever, never stale."""

import hashlib
import re
from functools import cache
from pathlib import Path

from fastapi import FastAPI
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOLDER = Path(__file__).resolve().parents[1] / "static"
_IMPORT = re.compile(r"""^(?:import|export)\b[^;]*?\bfrom "(\.[^"]+)";|^import "(\.[^"]+)";""", re.MULTILINE)
_COMMENTS = re.compile(r"^[ \t]*(?://[^\n]*|/\*(?:[^*]|\*(?!/))*\*/[ \t]*)\n", re.MULTILINE)


@cache
def build() -> str:
    """Ten letters that change whenever a file does."""
    digest = hashlib.sha256()
    for path in files():
        digest.update(path.encode() + b"\0" + (FOLDER / path).read_bytes() + b"\0")
    return digest.hexdigest()[:10]


def files() -> list[str]:
    """Every file, relative to the folder, with slashes."""
    return sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*") if path.is_file())


def address(path: str) -> str:
    """Where a browser finds a file, such as `js/page.js`. Modules import each other by relative paths."""
    if not (FOLDER / path).is_file():
        raise FileNotFoundError(f"there is no {path} in portal/static; a page asks for it")
    return f"/static/{build()}/{path}"


@cache
def modules(path: str) -> tuple[str, ...]:
    """What a script imports, and what that imports, but for what comes later by `import()`.

    A page names them at once: on a slow link each round trip counts.
    """
    found: dict[str, None] = {}
    waiting = [path]
    while waiting:
        script = FOLDER / waiting.pop()
        for either in _IMPORT.findall(script.read_text("utf-8")):
            name = "".join(either)
            imported = (script.parent / name).resolve().relative_to(FOLDER).as_posix()
            if imported not in found and imported != path:
                found[imported] = None
                waiting.append(imported)
    return tuple(sorted(found))


def without_comments(script: str) -> str:
    """A script of ours as browsers need it: a quarter of it explains, to people and to the type checker.

    Whole lines alone are left out, as prettier sets them: `// …`, and from a line that begins with `/*` to one that
    ends with `*/`. A line inside a text that looks like one of these would be lost: eslint lets none of ours in
    (no-multi-str; and texts in backticks stand on one line, which a test holds).

    >>> without_comments("// why\\n/** @param {number} a */\\nconst f = (a) => a; // stays\\n")
    'const f = (a) => a; // stays\\n'
    """
    return _COMMENTS.sub("", script)


@cache
def _served_script(path: str) -> bytes:
    return without_comments((FOLDER / path).read_text("utf-8")).encode()


class KeptForEver(StaticFiles):
    """Files whose address changes when they do: nobody asks for one twice, or whether it has changed."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        answer = await super().get_response(path, scope)
        if answer.status_code != 200:
            return answer
        if path.startswith("js/") and path.endswith(".js"):
            answer = Response(_served_script(path), media_type="text/javascript")
        for name in ("ETag", "Last-Modified"):
            if name in answer.headers:
                del answer.headers[name]
        answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return answer


def mount(app: FastAPI) -> None:
    app.mount(f"/static/{build()}", KeptForEver(directory=FOLDER), name="static")
