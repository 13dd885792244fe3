"""Typed records to JSON and back: how a child answers. What comes back is of the type that was asked for, or refused.

A child may be in the hands of a file. Its answer is read as JSON, and every value is held against the annotation of
the function that was to give it: nothing else is ever made of it, whatever stands there.
"""

import base64
import json
import types
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache, partial
from pathlib import Path
from typing import Any, Literal, Union, cast, get_args, get_origin, get_type_hints

from audio.by_name import ByName

_ARRAYS = {"<f4", "<f8", "<i2", "<i4", "<i8", "|u1", "|i1", "|b1"}


class NotPlainData(ValueError):
    """A value that has no place in an answer, or is not of the type that was asked for."""


def to_json(value: object) -> bytes:
    """Raises NotPlainData for what is no record, number, text, path, array, or list of these."""
    return json.dumps(_plain(value), separators=(",", ":")).encode()


def from_json(content: bytes, expected: object) -> Any:
    """expected: a type as annotated; `Any` takes plain values as they are. Raises NotPlainData."""
    try:
        return of_type(json.loads(content), expected)
    except (ValueError, RecursionError) as error:
        raise NotPlainData(str(error)) from None


def of_type(value: object, expected: object) -> Any:
    """The same for JSON that is read already."""
    try:
        return _read(value, expected)
    except (ValueError, TypeError, RecursionError) as error:
        raise NotPlainData(f"an answer is no {expected}: {error}") from None


@cache
def _hints(annotated: Any) -> dict[str, Any]:
    return get_type_hints(annotated)


def returned_type(function: Callable[..., object]) -> object:
    """What a function says that it gives; `Any` where it says nothing."""
    while isinstance(function, partial):
        function = function.func
    if isinstance(function, ByName):
        return function.returns
    return _hints(function).get("return", Any)


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {key: _plain(each) for key, each in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return [_plain(getattr(value, each.name)) for each in fields(value)]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, Path):
        return str(value)
    if type(value).__module__ == "numpy":
        return _plain_numbers(value)
    raise NotPlainData(f"a {type(value).__name__} is no plain data; an answer holds records and numbers")


def _plain_numbers(value: Any) -> object:
    import numpy as np  # only a child that computes has it loaded

    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray) and value.dtype.str in _ARRAYS:
        content = base64.b64encode(np.ascontiguousarray(value).data).decode()
        return [value.dtype.str, list(value.shape), content]
    raise NotPlainData(f"a {type(value).__name__} is no plain data; an answer holds records and numbers")


def _read(value: Any, expected: Any) -> Any:
    if expected is Any:
        return value
    if expected is None or expected is type(None):
        return _checked(value is None, value, expected, None)
    origin, inside = get_origin(expected), get_args(expected)
    if origin in (Union, types.UnionType):
        return _read_one_of(value, inside)
    if origin is Literal:
        return _checked(value in inside, value, expected, value)
    if origin is tuple:
        return _read_tuple(value, inside)
    if origin is list:
        return [_read(each, inside[0]) for each in _list(value)]
    if origin is dict:
        return {str(key): _read(each, inside[1]) for key, each in _of(dict, value).items()}
    if getattr(origin, "__module__", None) == "numpy":
        return _read_array(value)
    return _read_single(value, expected)


def _read_single(value: Any, expected: Any) -> Any:
    if is_dataclass(expected) and isinstance(expected, type):
        return _read_record(value, expected)
    if expected is float:
        return float(_checked(type(value) in (int, float), value, expected, value))
    if expected in (int, bool, str):
        return _checked(type(value) is expected, value, expected, value)
    if expected is bytes:
        return base64.b64decode(_of(str, value), validate=True)
    if isinstance(expected, type) and issubclass(expected, Path):
        return Path(_of(str, value))
    if isinstance(expected, type) and issubclass(expected, Enum):
        return expected(value)
    raise NotPlainData(f"{expected} has no JSON form")


def _read_record(value: Any, expected: type[Any]) -> Any:
    names = [each.name for each in fields(expected)]
    values = _list(value)
    if len(values) != len(names):
        raise NotPlainData(f"a {expected.__name__} has {len(names)} fields, given {len(values)}")
    hints = _hints(cast(Any, expected))
    return expected(**{name: _read(each, hints[name]) for name, each in zip(names, values, strict=True)})


def _read_tuple(value: Any, inside: tuple[Any, ...]) -> tuple[Any, ...]:
    values = _list(value)
    if len(inside) == 2 and inside[1] is Ellipsis:
        return tuple(_read(each, inside[0]) for each in values)
    if len(inside) != len(values):
        raise NotPlainData(f"{len(inside)} values are due, given {len(values)}")
    return tuple(_read(each, kind) for each, kind in zip(values, inside, strict=True))


def _read_one_of(value: Any, kinds: tuple[Any, ...]) -> Any:
    for kind in kinds:
        try:
            return _read(value, kind)
        except (NotPlainData, ValueError):
            continue
    raise NotPlainData(f"{str(value)[:40]!r} is none of {kinds}")


def _read_array(value: Any) -> Any:
    import numpy as np

    kind, shape, content = _read_tuple(value, (str, list[int], bytes))
    if kind not in _ARRAYS:
        raise NotPlainData(f"arrays of {kind!r} are not taken")
    return np.frombuffer(content, kind).reshape(shape)


def _list(value: Any) -> list[Any]:
    found: list[Any] = _of(list, value)
    return found


def _of(kind: type[Any], value: Any) -> Any:
    return _checked(isinstance(value, kind), value, kind, value)


def _checked(right: bool, given: Any, expected: Any, value: Any) -> Any:
    if not right:
        raise NotPlainData(f"{str(given)[:40]!r} is no {getattr(expected, '__name__', expected)}")
    return value
