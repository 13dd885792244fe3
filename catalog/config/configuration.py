"""Configuration files to data classes, with every fault named by file, line, key and mend.

    configs/projects/telangana.yaml:14: agreement.threshold is a share between 0 and 1, given 15.
    Write 0.15 for 15 %.

Works for any frozen data class or pydantic model. Keys that the class doesn't know are refused, types are
taken as written (text that looks like a number stays text), and all faults of a file are reported at once.
"""

import difflib
import json
import types
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin, get_type_hints

from pydantic import AfterValidator, BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from catalog.config.sentence import Sentence
from catalog.config.yaml_document import Broken, Document, Key, Unfit, dotted, read_document
from catalog.errors import UserError

__all__ = ["Broken", "ConfigurationError", "Share", "Unfit", "load", "load_folder"]

T = TypeVar("T")

LARGEST = 1_000_000  # bytes; a project with consent notices in ten languages has under 50,000


class ConfigurationError(UserError):
    """A configuration file that can't be used, with every fault in order of line."""

    def __init__(self, path: Path, broken: Iterable[Broken]) -> None:
        self.path = path
        self.broken = tuple(sorted(broken, key=lambda fault: (fault.line or 1, fault.key)))
        super().__init__("\n".join(self._tell(fault) for fault in self.broken))

    def _tell(self, fault: Broken) -> str:
        where = f"{self.path}:{fault.line}:" if fault.line else f"{self.path}:"
        sentence = " ".join(part for part in (where, dotted(fault.key), fault.finding) if part)
        return f"{sentence}.\n{fault.mend}".rstrip()


def _share(value: float) -> float:
    if not 0 <= value <= 1:
        mend = Sentence("Write 0.15 for 15 %%.")
        if 1 < value <= 100:
            share, percent = f"{value / 100:g}", f"{value:g}"
            mend = Sentence("Write %(share)s for %(percent)s %%.", share=share, percent=percent)
        rule = Sentence("is a share between 0 and 1")
        raise PydanticCustomError("rule", "{rule}", {"rule": rule, "mend": mend})
    return value


Share = Annotated[float, AfterValidator(_share)]
"""A part of a whole, from 0 to 1."""


def _no_rules(_: Any) -> Iterable[Broken]:
    return ()


def load(path: Path, kind: type[T], *, check: Callable[[T], Iterable[Broken]] = _no_rules) -> T:
    """Read one file as a `kind`.

    check: rules that need more than the file itself; reported together, each with its key
    raises: ConfigurationError
    """
    document = _open(path)
    broken = list(document.broken)
    if not isinstance(document.value, dict):
        raise ConfigurationError(path, [Broken((), _EMPTY, Sentence("Write `key: value` lines."), 1)])
    result: T | None = None
    try:
        result = TypeAdapter(kind).validate_json(json.dumps(document.value), strict=True, extra="forbid")
    except ValidationError as error:
        for details in error.errors(include_url=False):
            broken += _explain(details, kind, document)
    if result is not None:
        broken += [_placed(fault, (), document) for fault in check(result)]
    if broken or result is None:
        raise ConfigurationError(path, broken)
    return result


def load_folder(
    folder: Path, kind: type[T], *, check: Callable[[T], Iterable[Broken]] = _no_rules
) -> dict[str, T]:
    """Read every `*.yaml` of `folder`, keyed by file name without its ending, in order of name.

    raises: ConfigurationError, for the first file that has faults, and for a folder that isn't there
    """
    if not folder.is_dir():
        raise ConfigurationError(folder, [Broken((), "isn't a folder", "Check the path of the configs.")])
    return {path.stem: load(path, kind, check=check) for path in sorted(folder.glob("*.yaml"))}


def too_long(size: int) -> Sentence:
    """The rule that a file of so many bytes breaks."""
    return Sentence(
        "is %(size)s bytes long; a configuration has at most %(most)s", size=str(size), most=str(LARGEST)
    )


def nearest(word: str, choices: Iterable[str]) -> Sentence:
    """The mend for a word that isn't among `choices`.

    >>> nearest("tresholds", ["threshold", "measure"])
    'Did you mean `threshold`? Allowed here: measure, threshold.'
    """
    known = sorted(choices)
    guess = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    allowed = Sentence("Nothing is allowed here.")
    if known:
        allowed = Sentence("Allowed here: %(names)s.", names=", ".join(known))
    if guess:
        return Sentence("Did you mean `%(guess)s`? %(allowed)s", guess=guess[0], allowed=allowed)
    return allowed


def _open(path: Path) -> Document:
    try:
        size = path.stat().st_size
        if size > LARGEST:
            mend = Sentence("Check that this is the file you meant.")
            raise ConfigurationError(path, [Broken((), too_long(size), mend)])
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        rule = Sentence("can't be read: %(reason)s", reason=error.strerror or type(error).__name__)
        raise ConfigurationError(path, [Broken((), rule, Sentence("Check the path."))]) from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        rule, mend = Sentence("isn't UTF-8 text"), Sentence("Save the file as UTF-8.")
        raise ConfigurationError(path, [Broken((), rule, mend, line)]) from error
    try:
        return read_document(text)
    except Unfit as unfit:
        raise ConfigurationError(path, unfit.broken) from unfit


def _placed(fault: Broken, inside: Key, document: Document) -> Broken:
    key = (*inside, *fault.key)
    return replace(fault, key=key, line=fault.line or document.line(key))


def _explain(details: ErrorDetails, kind: Any, document: Document) -> list[Broken]:
    """A finding of pydantic as rule, what was given, mend."""
    key: Key = tuple(details["loc"])
    context: Mapping[str, Any] = details.get("ctx", {})
    if isinstance(error := context.get("error"), Unfit):
        return [_placed(fault, key, document) for fault in error.broken]

    def faults(rule: str, mend: str, given: str = "") -> list[Broken]:
        return [Broken(key, rule, mend, document.line(key), given)]

    match details["type"]:
        case "missing" | "missing_argument" | "missing_keyword_only_argument":
            return faults(Sentence("is missing"), Sentence("Add `%(key)s: …`.", key=str(key[-1])))
        case "extra_forbidden" | "unexpected_keyword_argument":
            mend = nearest(str(key[-1]), _names_at(kind, key[:-1]))
            return faults(Sentence("is no key of this file"), mend)
    key = _written(key, document)
    given = _shown(details["input"])
    match details["type"]:
        case "rule":
            return faults(context["rule"], context["mend"], given)
        case "enum" | "literal_error":
            allowed = str(context["expected"]).replace("'", "").replace(" or ", ", ").split(", ")
            rule = Sentence("is one of %(names)s", names=", ".join(allowed))
            return faults(rule, nearest(str(details["input"]), allowed), given)
        case "value_error":
            return faults(str(error), "", "" if isinstance(details["input"], dict) else given)
        case name:
            template, usual_mend = _RULES.get(name, (_rule("doesn't fit: %(problem)s"), ""))
            values = {each: str(value) for each, value in context.items()}
            return faults(Sentence(template, problem=details["msg"], **values), usual_mend, given)


def _rule(template: str) -> str:
    """Marks a rule, still to be filled in, for the translators."""
    return template


_EMPTY = Sentence("holds no keys")
_GROUP = (_rule("is a group of `key: value` lines"), Sentence("Indent its keys under it."))
_DATE = (_rule("is a date"), Sentence("Write 2026-03-31."))
_LIST = (_rule("is a list"), Sentence("Write [a, b], or one `- a` a line."))
_WHOLE = (_rule("is a whole number"), Sentence("Write it without quotes, point or unit."))
_NUMBER = (
    _rule("is a number"),
    Sentence("Write it without quotes or unit, with a point for the fraction."),
)
_RULES: dict[str, tuple[str, str]] = {
    "bool_type": (
        _rule("is true or false"),
        Sentence("Write true or false; yes, no, on and off are text here."),
    ),
    "dataclass_type": _GROUP,
    "date_from_datetime_parsing": _DATE,
    "date_type": _DATE,
    "decimal_parsing": _NUMBER,
    "decimal_type": _NUMBER,
    "dict_type": _GROUP,
    "float_type": _NUMBER,
    "frozen_set_type": _LIST,
    "greater_than": (_rule("is more than %(gt)s"), ""),
    "greater_than_equal": (_rule("is at least %(ge)s"), ""),
    "int_from_float": _WHOLE,
    "int_type": _WHOLE,
    "less_than": (_rule("is less than %(lt)s"), ""),
    "less_than_equal": (_rule("is at most %(le)s"), ""),
    "list_type": _LIST,
    "model_type": _GROUP,
    "string_pattern_mismatch": (_rule("has the form %(pattern)s"), ""),
    "string_too_long": (_rule("has more characters than it may have: %(max_length)s"), ""),
    "string_too_short": (_rule("has fewer characters than it needs: %(min_length)s"), ""),
    "string_type": (_rule("is text"), Sentence('Put it in quotes, as in "12".')),
    "too_long": (_rule("has more entries than it may have: %(max_length)s"), ""),
    "too_short": (_rule("has fewer entries than it needs: %(min_length)s"), ""),
    "tuple_type": _LIST,
}


def _written(key: Key, document: Document) -> Key:
    """`key` without what pydantic appends for the branch of a union that it tried."""
    while key and key not in document.lines:
        key = key[:-1]
    return key


def _shown(value: Any) -> str:
    if value is None:
        return Sentence("nothing")
    if isinstance(value, dict):
        return Sentence("a group of keys")
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, list | bool) else f"{value!r}"
    return text if len(text) <= 60 else f"{text[:57]}…"


def _names_at(kind: Any, key: Key) -> list[str]:
    """The keys that `kind` takes at `key`: what a person may have meant."""
    for part in key:
        kinds = [_field(choice, part) for choice in _choices(kind)]
        kind = next((found for found in kinds if found is not None), None)
    return sorted({name for choice in _choices(kind) for name in _fields(choice)})


def _choices(kind: Any) -> list[Any]:
    """`kind` without its annotations, and the members of a union one by one."""
    if get_origin(kind) is Annotated:
        return _choices(get_args(kind)[0])
    if get_origin(kind) in (Union, types.UnionType):
        return [choice for member in get_args(kind) for choice in _choices(member)]
    return [kind]


def _fields(kind: Any) -> dict[str, Any]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return {name: field.annotation for name, field in kind.model_fields.items()}
    if isinstance(kind, type) and is_dataclass(kind):
        hints = get_type_hints(kind)
        return {field.name: hints[field.name] for field in fields(kind) if field.init}
    return {}


def _field(kind: Any, part: str | int) -> Any:
    if origin := get_origin(kind):
        arguments = get_args(kind)
        return arguments[-1] if origin in (dict, Mapping) else arguments[0] if arguments else None
    return _fields(kind).get(str(part))
