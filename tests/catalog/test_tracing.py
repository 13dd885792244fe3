"""Spans: what they may say is a closed list, of an error its class alone; where they are off there are none."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog import tracing
from catalog.database import open_catalog
from catalog.store import NotStored, open_store
from tests.otlp_receiver import Receiver, receiver

pytest.importorskip("opentelemetry.sdk")


@pytest.fixture
def traced(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    with receiver() as received:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", received.address)
        tracing.start("boli-test", "1")
        yield received
        tracing.stop()


def test_transactions_and_calls_of_the_store_are_parts_of_what_makes_them(
    traced: Receiver, tmp_path: Path
) -> None:
    catalog = open_catalog(f"sqlite:///{tmp_path / 'boli.sqlite'}")
    store = open_store((tmp_path / "store").as_uri())

    with tracing.span("step try"):
        with catalog.writing():
            store.put_bytes("clips/clip-of-asha.flac", b"sound")
        with pytest.raises(NotStored), catalog.reading():
            store.get_bytes("recordings/asha.flac", 10)
    tracing.stop()

    (step,) = traced.named("step try")
    assert [span.name for span in traced.parts_of(step)] == [
        "store put_bytes",
        "catalog write",
        "store get_bytes",
        "catalog read",
    ]
    assert traced.named("store put_bytes")[0].attributes == {"boli.store.area": "clips"}
    assert traced.named("store get_bytes")[0].attributes == {
        "boli.store.area": "recordings",
        "error.type": "NotStored",
    }
    assert step.service == "boli-test" and "error.type" not in step.attributes
    assert not any(b"asha" in body for body in traced.bodies)
    catalog.close()


def test_of_an_error_its_class_is_said_and_not_its_words(traced: Receiver) -> None:
    with pytest.raises(ValueError, match="Asha"), tracing.span("step try"):
        raise ValueError("Asha Devi, 98480 22338")
    tracing.stop()

    assert traced.named("step try")[0].attributes == {"error.type": "ValueError"}
    assert not any(b"Asha" in body or b"98480" in body for body in traced.bodies)


def test_a_span_says_nothing_that_is_not_on_the_list(traced: Receiver) -> None:
    with tracing.span("step try") as span, pytest.raises(ValueError, match="a span says one of"):
        span.say("speaker.name", "Asha")


def test_a_trace_goes_on_in_another_process_by_its_traceparent(traced: Receiver) -> None:
    with tracing.span("asks"):
        given = tracing.traceparent()
    with tracing.span("does", parent=given):
        pass
    tracing.stop()

    (asks,), (does,) = traced.named("asks"), traced.named("does")
    assert (does.trace, does.parent) == (asks.trace, asks.id)


def test_where_traces_are_off_spans_cost_nothing_and_are_nowhere(tmp_path: Path) -> None:
    with receiver() as received:
        with tracing.span("step try") as span:
            span.say("boli.step", "try")
            assert tracing.traceparent() is None and tracing.trace_id() is None
        open_store((tmp_path / "store").as_uri()).put_bytes("clips/a", b"")

    assert received.bodies == []
