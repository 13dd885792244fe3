"""What differs between two configuration files, setting by setting."""

from collections.abc import Iterator
from dataclasses import dataclass

from catalog.config.yaml_document import Key, Value, dotted, read_document


@dataclass(frozen=True, slots=True)
class Change:
    """A setting before and after, as a person would write it; "" where it is left out."""

    key: Key
    before: str
    after: str

    @property
    def name(self) -> str:
        return dotted(self.key)


def changes_between(before: str, after: str) -> tuple[Change, ...]:
    """Every setting that two documents say otherwise, in the order of the second, what is gone last.

    Raises Unfit where one of them is no YAML.

    >>> changes_between("review: {share: 1.0}", "review: {share: 0.5, loops: 2}")
    (Change(key=('review', 'share'), before='1.0', after='0.5'), Change(key=('review', 'loops'), before='', after='2'))
    """
    old = dict(_settings((), read_document(before).value))
    new = dict(_settings((), read_document(after).value))
    return tuple(
        Change(key, written(old.get(key)), written(new.get(key)))
        for key in dict.fromkeys((*new, *old))
        if old.get(key) != new.get(key)
    )


def written(value: Value) -> str:
    """A value for people: a list by its items, a truth value as YAML has it, nothing as nothing.

    >>> written(["te", "kn"]), written(True), written(None), written(0.5)
    ('te, kn', 'true', '', '0.5')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ", ".join(map(written, value))
    if isinstance(value, dict):
        return "; ".join(f"{name}: {written(each)}" for name, each in value.items())
    return str(value)


def _settings(key: Key, value: Value) -> Iterator[tuple[Key, Value]]:
    if isinstance(value, dict) and value:
        for name, each in value.items():
            yield from _settings((*key, name), each)
    else:
        yield key, value
