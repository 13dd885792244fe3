"""Requests as spans of a trace: which route, and how it ended."""

import logging

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from catalog import tracing

LOGS = ("uvicorn.access", "uvicorn.error", "boli")
_METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})


class TraceRequests:
    """A span for each request, by its route's template: no id, no question, nothing of who asks.

    What a client says of a trace of its own is not believed: it could put its requests into anybody's.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
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
    """Ends each line of a log with the trace that it belongs to."""

    def filter(self, record: logging.LogRecord) -> bool:
        trace = tracing.trace_id()
        if trace is not None and not getattr(record, "trace", None):
            record.trace = trace
            record.msg = f"{record.msg} trace={trace}"
        return True


def trace_logs() -> None:
    """From now on lines of this process's logs name their trace. Doing it again changes nothing."""
    for name in LOGS:
        log = logging.getLogger(name)
        for handler in log.handlers or [None]:
            target = log if handler is None else handler
            if not any(isinstance(each, WithTrace) for each in target.filters):
                target.addFilter(WithTrace())
