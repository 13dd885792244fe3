"""Changes to a YAML file that leave the rest as its author wrote it: the order of keys, comments, quotation marks."""

import io
from collections.abc import Mapping, MutableMapping
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError
from ruamel.yaml.scalarstring import LiteralScalarString

from catalog.config.yaml_document import Key, Value, read_document

_WIDEST = 100_000  # columns: no line is broken that its author did not break


class NotEditable(ValueError):
    """A file whose form no program can keep while it changes a value: it stays as it is, for a person's hand."""


def edited(text: str, changes: Mapping[Key, Value]) -> str:
    """The document with other values at some keys; None takes a key out, and groups that it leaves empty.

    Raises Unfit where `text` is no YAML, NotEditable where a key lies inside a list or the values came out otherwise.

    >>> print(edited("pay: 1 # rupees\\nname: a\\n", {("pay",): 2, ("limits", "hours"): 4}), end="")
    pay: 2 # rupees
    name: a
    limits:
      hours: 4
    """
    wanted = read_document(text).value
    round_trip = _round_trip()
    try:
        document = round_trip.load(text)
    except YAMLError as error:
        raise NotEditable(str(error)) from error
    if not isinstance(document, CommentedMap) or not isinstance(wanted, dict):
        raise NotEditable("the file holds no keys")
    for key, value in changes.items():
        _put(document, key, _written(value))
        _put(wanted, key, value)
    stream = io.StringIO()
    round_trip.dump(document, stream)
    if read_document(stream.getvalue()).value != wanted:
        raise NotEditable("the file would say something else than was meant")
    return stream.getvalue()


def _round_trip() -> YAML:
    """As our own files are written: two spaces deeper, and lists two inside their key."""
    made = YAML()
    made.preserve_quotes = True
    made.width = _WIDEST
    made.indent(mapping=2, sequence=4, offset=2)
    return made


def _put(document: MutableMapping[str, Any], key: Key, value: object) -> None:
    parents: list[tuple[MutableMapping[str, Any], str]] = []
    inside = document
    for part in map(str, key[:-1]):
        parents.append((inside, part))
        if part not in inside:
            if value is None:
                return
            inside[part] = type(document)()
        if not isinstance(inside[part], MutableMapping):
            raise NotEditable(f"{'.'.join(map(str, key))} lies in something that is no group of keys")
        inside = inside[part]
    if value is not None:
        inside[str(key[-1])] = value
        return
    inside.pop(str(key[-1]), None)
    for parent, part in reversed(parents):
        if not parent[part]:
            del parent[part]


def _written(value: Value) -> object:
    """A value in the form that a person would write: short lists on their line, long texts line by line."""
    if isinstance(value, str):
        return LiteralScalarString(value) if "\n" in value else value
    if isinstance(value, list):
        items = CommentedSeq([_written(each) for each in value])
        if not any(isinstance(each, list | dict) or len(str(each)) > 30 for each in value):
            items.fa.set_flow_style()
        return items
    if isinstance(value, dict):
        return CommentedMap({name: _written(each) for name, each in value.items()})
    return value
