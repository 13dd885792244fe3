"""Typed records to JSON and back; whatever else a child answers is refused."""

import json
import math
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from audio.wire import NotPlainData, from_json, of_type, to_json


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True, slots=True)
class Inner:
    size: int
    share: float | None


@dataclass(frozen=True, slots=True)
class Record:
    name: str
    path: Path
    raw: bytes
    colour: Colour
    side: Literal["left", "right"]
    inner: tuple[Inner, ...]
    pair: tuple[int, str]
    table: dict[str, list[float]]
    rest: Any


def record(**changed):
    values = {
        "name": "क",
        "path": Path("/a/b"),
        "raw": b"\0\xff",
        "colour": Colour.RED,
        "side": "left",
        "inner": (Inner(1, None), Inner(2, 0.5)),
        "pair": (1, "x"),
        "table": {"a": [1.0, 2.0]},
        "rest": {"x": [1, None]},
    }
    return Record(**{**values, **changed})


@given(
    name=st.text(),
    raw=st.binary(),
    sizes=st.lists(st.tuples(st.integers(), st.none() | st.floats(allow_nan=False))),
)
def test_what_goes_out_comes_back(name, raw, sizes):
    before = record(name=name, raw=raw, inner=tuple(Inner(*pair) for pair in sizes))

    assert from_json(to_json(before), Record) == before


def test_arrays_come_back_in_shape_and_type():
    before = np.arange(6, dtype=np.float32).reshape(2, 3)

    after = from_json(to_json(before), NDArray[np.float32])

    assert after.dtype == np.float32
    assert np.array_equal(before, after)
    assert math.isnan(from_json(to_json(float("nan")), float))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (["a", "/b", "AA==", "blue", "left", [], [1, "x"], {}, None], Record),
        (["a", "/b", "AA==", "red", "up", [], [1, "x"], {}, None], Record),
        (["a", "/b", "AA==", "red", "left", [[1, "no"]], [1, "x"], {}, None], Record),
        (["a", "/b", "AA==", "red", "left", [], [1], {}, None], Record),
        (["a", "/b", "not base 64", "red", "left", [], [1, "x"], {}, None], Record),
        ([1], Record),
        ({"__class__": "os.system"}, Record),
        (["|O", [1], "AA=="], NDArray[np.float32]),
        (["<f4", [3], "AA=="], NDArray[np.float32]),
        (True, int),
        (1.5, int),
        ("1", float),
    ],
)
def test_what_is_not_of_the_type_is_refused(content, expected):
    with pytest.raises(NotPlainData):
        of_type(content, expected)


@pytest.mark.parametrize("content", [b"", b"[", b"\xff", b"[" * 100_000, b"nul"])
def test_what_is_no_json_is_refused(content):
    with pytest.raises(NotPlainData):
        from_json(content, Any)


@pytest.mark.parametrize("value", [object(), {1: 2}, lambda: 0, {"a": {object()}}, np.array([object()])])
def test_what_is_no_plain_data_does_not_go_out(value):
    with pytest.raises(NotPlainData):
        to_json(value)


def test_a_record_is_a_short_list():
    assert json.loads(to_json(Inner(3, 0.5))) == [3, 0.5]
