"""What somebody changes in a folder of configuration files holds without a restart, and a slip stops nobody."""

from pathlib import Path

import pytest

from catalog.config.configuration import Broken, ConfigurationError
from catalog.config.live_folder import LiveFolder, NotNow, PartOf


def read(path: Path) -> str:
    text = path.read_text("utf-8").strip()
    if not text:
        raise ConfigurationError(path, [Broken((), "holds no keys", "Write some.")])
    return text


def put(folder: Path, name: str, text: str) -> None:
    """As an editor saves: another file takes the name."""
    draft = folder / f"{name}.draft"
    draft.write_text(text, "utf-8")
    draft.replace(folder / f"{name}.yaml")


def test_a_changed_file_and_a_new_one_hold_at_once(tmp_path: Path) -> None:
    put(tmp_path, "a", "one")
    folder = LiveFolder(tmp_path, read)
    before = list(folder.items())

    put(tmp_path, "a", "two")
    put(tmp_path, "b", "new")

    assert before == [("a", "one")]
    assert dict(folder) == {"a": "two", "b": "new"}
    assert len(folder) == 2


def test_a_file_that_a_hand_broke_or_took_away_keeps_what_it_said(tmp_path: Path) -> None:
    put(tmp_path, "a", "one")
    put(tmp_path, "b", "two")
    folder = LiveFolder(tmp_path, read)

    put(tmp_path, "a", "")
    (tmp_path / "b.yaml").unlink()

    assert dict(folder) == {"a": "one", "b": "two"}
    assert set(folder.broken) == {"a"}
    put(tmp_path, "a", "mended")
    assert folder["a"] == "mended"
    assert folder.broken == {}


def test_what_can_not_be_taken_up_now_is_tried_again(tmp_path: Path) -> None:
    away = True

    def read_if_well(path: Path) -> str:
        if away:
            raise NotNow("the catalogue is away")
        return read(path)

    folder = LiveFolder(tmp_path, read_if_well)
    put(tmp_path, "a", "one")
    assert "a" not in folder

    away = False

    assert folder["a"] == "one"


def test_a_program_starts_with_sound_files_or_not_at_all(tmp_path: Path) -> None:
    put(tmp_path, "a", "")

    with pytest.raises(ConfigurationError):
        LiveFolder(tmp_path, read)
    with pytest.raises(ConfigurationError):
        LiveFolder(tmp_path / "nowhere", read)


def test_a_part_of_every_value_is_as_new_as_the_whole(tmp_path: Path) -> None:
    put(tmp_path, "a", "one")
    lengths = PartOf(LiveFolder(tmp_path, read), len)

    put(tmp_path, "a", "three")

    assert dict(lengths) == {"a": 5}
