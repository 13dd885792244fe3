"""The newest migration is known without Alembic."""

from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from catalog.migrating import MIGRATIONS, newest_revision


def test_the_newest_revision_is_alembics_head() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))

    assert newest_revision() == ScriptDirectory.from_config(config).get_current_head()


def test_it_is_told_by_what_follows_what_and_not_by_the_files_names(tmp_path: Path) -> None:
    migration(tmp_path, "0007_first", "0007", None)
    migration(tmp_path, "0003_second", "0003", "0007")

    assert newest_revision(tmp_path) == "0003"


def test_two_migrations_after_the_same_one_are_refused_by_name(tmp_path: Path) -> None:
    migration(tmp_path, "0001_first", "0001", None)
    migration(tmp_path, "0002_mine", "0002", "0001")
    migration(tmp_path, "0003_yours", "0003", "0001")

    with pytest.raises(RuntimeError, match=r"found 0002, 0003 in .*down_revision"):
        newest_revision(tmp_path)


def migration(folder: Path, name: str, revision: str, before: str | None) -> None:
    (folder / "versions").mkdir(exist_ok=True)
    text = f"revision: str = {revision!r}\ndown_revision: str | None = {before!r}\n"
    (folder / "versions" / f"{name}.py").write_text(text)
