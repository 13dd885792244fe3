"""Who news are for: a person in one project, as far as what is new depends on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from catalog.states import Role


class NewsReader(Protocol):
    """Somebody who is signed in is one."""

    @property
    def person_id(self) -> str: ...

    @property
    def project(self) -> str: ...

    @property
    def languages(self) -> Sequence[str]: ...

    def has(self, *roles: Role) -> bool: ...


@dataclass(frozen=True, slots=True)
class AbsentReader:
    """A person who is not signed in here now. languages: theirs; roles: in that project"""

    person_id: str
    project: str
    languages: tuple[str, ...]
    roles: frozenset[Role]

    def has(self, *roles: Role) -> bool:
        """Whether they hold one of these roles in the project."""
        return not self.roles.isdisjoint(roles)
