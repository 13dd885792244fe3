"""Traces (OpenTelemetry), where the operator asks for them: what a request or a run did, and how long each part took.

Off, a span costs one look at a variable. On, spans go where the standard's variables say (OTEL_EXPORTER_OTLP_ENDPOINT:
https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/). They say which route, step, area of
the store, and how it ended: never who, never which one, nothing that people wrote. So the names of their attributes are
a closed list, an error gives its class alone, and no library's own spans are sent: the tracer is ours and not the
process's.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Concatenate, Literal, ParamSpec, TypeVar, cast

from catalog.errors import UserError

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.trace import Span, Tracer

ATTRIBUTES = frozenset(
    {
        "boli.project",
        "boli.step",
        "boli.store.area",  # the first name of a key: recordings, clips, datasets …
        "error.type",
        "http.request.method",
        "http.response.status_code",
        "http.route",
        "prefect.flow_run.id",
    }
)
"""All that a span may say; semantic conventions' own names where there are any."""
Kind = Literal["internal", "server", "client"]
Given = ParamSpec("Given")
Result = TypeVar("Result")
Owner = TypeVar("Owner")


class NoTraces(UserError):
    """Traces are asked for, and what sends them is not installed."""


class RunningSpan:
    """A span that goes on; says nothing where traces are off."""

    def __init__(self, span: "Span | None") -> None:
        self._span = span

    def say(self, name: str, value: str | int) -> None:
        """Raises ValueError for a name that is not in ATTRIBUTES."""
        if name not in ATTRIBUTES:
            raise ValueError(f"a span says one of {sorted(ATTRIBUTES)}, given {name!r}")
        if self._span is not None:
            self._span.set_attribute(name, value)

    def call(self, name: str) -> None:
        """Have it go by another name than at its beginning."""
        if self._span is not None:
            self._span.update_name(name)

    def fail(self, error: str) -> None:
        """error: the class of what went wrong, or a status; never its words, which may name somebody"""
        if self._span is not None:
            from opentelemetry.trace import StatusCode

            self._span.set_attribute("error.type", error)
            self._span.set_status(StatusCode.ERROR)


_NO_SPAN = RunningSpan(None)
_tracers: "list[Tracer]" = []  # at most one a process
_stops: list[Callable[[], None]] = []


def start(service: str, version: str) -> None:
    """Send spans from now on; at the end of the process what waits is sent. Again does nothing.

    service: what this process is, unless OTEL_SERVICE_NAME says otherwise
    Raises NoTraces.
    """
    if _tracers:
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise NoTraces(
            f"BOLI_TRACES asks for traces, and {error.name} is not installed.\n"
            'Install it with `pip install "boli[traces]"`, or unset BOLI_TRACES.'
        ) from error
    resource = Resource.create({"service.version": version})
    if str(resource.attributes["service.name"]).startswith("unknown_service"):
        resource = resource.merge(Resource({"service.name": service}))
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    _tracers.append(provider.get_tracer("boli", version))
    _stops.append(provider.shutdown)


def stop() -> None:
    """Send what waits, and no more spans."""
    _tracers.clear()
    while _stops:
        _stops.pop()()


def is_on() -> bool:
    return bool(_tracers)


@contextmanager
def span(name: str, *, kind: Kind = "internal", parent: str | None = None) -> Iterator[RunningSpan]:
    """A piece of work; spans that begin within are its parts.

    parent: the traceparent (W3C Trace Context) of what asked for it, where nothing in this process did
    """
    if not _tracers:
        yield _NO_SPAN
        return
    from opentelemetry.trace import SpanKind, get_current_span

    within = _context_of(parent) if parent and not get_current_span().get_span_context().is_valid else None
    with _tracers[0].start_as_current_span(
        name,
        context=within,
        kind=SpanKind[kind.upper()],
        record_exception=False,  # their words may name somebody
        set_status_on_exception=False,
    ) as started:
        running = RunningSpan(started)
        try:
            yield running
        except Exception as error:
            running.fail(type(error).__name__)
            raise


@contextmanager
def part(name: str) -> Iterator[RunningSpan]:
    """A piece of work that has no parts of its own: a transaction, one call of the store.

    Not made the current span, so it may begin and end in different places of an asynchronous program.
    """
    if not _tracers:
        yield _NO_SPAN
        return
    from opentelemetry.trace import SpanKind

    started = _tracers[0].start_span(name, kind=SpanKind.CLIENT)
    running = RunningSpan(started)
    try:
        yield running
    except Exception as error:
        running.fail(type(error).__name__)
        raise
    finally:
        started.end()


def of_store(
    method: Callable[Concatenate[Owner, str, Given], Result],
) -> Callable[Concatenate[Owner, str, Given], Result]:
    """A store's method whose first argument is a key, as a part of what calls it. Of the key its area is said."""

    @wraps(method)
    def traced(self: Owner, key: str, *args: Given.args, **kwargs: Given.kwargs) -> Result:
        if not _tracers:
            return method(self, key, *args, **kwargs)
        with part(f"store {method.__name__}") as running:
            running.say("boli.store.area", key.partition("/")[0])
            return method(self, key, *args, **kwargs)

    return cast(
        "Callable[Concatenate[Owner, str, Given], Result]", traced
    )  # names and all, as the method has them


def traceparent() -> str | None:
    """Of the span that is on, as W3C Trace Context writes it, to be handed to another process; None where none is."""
    if not _tracers:
        return None
    from opentelemetry.trace import get_current_span

    context = get_current_span().get_span_context()
    if not context.is_valid:
        return None
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{int(context.trace_flags):02x}"


def trace_id() -> str | None:
    """Of the span that is on: what lines of a log carry."""
    given = traceparent()
    return given.split("-")[1] if given else None


def _context_of(given: str) -> "Context":
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    return TraceContextTextMapPropagator().extract({"traceparent": given})
