"""The web application: every room's routes over one portal context."""

from importlib.metadata import version
from typing import Annotated

from fastapi import Depends, FastAPI, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from starlette.middleware.gzip import GZipMiddleware

from portal import listening, metrics
from portal.access import audit_pages, entry_pages, me_pages, owner_pages, passkey_pages, people_pages
from portal.access.guard import signed_in_or_nobody
from portal.access.quiet_log import keep_secrets_out
from portal.access.session import Signed
from portal.api import document as api
from portal.context import PortalContext
from portal.datasets import routes as datasets
from portal.help import routes as help_pages
from portal.help.cards import tour_due
from portal.http import failures, offline, pages, static_files
from portal.http.bounded_body import BoundedBody
from portal.http.headers import SafeHeaders
from portal.http.health import Health, look
from portal.http.request_counts import CountRequests, RequestCounts
from portal.http.traced_requests import TraceRequests
from portal.http.well_formed import WellFormed
from portal.i18n import languages
from portal.imports import routes as imports
from portal.items import routes as items
from portal.manage import routes as manage
from portal.my_work import routes as work
from portal.news import routes as news
from portal.practice import routes as practice
from portal.projects import routes as projects
from portal.record import routes as record
from portal.reports import routes as reports
from portal.review import routes as review
from portal.review import times as word_times
from portal.upload import admission
from portal.write import my_texts
from portal.write import routes as write

_ROOMS = (
    languages,
    entry_pages,
    me_pages,
    passkey_pages,
    people_pages,
    owner_pages,
    audit_pages,
    listening,
    metrics,
    offline,
    help_pages,
    news,
    my_texts,
    write,
    practice,
    record,
    datasets,
    api,
    items,
    imports,
    projects,
    manage,
    reports,
    review,
    word_times,
    work,
)


def create_app(context: PortalContext, *, counts: RequestCounts | None = None) -> FastAPI:
    """The application over an open portal context.

    counts: of this process among those that serve beside it; its own alone where None

    It starts and answers while catalogue or store is away; `/health` then says which.
    """
    # The API's own documentation pages would load scripts from elsewhere.
    app = FastAPI(title="Boli", version=version("boli"), docs_url=None, redoc_url=None, openapi_url=None)
    app.state.context = context
    app.state.request_counts = counts or RequestCounts()
    keep_secrets_out()
    app.add_middleware(BoundedBody)
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=6)
    app.add_middleware(WellFormed)
    app.add_middleware(SafeHeaders, secure=context.secure)
    app.add_middleware(CountRequests, counts=app.state.request_counts)
    app.add_middleware(TraceRequests)
    static_files.mount(app)
    failures.install(app)
    for room in _ROOMS:
        app.include_router(room.router)
    app.include_router(admission.uploads(context))

    async def health_now() -> Health:
        return await look(context.catalog, context.store, version=app.version)

    @app.get("/health")
    async def health() -> JSONResponse:
        """For a load balancer and `boli up`: 200 while everything can be reached, else 503."""
        found = await health_now()
        return JSONResponse(found.as_json(), status_code=200 if found.well else 503)

    @app.get("/", include_in_schema=False)
    async def start(
        request: Request, signed: Annotated[Signed | None, Depends(signed_in_or_nobody)]
    ) -> Response:
        """To where the work is; for somebody unknown, whether the portal is well and the way in."""
        entry = next(iter(pages.navigation_of(signed)), None) if signed else None
        if signed is not None and entry is not None:
            with context.catalog.reading() as session:
                due = tour_due(session, signed)
            return RedirectResponse("/tour" if due else entry.path, status_code=303)
        found = await health_now()
        return pages.render(request, "start.html.j2", health=found, status=200 if found.well else 503)

    return app
