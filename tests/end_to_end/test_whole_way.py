"""`boli demo` as a newcomer runs it, on the small installation and on the large one."""

import json
from pathlib import Path

import pytest
from datasets import Audio, load_dataset

from audio.examine import examine
from audio.limits import Limits
from tests.end_to_end.conftest import Installation
from tests.end_to_end.end_state import objects, rows

pytestmark = pytest.mark.slow


def test_the_demo_takes_recordings_to_a_dataset_that_loads_and_again_changes_nothing(
    installation: Installation, tmp_path: Path
) -> None:
    first = installation.boli("demo")

    assert "published, every byte verified" in first
    assert "by scripts, through the queue" in first
    page = (installation.settings.home / "report.html").read_text("utf-8")
    assert "boli-demo" in page
    assert page.count("<svg") > 9
    balance = json.loads(installation.boli("status", "--json"))
    assert balance["missing"] == []

    loaded = _pulled(installation, tmp_path / "copy")
    assert set(loaded) == {"train", "validation", "test"} & set(loaded)
    assert _decoded_lengths_are_as_stated(loaded, tmp_path)

    before = rows(installation), objects(installation)
    again = installation.boli("demo")
    assert "unchanged, every byte verified" in again
    assert (rows(installation), objects(installation)) == before


def _pulled(installation: Installation, folder: Path) -> dict[str, list[dict[str, object]]]:
    installation.boli("release", "pull", "boli-demo", str(folder))
    dataset = load_dataset(str(folder)).cast_column("audio", Audio(decode=False))
    return {split: list(rows_of) for split, rows_of in dataset.items()}


def _decoded_lengths_are_as_stated(splits: dict[str, list[dict[str, object]]], folder: Path) -> bool:
    checked = 0
    for number, row in enumerate(row for rows_of in splits.values() for row in rows_of):
        audio, words = row["audio"], row["words"]
        assert isinstance(audio, dict)
        assert isinstance(words, list)
        path = folder / f"{number}.flac"
        path.write_bytes(audio["bytes"])
        found = examine(path, Limits(min_seconds=0.01))
        assert abs(found.summary.samples / found.info.sample_rate - float(str(row["duration"]))) < 1e-3
        assert all(0 <= word["start"] <= word["end"] <= float(str(row["duration"])) + 1e-3 for word in words)
        assert str(row["text"]).strip()
        checked += 1
    return checked > 100
