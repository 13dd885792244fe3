"""The file that a person means by a name in a list: however a phone, a computer or a spreadsheet has written it."""

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import regex

_ENDING = regex.compile(r"(?<=[^/])\.[a-z0-9]{2,5}$")
_DRIVE = regex.compile(r"(?:[A-Za-z]:)?/+")


@dataclass(frozen=True, slots=True)
class FileNames:
    """Names of files that are there, relative to one folder, to be found by what somebody wrote.

    A name is tried as it stands; then in Unicode's composed form (a Mac decomposes é), with `/` for a backslash and
    without `./`; then without regard to capitals; a whole path (`C:\\\\…`, `/media/…`) by its end. The first form
    that exactly one file has counts.

    >>> FileNames.of(["te/Rene\\u0301e.MP3"]).find("te\\\\renée.mp3") == "te/Rene\\u0301e.MP3"
    True
    """

    _by_form: tuple[dict[str, list[str]], ...] = field(repr=False)
    _by_stem: dict[str, list[str]] = field(repr=False)
    """By the name without its ending."""
    _by_end: dict[str, list[str]] = field(repr=False)
    """By the last part of the path."""

    @staticmethod
    def of(names: Iterable[str]) -> "FileNames":
        given = list(names)
        return FileNames(
            tuple(_grouped(given, form) for form in _FORMS),
            _grouped(given, _without_ending),
            _grouped(given, lambda name: _any_case(name).rsplit("/", 1)[-1]),
        )

    def find(self, written: str) -> str | None:
        """The name of the one file that is meant; None where there is none, or there are several."""
        whole = _any_case(written)
        for form, table in zip(_FORMS, self._by_form, strict=True):
            found = table.get(form(written), [])
            if found:
                return found[0] if len(found) == 1 else None
        stems = self._by_stem.get(whole, [])
        if len(stems) == 1:
            return stems[0]
        rooted = _DRIVE.match(whole)
        if rooted is None:
            return None
        path = whole[rooted.end() :]
        ends = self._by_end.get(path.rsplit("/", 1)[-1], [])
        meant = [name for name in ends if f"/{path}".endswith(f"/{_any_case(name)}")]
        return meant[0] if len(meant) == 1 else None


def _grouped(names: Iterable[str], form: Callable[[str], str]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(form(name), []).append(name)
    return groups


def _composed(name: str) -> str:
    plain = unicodedata.normalize("NFC", name).replace("\\", "/").strip()
    while plain.startswith("./"):
        plain = plain[2:]
    return plain


def _any_case(name: str) -> str:
    return unicodedata.normalize("NFKC", _composed(name).casefold())


def _without_ending(name: str) -> str:
    bare: str = _ENDING.sub("", _any_case(name))
    return bare


_FORMS: tuple[Callable[[str], str], ...] = (str, _composed, _any_case)
