"""Requests as spans of a trace: which route, and how it ended."""

import logging
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from catalog import tracing

_METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})


class TraceRequests:
    """A span for each request, by its route's template: no id, no question, nothing of who asks.

    What a client says of a trace of its own is not believed: it could put its requests into anybody's.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            tracing.stop()  # a signal ends the process without another word
            return
        if scope["type"] != "http" or not tracing.is_on():
            await self._app(scope, receive, send)
            return
        # whoever asks may write any word as the method
        method = scope["method"] if scope["method"] in _METHODS else "_OTHER"
        with tracing.span(method, kind="server") as span:
            span.say("http.request.method", method)

            async def noting(message: Message) -> None:
                if message["type"] == "http.response.start":
                    span.say("http.response.status_code", message["status"])
                    if message["status"] >= 500:
                        span.fail(str(message["status"]))
                await send(message)

            try:
                await self._app(scope, receive, noting)
            finally:
                route = getattr(scope.get("route"), "path", None)
                if route:
                    span.say("http.route", route)
                    span.call(f"{method} {route}")


class WithTrace(logging.Filter):
    """Gives each line of a log the trace that it belongs to, as `trace`, for its format."""

    def filter(self, record: logging.LogRecord) -> bool:
        trace = tracing.trace_id()
        record.trace = f" trace={trace}" if trace else ""
        return True


def traced_logs(usual: Mapping[str, Any]) -> dict[str, Any]:
    """A server's configuration of its logs, whose lines name their trace at the end; ours go with them.

    usual: as `logging.config.dictConfig` takes it, with the handler `default`
    """
    traced = deepcopy(dict(usual))
    traced["filters"] = {"trace": {"()": WithTrace}}
    for formatter in traced["formatters"].values():
        formatter["fmt"] += "%(trace)s"
    for handler in traced["handlers"].values():
        handler["filters"] = ["trace"]
    traced["loggers"]["boli"] = {"handlers": ["default"], "level": "INFO", "propagate": False}
    return traced
