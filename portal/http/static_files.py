"""Styles, scripts and marks under an address that names their content: kept by browsers for ever, never stale."""

import hashlib
from functools import cache
from pathlib import Path

from fastapi import FastAPI
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOLDER = Path(__file__).resolve().parents[1] / "static"


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


class KeptForEver(StaticFiles):
    """Files whose address changes when they do."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        answer = await super().get_response(path, scope)
        if answer.status_code == 200:
            answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return answer


def mount(app: FastAPI) -> None:
    app.mount(f"/static/{build()}", KeptForEver(directory=FOLDER), name="static")
