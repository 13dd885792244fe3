"""The file that a person means by a name in a list: however a phone, a computer or a spreadsheet has written it."""

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import regex

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

    @staticmethod
    def of(names: Iterable[str]) -> "FileNames":
        given = list(names)
        tables: list[dict[str, list[str]]] = []
        for form in _FORMS:
            table: dict[str, list[str]] = {}
            for name in given:
                table.setdefault(form(name), []).append(name)
            tables.append(table)
        ends: dict[str, list[str]] = {}
        for name in given:
            ends.setdefault(_any_case(name).rsplit("/", 1)[-1], []).append(name)
        return FileNames((*tables, ends))

    def find(self, written: str) -> str | None:
        """The name of the one file that is meant; None where there is none, or there are several."""
        for form, table in zip(_FORMS, self._by_form, strict=False):
            found = table.get(form(written), [])
            if found:
                return found[0] if len(found) == 1 else None
        whole = _any_case(written)
        rooted = _DRIVE.match(whole)
        if rooted is None:
            return None
        path = whole[rooted.end() :]
        ends = self._by_form[-1].get(path.rsplit("/", 1)[-1], [])
        meant = [name for name in ends if f"/{path}".endswith(f"/{_any_case(name)}")]
        return meant[0] if len(meant) == 1 else None


def _composed(name: str) -> str:
    plain = unicodedata.normalize("NFC", name).replace("\\", "/").strip()
    while plain.startswith("./"):
        plain = plain[2:]
    return plain


def _any_case(name: str) -> str:
    return unicodedata.normalize("NFC", _composed(name).casefold())


_FORMS: tuple[Callable[[str], str], ...] = (str, _composed, _any_case)
