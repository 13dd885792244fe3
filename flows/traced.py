"""Flows and their steps as spans of a trace, where the settings ask for traces."""

from collections.abc import Callable
from functools import cache, wraps
from importlib.metadata import version
from typing import Any, ParamSpec, TypeVar

from prefect import Flow, Task
from prefect.context import FlowRunContext
from prefect.telemetry.run_telemetry import LABELS_TRACEPARENT_KEY

from catalog import tracing
from catalog.config.settings import load_settings

Given = ParamSpec("Given")
Result = TypeVar("Result")


def traced_flow(flow: Flow[Given, Result]) -> Flow[Given, Result]:
    """The flow itself, whose runs are spans from now on.

    A run that was asked for in the portal goes on with the trace of that request: its label carries it, as Prefect's
    own instrumentation has it; runs that this one makes get the same label.
    """
    flow.fn = _within(f"flow {flow.name}", flow.fn)
    return flow


def traced_step(step: Task[Given, Result]) -> Task[Given, Result]:
    """The task itself, whose runs are spans from now on."""
    step.fn = _within(f"step {step.fn.__name__}", step.fn)
    return step


def _within(name: str, body: Callable[Given, Any]) -> Callable[Given, Any]:
    @wraps(body)
    def traced(*args: Given.args, **kwargs: Given.kwargs) -> Any:
        _start_where_asked()
        if not tracing.is_on():
            return body(*args, **kwargs)
        context = FlowRunContext.get()
        run = context.flow_run if context is not None else None
        label = run.labels.get(LABELS_TRACEPARENT_KEY) if run is not None else None
        with tracing.span(name, parent=str(label) if label else None) as span:
            span.say("boli.step", name.partition(" ")[2])
            if run is not None:
                span.say("prefect.flow_run.id", str(run.id))
                run.labels.setdefault(LABELS_TRACEPARENT_KEY, tracing.traceparent() or "")
            return body(*args, **kwargs)

    return traced


@cache
def _start_where_asked() -> None:
    """Once a process: a run is one of its own wherever somebody looks at it."""
    if load_settings().traces:
        tracing.start("boli-flows", version("boli"))
