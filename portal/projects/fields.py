"""The settings of a project as fields of a form, read off the very types that its file is read by."""

import types
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, is_dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from catalog.config.changes import written
from catalog.config.project import Project
from catalog.config.release_rules import DATA_LICENCES
from catalog.config.types import LanguageCode
from catalog.config.yaml_document import Key, Value, dotted

Kind = Literal["line", "text", "number", "choice", "choices", "lines", "amounts"]
"""line, text: words on one or many lines; number: a figure, or a word where the type takes one
choice, choices: one or some of `Field.choices`; lines: a list, one a line; amounts: `name: figure`, one a line"""
GENERAL = "general"
FIXED = {("name",)}
"""What a project is known by: its file's name."""


@dataclass(frozen=True, slots=True)
class Field:
    """One setting. default: what holds where it is left out, "" where that is nothing; needed: it can't be"""

    key: Key
    kind: Kind
    choices: tuple[str, ...] = ()
    default: str = ""
    needed: bool = False

    @property
    def name(self) -> str:
        return dotted(self.key)


@dataclass(frozen=True, slots=True)
class Names:
    """What some settings choose from.

    collected: languages of the project; noticed: those of its notices too; all: those that are configured
    """

    collected: tuple[str, ...]
    noticed: tuple[str, ...]
    all: tuple[str, ...]
    recipes: tuple[str, ...]

    def of(self, key: Key) -> tuple[str, ...]:
        """Where the type itself is any word."""
        if key == ("clips", "recipe"):
            return self.recipes
        return tuple(sorted(DATA_LICENCES)) if key == ("release", "licence") else ()


def groups() -> list[str]:
    """The parts of the form, in the order of the file's types."""
    parts = [
        each.name for each in fields(Project) if _dataclass_of(get_type_hints(Project)[each.name]) is not None
    ]
    return [GENERAL, *parts]


def fields_of(group: str, names: Names) -> list[Field]:
    """Every setting of a part. Raises KeyError for a part that there isn't."""
    hints = get_type_hints(Project, include_extras=True)
    if group == GENERAL:
        simple = [each for each in fields(Project) if each.name not in groups()]
        found = [
            made
            for each in simple
            for made in _walk((each.name,), hints[each.name], _default(each), each.default is MISSING, names)
        ]
        return [each for each in found if each.key not in FIXED]
    return list(_walk((group,), hints[group], "", False, names))


def shown(field: Field, document: Value) -> str:
    """A setting as its file has it, in the form of its field; "" where it is left out."""
    value = document
    for part in field.key:
        value = value.get(str(part)) if isinstance(value, dict) else None
    if isinstance(value, list):
        return "\n".join(written(each) for each in value)
    if isinstance(value, dict):
        return "\n".join(f"{name}: {written(each)}" for name, each in value.items())
    return written(value).strip()


def value_of(field: Field, given: str) -> Value:
    """What was filled in, as the file has it; None takes the setting out. What doesn't fit is left for its loader.

    >>> hours = Field(("weekly_hours",), "number")
    >>> value_of(hours, "2.5"), value_of(hours, ""), value_of(hours, "two")
    (2.5, None, 'two')
    >>> value_of(Field(("by_district",), "amounts"), "Warangal: 20\\nKhammam")
    {'Warangal': 20, 'Khammam': ''}
    """
    if not given:
        return None
    match field.kind:
        case "number":
            return _number(given)
        case "choice":
            return given == "true" if set(field.choices) == {"true", "false"} else _number(given)
        case "choices" | "lines":
            return [line for line in map(str.strip, given.splitlines()) if line]
        case "amounts":
            pairs = (line.partition(":") for line in given.splitlines() if line.strip())
            return {name.strip(): _number(amount.strip()) for name, _, amount in pairs}
        case "text":
            return f"{given}\n" if "\n" in given else given
    return given


def filled_in(field: Field, given: Sequence[str]) -> str:
    """What a browser sent for a field, as `shown` would write it."""
    text = "\n".join(given).replace("\r\n", "\n").strip()
    return "\n".join(line.rstrip() for line in text.split("\n"))


def says_otherwise(field: Field, before: str, after: str) -> bool:
    """Whether two forms of a setting differ; of several choices the order says nothing."""
    if field.kind == "choices":
        return set(before.splitlines()) != set(after.splitlines())
    return before != after


def _number(text: str) -> Value:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        number = float(text)
    except ValueError:
        return text
    return number if abs(number) < float("inf") else text


def _walk(key: Key, kind: Any, default: str, needed: bool, names: Names) -> Iterator[Field]:
    bare = _bare(kind)
    origin, arguments = get_origin(bare), get_args(bare)
    inside = _dataclass_of(bare)
    if inside is not None:
        hints = get_type_hints(inside, include_extras=True)
        for each in fields(inside):
            yield from _walk(
                (*key, each.name), hints[each.name], _default(each), each.default is MISSING, names
            )
    elif isinstance(origin, type) and issubclass(origin, Mapping):
        known = _known(key, arguments[0], names)
        if known is None:
            yield Field(key, "amounts")
        for each_key in known or ():
            yield from _walk((*key, each_key), arguments[1], "", False, names)
    elif origin is tuple:
        if _dataclass_of(arguments[0]) is None:
            choices = names.all if arguments[0] == LanguageCode else _choices(_bare(arguments[0]))
            yield Field(key, "choices" if choices else "lines", choices, default, needed)
    elif choices := names.of(key) or _choices(bare):
        yield Field(key, "choice", choices, default, needed)
    else:
        yield Field(key, _plain_kind(bare, key), (), default, needed)


def _plain_kind(bare: Any, key: Key) -> Kind:
    if "notices" in key:
        return "text"
    figures = bare in (int, float, Decimal) or get_origin(bare) in (Union, types.UnionType)
    return "number" if figures else "line"


def _bare(kind: Any) -> Any:
    """Without annotations and without `or None`."""
    if get_origin(kind) is Annotated:
        return _bare(get_args(kind)[0])
    if get_origin(kind) in (Union, types.UnionType):
        members = [each for each in get_args(kind) if each is not type(None)]
        return _bare(members[0]) if len(members) == 1 else kind
    return kind


def _dataclass_of(kind: Any) -> Any:
    bare = _bare(kind)
    return bare if isinstance(bare, type) and is_dataclass(bare) else None


def _choices(bare: Any) -> tuple[str, ...]:
    if get_origin(bare) is Literal:
        return tuple(str(each) for each in get_args(bare))
    if isinstance(bare, type) and issubclass(bare, StrEnum):
        return tuple(each.value for each in bare)
    return ("true", "false") if bare is bool else ()


def _known(key: Key, kind: Any, names: Names) -> tuple[str, ...] | None:
    """The keys that a group takes, where they are known beforehand."""
    if kind == LanguageCode:
        return names.noticed if key[0] == "consent" else names.collected
    return _choices(_bare(kind)) or None


def _default(field: Any) -> str:
    if field.default is MISSING or field.default is None or is_dataclass(field.default):
        return ""
    if isinstance(field.default, tuple):
        return ", ".join(map(str, field.default))
    return written(field.default)


def names_of(project: Project, languages: Collection[str], recipes: Collection[str]) -> Names:
    """languages: codes of all that are configured. The project's notices may be in others than it collects."""
    noticed = dict.fromkeys((*project.languages, *project.consent.notices))
    return Names(project.languages, tuple(noticed), tuple(languages), tuple(recipes))
