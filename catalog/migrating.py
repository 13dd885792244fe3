"""The tables brought to the newest migration. Alembic is loaded only where there is a step to take."""

import re
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, inspect

MIGRATIONS = Path(__file__).parent / "migrations"

_NAMES = re.compile(r"""^(revision|down_revision)\b[^=]*=\s*(?:['"](\w+)['"]|None)""", re.MULTILINE)


@cache
def newest_revision(folder: Path = MIGRATIONS) -> str:
    """The revision that no other one follows: what Alembic's `heads` says, in a hundredth of the time."""
    revisions: set[str] = set()
    followed: set[str] = set()
    for file in (folder / "versions").glob("*.py"):
        names: dict[str, str] = dict(_NAMES.findall(file.read_text("utf-8")))
        revisions.add(names["revision"])
        followed.add(names["down_revision"])
    heads = revisions - followed
    if len(heads) != 1:
        raise RuntimeError(
            f"one migration is the newest, found {', '.join(sorted(heads)) or 'none'} in {folder / 'versions'}. "
            "Let each follow the one before it (down_revision)."
        )
    return heads.pop()


def is_newest(connection: Connection) -> bool:
    """Whether the catalogue has taken every step."""
    if not inspect(connection).has_table("alembic_version"):
        return False
    found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return bool(found == newest_revision())


def upgrade(connection: Connection) -> None:
    """Take the steps that are missing, inside the transaction of `connection`."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
