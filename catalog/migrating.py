"""The tables brought to the newest migration. Alembic is loaded only where there is a step to take."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, inspect

MIGRATIONS = Path(__file__).parent / "migrations"

_NAMES = re.compile(r"""^(revision|down_revision)\b[^=]*=\s*(?:['"](\w+)['"]|None)""", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of the tables. summary: the first line of its file, which says what changes for whom"""

    revision: str
    follows: str | None
    summary: str


@cache
def newest_revision(folder: Path = MIGRATIONS) -> str:
    """The revision that no other one follows: what Alembic's `heads` says, in a hundredth of the time."""
    return migrations(folder)[-1].revision


@cache
def migrations(folder: Path = MIGRATIONS) -> tuple[Migration, ...]:
    """Every step, from the first to the newest."""
    following: dict[str | None, Migration] = {}
    for file in sorted((folder / "versions").glob("*.py")):
        text = file.read_text("utf-8")
        names: dict[str, str] = dict(_NAMES.findall(text))
        step = Migration(names["revision"], names["down_revision"] or None, _summary(text))
        if step.follows in following:
            raise RuntimeError(
                f"one migration is the newest, found {following[step.follows].revision}, {step.revision} in "
                f"{folder / 'versions'}. Let each follow the one before it (down_revision)."
            )
        following[step.follows] = step
    steps: list[Migration] = []
    while (step_after := following.get(steps[-1].revision if steps else None)) is not None:
        steps.append(step_after)
    if not steps or len(steps) != len(following):
        raise RuntimeError(
            f"the migrations in {folder / 'versions'} are no row, each after the one before it."
        )
    return tuple(steps)


def pending(revision: str | None, folder: Path = MIGRATIONS) -> tuple[Migration, ...] | None:
    """The steps that a catalogue of this revision (None: an empty one) has before it; None where nobody knows it.

    >>> [step.revision for step in pending("0001") or ()][:2]
    ['0002', '0003']
    """
    steps = migrations(folder)
    revisions = [None, *(step.revision for step in steps)]
    return steps[revisions.index(revision) :] if revision in revisions else None


def is_newest(connection: Connection) -> bool:
    """Whether the catalogue has taken every step."""
    return revision_of(connection) == newest_revision()


def revision_of(connection: Connection) -> str | None:
    """The last step that the catalogue has taken; None where it has no tables yet."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return None if found is None else str(found)


def upgrade(connection: Connection) -> None:
    """Take the steps that are missing, inside the transaction of `connection`."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _summary(text: str) -> str:
    """The first line of a file that begins with its docstring."""
    return text.partition("\n")[0].strip().strip('"').rstrip(".")
