"""A project's file is written whole, by one at a time, and never over what somebody else wrote."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from catalog.config.configuration import Broken, ConfigurationError
from catalog.config.project_files import (
    ChangedMeanwhile,
    ProjectExists,
    read_project_file,
    write_project_file,
)


def accepted(path: Path) -> object:
    """What a loader does that finds no fault."""
    return path.read_text("utf-8")


def refused(path: Path) -> object:
    raise ConfigurationError(path, [Broken(("title",), "is missing", "Add it.")])


def test_what_is_written_is_read_again_with_its_hash(tmp_path: Path) -> None:
    made = write_project_file(tmp_path, "dumka", "name: dumka\n", before=None, check=accepted)

    assert read_project_file(tmp_path, "dumka") == made
    assert [path.name for path in tmp_path.iterdir()] == ["dumka.yaml"]


def test_a_change_by_hand_is_never_written_over(tmp_path: Path) -> None:
    seen = write_project_file(tmp_path, "dumka", "name: dumka\n", before=None, check=accepted)
    (tmp_path / "dumka.yaml").write_text("name: dumka # by hand\n", "utf-8")

    with pytest.raises(ChangedMeanwhile):
        write_project_file(tmp_path, "dumka", "name: other\n", before=seen.sha256, check=accepted)

    assert (tmp_path / "dumka.yaml").read_text("utf-8") == "name: dumka # by hand\n"


def test_a_project_that_is_there_is_not_made_again(tmp_path: Path) -> None:
    write_project_file(tmp_path, "dumka", "name: dumka\n", before=None, check=accepted)

    with pytest.raises(ProjectExists):
        write_project_file(tmp_path, "dumka", "name: other\n", before=None, check=accepted)

    assert read_project_file(tmp_path, "dumka").text == "name: dumka\n"


def test_what_its_loader_refuses_is_not_written_and_the_fault_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        write_project_file(tmp_path, "dumka", "name: dumka\n", before=None, check=refused)

    assert caught.value.path == tmp_path / "dumka.yaml"
    assert list(tmp_path.iterdir()) == []


def test_of_many_who_save_at_once_one_wins_and_the_others_are_told(tmp_path: Path) -> None:
    seen = write_project_file(tmp_path, "dumka", "name: dumka\n", before=None, check=accepted)

    def save(number: int) -> bool:
        try:
            write_project_file(
                tmp_path, "dumka", f"name: dumka # {number}\n", before=seen.sha256, check=accepted
            )
        except ChangedMeanwhile:
            return False
        return True

    with ThreadPoolExecutor(8) as together:
        won = list(together.map(save, range(8)))

    assert sum(won) == 1
    assert read_project_file(tmp_path, "dumka").text == f"name: dumka # {won.index(True)}\n"
