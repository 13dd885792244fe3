"""The web application: its start page, and whether what it stands on can be reached."""

from importlib.metadata import version
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from fastapi.staticfiles import StaticFiles
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from catalog.database import Catalog
from catalog.store import ObjectStore
from portal.headers import SafeHeaders
from portal.health import Health, look

HERE = Path(__file__).resolve().parent


def create_app(*, catalog: Catalog, store: ObjectStore) -> FastAPI:
    """The application over an open catalogue and store, which stay the caller's to close.

    It starts and answers while either is away; `/health` then says which.
    """
    # The API's own documentation pages would load scripts from elsewhere.
    app = FastAPI(title="Boli", version=version("boli"), docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(SafeHeaders)
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    pages = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

    async def health_now() -> Health:
        return await look(catalog, store, version=app.version)

    @app.get("/health")
    async def health() -> JSONResponse:
        """For a load balancer and `boli up`: 200 while everything can be reached, else 503."""
        found = await health_now()
        return JSONResponse(found.as_json(), status_code=200 if found.well else 503)

    @app.get("/", response_class=HTMLResponse)
    async def start(request: Request) -> Response:
        found = await health_now()
        page = pages.get_template("start.html.j2").render(health=found)
        return HTMLResponse(page, status_code=200 if found.well else 503)

    return app
