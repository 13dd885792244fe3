"""Prometheus' text format: metrics as lines of name, labels and value.

https://prometheus.io/docs/instrumenting/exposition_formats/, version 0.0.4
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Sample:
    """One value of a metric, told from its others by labels."""

    value: float
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Metric:
    """name: lower case with underscores, the unit at its end; help: one sentence"""

    name: str
    kind: Literal["gauge", "counter"]
    help: str
    samples: tuple[Sample, ...]


def exposition(metrics: Iterable[Metric]) -> str:
    r"""All of them, in their order.

    >>> metric = Metric("boli_clips", "gauge", "Clips.", (Sample(3, {"state": 'a "b"\n'}),))
    >>> print(exposition([metric]), end="")
    # HELP boli_clips Clips.
    # TYPE boli_clips gauge
    boli_clips{state="a \"b\"\n"} 3
    """
    return "".join(line + "\n" for metric in metrics for line in _lines(metric))


def _lines(metric: Metric) -> Iterable[str]:
    yield f"# HELP {metric.name} {metric.help}".replace("\\", "\\\\").replace("\n", "\\n")
    yield f"# TYPE {metric.name} {metric.kind}"
    for sample in metric.samples:
        labels = ",".join(f'{name}="{_escaped(value)}"' for name, value in sample.labels.items())
        yield (
            f"{metric.name}{{{labels}}} {_number(sample.value)}"
            if labels
            else (f"{metric.name} {_number(sample.value)}")
        )


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(float(value))
