"""The portal, with its settings from the environment: `python -m boli.serve.portal`.

One process, or as many as `BOLI_PORTAL_PROCESSES` says: they listen on one port, and one that dies is started anew.
"""

import gc
import os
import signal
import sys
import tempfile
from contextlib import AbstractContextManager, ExitStack
from importlib.metadata import version
from multiprocessing import parent_process
from multiprocessing.connection import wait
from pathlib import Path
from threading import Thread

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.config import LOGGING_CONFIG

from boli.serve.portal_context import open_portal_context
from catalog import tracing
from catalog.config.settings import Settings, load_settings
from portal.app import create_app
from portal.context import PortalContext
from portal.http.connection_bounds import bounds_for
from portal.http.connections import BACKLOG, BoundedProtocol, raise_descriptor_limit
from portal.http.forwarded import ForwardedFor, networks
from portal.http.request_counts import RequestCounts
from portal.http.traced_requests import traced_logs

SWITCH_SECONDS = 0.0005
"""After so long a thread lets another run: docs/decisions/portal-processes.md"""
YOUNG_OBJECTS = 20_000
"""Objects made before the youngest are looked through for cycles: Python's 700 are a page's, many times over."""
COUNTS_VARIABLE = "PORTAL_REQUEST_COUNTS"
"""Where one process tells those that it starts which folder they count their requests in."""


class PortalConnections(BoundedProtocol):
    """Connections of this process; `create` says within which bounds."""


class Portal:
    """The application with the portal context that it serves, which closes as the server ends."""

    def __init__(self, app: ASGIApp, opened: ExitStack) -> None:
        self._app = app
        self._opened = opened

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, receive, send)
        finally:
            if scope["type"] == "lifespan":
                self._opened.close()


def main() -> None:
    """Serve pages until a signal comes."""
    settings = load_settings()
    if settings.portal_processes == 1:
        _serve(settings)
        return
    with _opened(settings):
        pass  # what can't be opened is said once, and not by each of them
    with tempfile.TemporaryDirectory(prefix="boli-portal-") as counts:
        os.environ[COUNTS_VARIABLE] = counts
        _serve(settings)


def _serve(settings: Settings) -> None:
    uvicorn.run(
        "boli.serve.portal:create",
        factory=True,
        workers=settings.portal_processes,
        proxy_headers=False,  # uvicorn's own rule for these: ours stands before the application
        host=settings.portal_host,
        port=settings.portal_port,
        http="boli.serve.portal:PortalConnections",
        backlog=BACKLOG,
        server_header=False,
        timeout_graceful_shutdown=5,
        # A person thinks for longer than the usual 5 s: a new connection costs a phone on 2G two seconds.
        timeout_keep_alive=75,
        log_level="info",
        log_config=traced_logs(LOGGING_CONFIG) if settings.traces else LOGGING_CONFIG,
    )


def create() -> ASGIApp:
    """The application, opened in the process that serves it."""
    _end_with_parent()
    sys.setswitchinterval(SWITCH_SECONDS)
    settings = load_settings()
    if settings.traces:
        tracing.start("boli-portal", version("boli"))
    PortalConnections.bounds = bounds_for(raise_descriptor_limit())
    counts = os.environ.get(COUNTS_VARIABLE)
    with ExitStack() as stack:
        context = stack.enter_context(_opened(settings))
        app = create_app(context, counts=RequestCounts(Path(counts) if counts else None))
        opened = stack.pop_all()
    gc.collect()
    gc.freeze()  # what was made by now stays: it need not be looked through again
    gc.set_threshold(YOUNG_OBJECTS)
    return ForwardedFor(
        Portal(app, opened),
        header=settings.portal_forwarded_header,
        proxies=networks(settings.portal_proxies),
    )


def _opened(settings: Settings) -> AbstractContextManager[PortalContext]:
    return open_portal_context(
        settings,
        prefect=os.environ.get("PREFECT_API_URL"),
        prefect_auth=os.environ.get("PREFECT_API_AUTH_STRING"),
    )


def _end_with_parent() -> None:
    """Where this is one of several: not to serve on by itself once the process that started it was killed."""
    parent = parent_process()
    if parent is None:
        return

    def watch() -> None:
        wait([parent.sentinel])
        os.kill(os.getpid(), signal.SIGTERM)

    Thread(target=watch, name="parent's end", daemon=True).start()


if __name__ == "__main__":
    main()
