"""The card tells the truth in figures, and says what a reader must know."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

from catalog.states import ClipState, TaskState
from catalog.tables import Clip, Speaker, Task
from releases.parquet import columns
from releases.versions import read_version
from tests.releases.conftest import House


def card_of(house: House, version: str = "1.0.0") -> str:
    return house.store.get_bytes(f"datasets/tiny/{version}/README.md", 10**6).decode()


def front_of(card: str) -> dict[str, object]:
    front = yaml.safe_load(card.split("---\n")[1])
    assert isinstance(front, dict)
    return front


def test_the_front_matter_is_what_hugging_face_reads(house: House) -> None:
    house.publish()

    front = front_of(card_of(house))

    assert front["language"] == ["kn", "te"]
    assert front["license"] == ["cc-by-4.0", "mit"]
    assert front["task_categories"] == ["automatic-speech-recognition"]
    assert front["size_categories"] == ["n<1K"]
    assert front["configs"] == [
        {
            "config_name": "default",
            "data_files": [
                {"split": "train", "path": "data/train-*.parquet"},
                {"split": "validation", "path": "data/validation-*.parquet"},
                {"split": "test", "path": "data/test-*.parquet"},
            ],
        }
    ]
    assert "not to attempt to determine the identity of the speakers" in str(front["extra_gated_prompt"])


def test_hours_stand_by_language_and_split(house: House) -> None:
    house.publish()

    card = card_of(house)

    assert "| Telugu (te) | 8 | 4 | 8.0 s | 4.0 s | 2.0 s | 2.0 s |" in card
    assert "| Kannada (kn) | 2 | 1 | 2.0 s | 2.0 s | 0.0 s | 0.0 s |" in card


def test_a_language_with_too_few_voices_for_a_test_says_so_instead_of_leaking(house: House) -> None:
    house.publish()

    assert "Kannada has 1 speaker and so no validation and no test split" in card_of(house)


def test_texts_that_a_test_shares_with_train_are_counted(house: House) -> None:
    house.publish()

    assert "- 2 of the 2 test clips say, in another voice, a text that also stands in train." in card_of(
        house
    )


def test_who_was_asked_and_who_gave_under_a_licence_are_told_apart(house: House) -> None:
    house.publish()

    card = card_of(house)

    assert "4 speakers were told what the recording is for (notice version 1)" in card
    assert "1 speaker was not asked by this project" in card


def test_what_was_rejected_is_counted_by_reason(house: House) -> None:
    clip_id = house.add_recording("te-01", clips=1)[0]
    with house.catalog.writing() as session:
        clip = session.get_one(Clip, clip_id)
        clip.state, clip.reason = ClipState.REJECTED, "low_snr"
        task = session.query(Task).filter_by(clip_id=clip_id).one()
        task.state = TaskState.REJECTED
    house.publish()

    assert "- clips rejected, because: low_snr: 1 (1.0 s)" in card_of(house)


def test_remarks_of_the_publisher_stand_on_the_card(house: House) -> None:
    remark = "The texts were typed in by a script, from the corpora they come with."
    house.publish(rules=replace(house.release, remarks=(remark,)))

    assert "The texts were typed in by a script" in card_of(house)


def test_a_redacted_version_says_so_on_its_card(house: House) -> None:
    house.publish()
    house.withdraw("te-02")
    house.erase()

    card = card_of(house)

    assert "> 2 clips were taken out of this version on 2026-11-22, because a speaker withdrew." in card
    assert front_of(card)["pretty_name"] == "Voices of three villages"


def test_the_hub_reads_the_card_and_what_it_says_of_the_columns_and_splits(house: House) -> None:
    from huggingface_hub import DatasetCard

    house.publish()

    card = DatasetCard(card_of(house))

    said = card.data.to_dict()
    info = said["dataset_info"]
    version = read_version(house.store, "tiny", "1.0.0")
    assert {each["name"]: each["num_examples"] for each in info["splits"]} == {
        "train": 6,
        "validation": 2,
        "test": 2,
    }
    assert info["download_size"] == sum(part.size for part in version.parts)
    assert [each["name"] for each in info["features"]] == [name for name, _ in columns()]
    assert "![Hours by language" in card.text


def test_a_redacted_card_counts_what_is_left(house: House) -> None:
    house.publish()
    house.withdraw("te-02")
    house.erase()

    front = front_of(card_of(house))

    info = front["dataset_info"]
    assert isinstance(info, dict)
    assert sum(each["num_examples"] for each in info["splits"]) == 8


def test_the_pictures_are_svg_and_say_what_the_figures_say(house: House) -> None:
    with house.catalog.writing() as session:
        session.query(Speaker).filter_by(pseudonym="te-01").update({"district": "<script>Hanamkonda"})
    house.publish()

    for name in ("hours.svg", "spread.svg"):
        data = house.store.get_bytes(f"datasets/tiny/1.0.0/{name}", 10**6)
        picture = ElementTree.fromstring(data)
        assert picture.tag.endswith("svg")
        assert b"<script" not in data
    said = house.store.get_bytes("datasets/tiny/1.0.0/hours.svg", 10**6).decode()
    assert "Telugu" in said and "&lt;script&gt;Hanamkonda" in said
    assert "| `snr_db` | 24.5 | 24.5 | 24.5 | 24.5 | 24.5 |" in card_of(house)


@pytest.mark.parametrize("reader", ["datasets", "polars", "duckdb"])
def test_the_code_of_the_card_reads_the_version_straight_from_the_store(
    house: House, reader: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip(reader)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path / "cache"))
    house.publish()
    blocks = re.findall(r"```python\n(.*?)```", card_of(house), re.DOTALL)
    given: dict[str, Any] = {}
    root = str(tmp_path / "store" / "datasets" / "tiny")

    for code in (
        block for block in blocks if "ROOT" in block or f"import {reader}" in block or "streaming" in block
    ):
        exec(code.replace("s3://BUCKET/PREFIX/datasets/tiny", root), given)

    found = {
        "datasets": lambda: len(list(given["rows"])),
        "polars": lambda: given["texts"].height,
        "duckdb": lambda: 6 if sum(hours for _, hours in given["hours"]) == pytest.approx(6 / 3600) else 0,
    }
    assert found[reader]() == 6
