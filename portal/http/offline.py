"""The portal as something that opens without network: its manifest and its service worker."""

import json
from functools import cache

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from portal.http import static_files

router = APIRouter(include_in_schema=False)

NOT_KEPT = ("vendor/README.md", "js/sw.js")


@router.get("/manifest.webmanifest")
async def manifest() -> Response:
    """So that a phone puts Boli on its home screen."""
    icon = {"src": static_files.address("mark.svg"), "sizes": "any", "type": "image/svg+xml"}
    web_manifest = {
        "name": "Boli",
        "short_name": "Boli",
        "start_url": "/",
        "display": "standalone",
        "background_color": "#faf6ee",
        "theme_color": "#faf6ee",
        "icons": [icon],
    }
    return JSONResponse(web_manifest, media_type="application/manifest+json")


@router.get("/sw.js")
async def service_worker() -> Response:
    """At the root, since a service worker cares only for what lies below its own address."""
    return Response(_service_worker(), media_type="text/javascript", headers={"Cache-Control": "no-cache"})


@cache
def _service_worker() -> str:
    kept = [
        static_files.address(path)
        for path in static_files.files()
        if path not in NOT_KEPT and not path.endswith("LICENSE")
    ]
    script = (static_files.FOLDER / "js" / "sw.js").read_text("utf-8")
    return f"const BUILD = {json.dumps(static_files.build())};\nconst FILES = {json.dumps(kept)};\n{script}"
