"""A list of people to take on: each row with what is new, known or wrong, before anything is written."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from catalog.states import Role
from catalog.table_reader import TableRow, read_table
from portal.access.owner_pages import NO_SUCH_NAME, is_handle
from portal.http.pages import _

Meant = TypeVar("Meant")
MOST_PEOPLE = 200
ALIASES = {
    "short_name": "handle",
    "roles": "role",
    "what_they_do": "role",
    "languages": "language",
    "full_name": "name",
    "telephone": "phone",
    "mobile": "phone",
}
NO_SUCH_ROLE = _(
    "what they do is one or more of: coordinator, transcriber, reviewer, manager, dataset reader"
)
NO_SUCH_LANGUAGE = _("the project has no such language")
TWICE = _("stands in the list twice")
TAKEN = _("somebody has this name already, with other tasks")
NOT_TO_GIVE = _("only an owner of this portal makes somebody a manager")
TOO_MANY = _("a list has 200 people at most")
Standing = Literal["new", "waits", "known", "wrong"]
"""waits: taken on before, and not come in yet: they get a new card"""


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody who is there already. roles: in this project; came_in: whether they have a PIN"""

    roles: frozenset[Role]
    came_in: bool


@dataclass(frozen=True, slots=True)
class ListedPerson:
    """A row of the list. line: in the file; fault: English, "" where there is none"""

    line: int
    handle: str
    roles: tuple[Role, ...]
    languages: tuple[str, ...]
    district: str
    dialect: str
    name: str
    phone: str
    standing: Standing
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """How roles and languages may be written, in lower case, and which roles may be given"""

    roles: Mapping[str, Role]
    languages: Mapping[str, str]
    may_give: Collection[Role]


def rows_of(data: bytes) -> list[TableRow]:
    """Raises UnreadableTable, with how to save it."""
    return read_table(data, required=["handle", "role"], aliases=ALIASES)


def listed(rows: Sequence[TableRow], known: Mapping[str, Known], words: Words) -> Iterator[ListedPerson]:
    """Each row with its standing. known: by handle"""
    seen: set[str] = set()
    for place, row in enumerate(rows):
        cell = {name: text.strip()[:200] for name, text in row.cells.items()}
        handle = cell["handle"]
        roles, fault = _meant(cell["role"], words.roles, NO_SUCH_ROLE, needed=True)
        languages, no_language = _meant(cell.get("language", ""), words.languages, NO_SUCH_LANGUAGE)
        fault = fault or no_language or _fault(handle, roles, seen, words, full=place >= MOST_PEOPLE)
        standing: Standing = "wrong" if fault else "new"
        if not fault and (there := known.get(handle)) is not None:
            same = frozenset(roles) <= there.roles
            standing = ("known" if there.came_in else "waits") if same else "wrong"
            fault = "" if same else TAKEN
        seen.add(handle)
        yield ListedPerson(
            row.line,
            handle,
            tuple(sorted(set(roles))),
            tuple(languages),
            cell.get("district", ""),
            cell.get("dialect", ""),
            cell.get("name", ""),
            cell.get("phone", ""),
            standing,
            fault,
        )


def _fault(handle: str, roles: Collection[Role], seen: Collection[str], words: Words, *, full: bool) -> str:
    if full:
        return TOO_MANY
    if not is_handle(handle):
        return NO_SUCH_NAME
    if handle in seen:
        return TWICE
    return "" if set(roles) <= set(words.may_give) else NOT_TO_GIVE


def _meant(
    cell: str, words: Mapping[str, Meant], fault: str, *, needed: bool = False
) -> tuple[list[Meant], str]:
    """What the words of a cell stand for, with commas, semicolons or ampersands between; and what is wrong."""
    parts = [part.strip().casefold() for part in cell.replace(";", ",").replace("&", ",").split(",")]
    given = [part for part in parts if part]
    meant = [words[part] for part in given if part in words]
    return meant, fault if len(meant) < len(given) or (needed and not given) else ""
