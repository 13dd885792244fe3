"""A YAML file as plain values, with the line of every key.

Read by the rules of YAML 1.2's core schema, because those of 1.1 harm languages: there `no: Norwegian` names
a language `False`, `1:30` is ninety and `012` is ten. Here only `true` and `false` are truth values, only
`null`, `~` and nothing are nothing, numbers are decimal, and the rest is text. Anchors, aliases and tags
aren't read: they are how a small file grows to fill the memory, and no coordinator has asked for one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import yaml

from catalog.config.sentence import Sentence

Scalar: TypeAlias = bool | int | float | str | None
Value: TypeAlias = "Scalar | list[Value] | dict[str, Value]"
Key: TypeAlias = tuple[str | int, ...]
Loader: TypeAlias = "type[yaml.SafeLoader] | type[yaml.CSafeLoader]"

_FAST: Loader = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader

DEEPEST = 20  # levels; our own files have five

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_WORDS: dict[str, Scalar] = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}
_LONGEST_NUMBER = 40  # characters; a longer one is text, so that no file makes us count to 10 ** 10 ** 6


@dataclass(frozen=True, slots=True)
class Broken:
    """One thing that is wrong in a document: where, which rule, what was given, what would mend it.

    line:  from 1, or None where only the key is known
    given: "" where the rule says enough
    """

    key: Key
    rule: str
    mend: str
    line: int | None = None
    given: str = ""

    @property
    def finding(self) -> str:
        """The rule, and what was given."""
        return (
            Sentence("%(rule)s, given %(given)s", rule=self.rule, given=self.given)
            if self.given
            else self.rule
        )

    @property
    def sentence(self) -> str:
        """What is wrong with it, and the mend; without its name."""
        if not self.mend:
            return Sentence("%(finding)s.", finding=self.finding)
        return Sentence("%(finding)s. %(mend)s", finding=self.finding, mend=self.mend)

    @property
    def name(self) -> str:
        """Its key as people write it; "" for the whole file."""
        return dotted(self.key)

    def __str__(self) -> str:
        return f"{self.name} {self.sentence}".strip()


class Unfit(ValueError):
    """A value that breaks rules of its own. Data classes raise it; keys are relative to their fields."""

    def __init__(self, *broken: Broken) -> None:
        super().__init__("\n".join(map(str, broken)))
        self.broken = broken


@dataclass(frozen=True, slots=True)
class Document:
    """What a file says, the line on which each key stands, and what was wrong with its writing."""

    value: Value
    lines: dict[Key, int]
    broken: tuple[Broken, ...]

    def line(self, key: Key) -> int:
        """The line of `key`, or of the nearest thing around it that is written down."""
        while key and key not in self.lines:
            key = key[:-1]
        return self.lines.get(key, 1)


def dotted(key: Key) -> str:
    """
    >>> dotted(("quotas", "te", "by_gender", 0))
    'quotas.te.by_gender[0]'
    """
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in key)
    return path.removeprefix(".")


def read_document(text: str) -> Document:
    """Compose `text`. Repeated keys and unwanted constructions are listed in the result, the rest is read.

    raises: Unfit, where the text isn't YAML at all
    """
    try:
        return _composed(text, _FAST)
    except (yaml.YAMLError, UnicodeError):
        return _explained(text)


def _composed(text: str, loader: Loader) -> Document:
    reader = _Reader(yaml.parse(text, Loader=loader))
    value = reader.read_all()
    return Document(value, reader.lines, tuple(reader.broken))


def _explained(text: str) -> Document:
    """Read again by the parser written in Python: ten times slower, and it says where and what the fault is."""
    try:
        return _composed(text, yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        mend = _INDENTED if "\\t" in str(error.problem) else _WRITING
        rule = Sentence("isn't YAML: %(problem)s", problem=_problem(error))
        raise _unfit((), rule, mend, mark.line + 1 if mark else None) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1 if isinstance(error.position, int) else None
        raise _unfit((), Sentence("holds a character that YAML refuses"), _DELETE, line) from error


def _problem(error: yaml.MarkedYAMLError) -> str:
    """What the parser found, in a person's words."""
    said = str(error.problem)
    return next((ours for theirs, ours in _PROBLEMS.items() if theirs in said), _OTHERWISE)


_INDENTED = Sentence("Indent with spaces, not with tabs.")
_WRITING = Sentence("Check the indentation, the colons and the quotes on this line and the one above.")
_IN_FULL = Sentence("Write the value out wherever it is needed.")
_DELETE = Sentence("Delete it.")
_PROBLEMS = {
    "mapping values are not allowed": Sentence("a colon stands where no key is"),
    "could not find expected ':'": Sentence("a line has no colon"),
    "'\\t'": Sentence("a tab stands at the beginning"),
    "expected <block end>": Sentence("a line is indented otherwise than its neighbours"),
    "unexpected end of stream": Sentence("a quotation mark is not closed"),
    "expected ',' or": Sentence("a bracket is not closed"),
}
"""By words of the parser's own report."""
_OTHERWISE = Sentence("a sign stands where none can")


def _second(line: int) -> Sentence:
    return Sentence("stands here a second time; the first is on line %(line)s", line=str(line))


class _Reader:
    """Builds values from parser events, so that depth and repetition are judged before memory is spent."""

    def __init__(self, events: Iterator[yaml.Event]) -> None:
        self.events = events
        self.lines: dict[Key, int] = {}
        self.broken: list[Broken] = []

    def read_all(self) -> Value:
        value: Value = None
        documents = 0
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    rule, mend = Sentence("holds a second document"), Sentence("Keep one document a file.")
                    raise _unfit((), rule, mend, _line(event))
            elif isinstance(event, yaml.NodeEvent):
                value = self.read(event, ())
        return value

    def read(self, event: yaml.Event, key: Key) -> Value:
        line = _line(event)
        self.lines.setdefault(key, line)
        if len(key) > DEEPEST:
            rule = Sentence("is nested more than %(deepest)s levels deep", deepest=str(DEEPEST))
            raise _unfit(key[:3], rule, Sentence("Check the indentation."), line)
        if isinstance(event, yaml.AliasEvent):
            self.note(key, Sentence("repeats an anchor (*)"), _IN_FULL, line)
            return None
        if isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent):
            if event.anchor:
                self.note(key, Sentence("sets an anchor (&)"), _IN_FULL, line)
            if event.tag:
                rule = Sentence("uses the tag %(tag)s", tag=event.tag)
                self.note(key, rule, Sentence("Write the plain value."), line)
        if isinstance(event, yaml.MappingStartEvent):
            return self.read_mapping(key)
        if isinstance(event, yaml.SequenceStartEvent):
            return self.read_sequence(key)
        value = _scalar(event)
        if isinstance(value, str) and any("\ud800" <= character <= "\udfff" for character in value):
            self.note(key, Sentence("holds half a character"), _DELETE, line)
            return None
        return value

    def note(self, key: Key, rule: str, mend: str, line: int) -> None:
        self.broken.append(Broken(key, rule, mend, line))

    def read_mapping(self, key: Key) -> dict[str, Value]:
        values: dict[str, Value] = {}
        for event in self.events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            name = event.value if isinstance(event, yaml.ScalarEvent) else None
            if name is None:
                rule = Sentence("has a key that isn't a word")
                raise _unfit(key, rule, Sentence("Write `key: value`."), _line(event))
            child = (*key, name)
            if name in values:
                self.note(child, _second(self.lines[child]), Sentence("Keep one of the two."), _line(event))
                self.read(next(self.events), (*child, ""))  # read past it; the first one counts
                continue
            self.lines[child] = _line(event)
            values[name] = self.read(next(self.events), child)
        return values

    def read_sequence(self, key: Key) -> list[Value]:
        values: list[Value] = []
        for event in self.events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            values.append(self.read(event, (*key, len(values))))
        return values


def _scalar(event: yaml.Event) -> Scalar:
    assert isinstance(event, yaml.ScalarEvent), "every other node is handled before"
    text: str = event.value
    if not event.implicit[0]:
        return text  # quoted, or a block: text whatever it looks like
    if text in _WORDS:
        return _WORDS[text]
    if len(text) <= _LONGEST_NUMBER:
        if _INTEGER.fullmatch(text):
            return int(text)
        if _DECIMAL.fullmatch(text):
            number = float(text)
            return number if abs(number) < float("inf") else text
    return text


def _unfit(key: Key, rule: str, mend: str, line: int | None) -> Unfit:
    return Unfit(Broken(key, rule, mend, line))


def _line(event: yaml.Event) -> int:
    assert event.start_mark is not None, "the parser marks every event"
    return int(event.start_mark.line) + 1
