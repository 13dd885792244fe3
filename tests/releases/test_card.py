"""The card tells the truth in figures, and says what a reader must know."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

from catalog.config.project import Quota
from catalog.config.release_rules import DATA_LICENCES
from catalog.states import ClipState, TaskState
from catalog.tables import Clip, Speaker, Task
from releases.licence_texts import licence_text
from releases.parquet import columns
from releases.pull import pull
from releases.verify import verify
from releases.versions import read_version
from tests.releases.conftest import Archive
from tests.releases.stores import rows_of


def card_of(archive: Archive, version: str = "1.0.0") -> str:
    return archive.store.get_bytes(f"datasets/tiny/{version}/README.md", 10**6).decode()


def front_of(card: str) -> dict[str, object]:
    front = yaml.safe_load(card.split("---\n")[1])
    assert isinstance(front, dict)
    return front


def test_the_front_matter_is_what_hugging_face_reads(archive: Archive) -> None:
    archive.publish()

    front = front_of(card_of(archive))

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


def test_hours_stand_by_language_and_split(archive: Archive) -> None:
    archive.publish()

    card = card_of(archive)

    assert "| Telugu (te) | 8 | 4 | 8.0 s | 4.0 s | 2.0 s | 2.0 s |" in card
    assert "| Kannada (kn) | 2 | 1 | 2.0 s | 2.0 s | 0.0 s | 0.0 s |" in card


def test_a_language_with_too_few_voices_for_a_test_says_so_instead_of_leaking(archive: Archive) -> None:
    archive.publish()

    assert "Kannada has 1 speaker and so no validation and no test split" in card_of(archive)


def test_texts_that_a_test_shares_with_train_are_counted(archive: Archive) -> None:
    archive.publish()

    assert "- 2 of the 2 test clips say, in another voice, a text that also stands in train." in card_of(
        archive
    )


def test_who_was_asked_and_who_gave_under_a_licence_are_told_apart(archive: Archive) -> None:
    archive.publish()

    card = card_of(archive)

    assert "4 speakers were informed what the recording is for (notice version 1)" in card
    assert "1 speaker was not asked by this project" in card


def test_what_was_rejected_is_counted_by_reason(archive: Archive) -> None:
    clip_id = archive.add_recording("te-01", clips=1)[0]
    with archive.catalog.writing() as session:
        clip = session.get_one(Clip, clip_id)
        clip.state, clip.reason = ClipState.REJECTED, "low_snr"
        task = session.query(Task).filter_by(clip_id=clip_id).one()
        task.state = TaskState.REJECTED
    archive.publish()

    assert "- clips rejected, because: low_snr: 1 (1.0 s)" in card_of(archive)


def test_remarks_of_the_publisher_stand_on_the_card(archive: Archive) -> None:
    remark = "The texts were typed in by a script, from the corpora they come with."
    archive.publish(rules=replace(archive.release, remarks=(remark,)))

    assert "The texts were typed in by a script" in card_of(archive)


def test_a_redacted_version_says_so_on_its_card(archive: Archive) -> None:
    archive.publish()
    archive.withdraw("te-02")
    archive.erase()

    card = card_of(archive)

    assert "> 2 clips were taken out of this version on 2026-11-22, because a speaker withdrew." in card
    assert front_of(card)["pretty_name"] == "Voices of three villages"


def test_the_hub_reads_the_card_and_what_it_says_of_the_columns_and_splits(archive: Archive) -> None:
    from huggingface_hub import DatasetCard

    archive.publish()

    card = DatasetCard(card_of(archive))

    said = card.data.to_dict()
    info = said["dataset_info"]
    version = read_version(archive.store, "tiny", "1.0.0")
    assert {each["name"]: each["num_examples"] for each in info["splits"]} == {
        "train": 6,
        "validation": 2,
        "test": 2,
    }
    assert info["download_size"] == sum(part.size for part in version.parts)
    assert [each["name"] for each in info["features"]] == [name for name, _ in columns()]
    assert "![Hours by language" in card.text


def test_a_redacted_card_counts_what_is_left(archive: Archive) -> None:
    archive.publish()
    archive.withdraw("te-02")
    archive.erase()

    front = front_of(card_of(archive))

    info = front["dataset_info"]
    assert isinstance(info, dict)
    assert sum(each["num_examples"] for each in info["splits"]) == 8


def test_a_sample_row_leaves_the_card_and_the_list_of_faults_when_its_speaker_withdraws(
    archive: Archive,
) -> None:
    with archive.catalog.writing() as session:
        session.query(Clip).update({"measures": {"snr_db": 4.0}})
    archive.publish()
    before = card_of(archive)
    theirs = [row["id"] for row in rows_of(archive.store, "1.0.0") if row["speaker"] == "te-02"]
    shown = [clip for clip in theirs if f"| `{clip}` |" in before]
    faults = archive.store.get_bytes("datasets/tiny/1.0.0/known-faults.jsonl", 10**6).decode()
    assert "- `noisy`, 10 clips" in before
    assert all(clip in faults for clip in theirs)

    archive.withdraw("te-02")
    archive.erase()

    after = card_of(archive)
    assert not any(clip in after for clip in theirs)
    assert after.count("| `clip-") == before.count("| `clip-") - len(shown) > 0
    faults = archive.store.get_bytes("datasets/tiny/1.0.0/known-faults.jsonl", 10**6).decode()
    assert len(faults.splitlines()) == 8 and not any(clip in faults for clip in theirs)
    assert verify(archive.store, "tiny", "1.0.0").ok


def test_hours_stand_against_the_quotas_of_the_project_in_a_table_and_a_picture(archive: Archive) -> None:
    quota = Quota(hours=0.01, by_gender={"female": 0.002, "male": 0.005})
    archive.publish(project=replace(archive.project, quotas={"te": quota}))

    card = card_of(archive)

    assert "| Telugu (te) | all | 8.0 s | 36.0 s | 22% |" in card
    assert "| Telugu (te) | gender female | 4.0 s | 7.2 s | 56% |" in card
    picture = archive.store.get_bytes("datasets/tiny/1.0.0/coverage.svg", 10**6)
    assert ElementTree.fromstring(picture).tag.endswith("svg")
    assert b"0.00 of 0.002 h" in picture


def test_the_text_of_every_licence_stands_beside_the_rows(archive: Archive) -> None:
    archive.publish()

    for licence, words in (("CC-BY-4.0", b"Creative Commons Attribution 4.0"), ("MIT", b"MIT License")):
        assert words in archive.store.get_bytes(f"datasets/tiny/1.0.0/LICENSES/{licence}.txt", 10**6)
    for licence in DATA_LICENCES:
        assert len(licence_text(licence) or "") > 1000, licence
    assert licence_text("../columns") is None


def test_the_datasheet_answers_each_section_from_the_figures(archive: Archive) -> None:
    archive.publish()

    sheet = archive.store.get_bytes("datasets/tiny/1.0.0/datasheet.md", 10**6).decode()

    heads = [line.removeprefix("## ") for line in sheet.splitlines() if line.startswith("## ")]
    assert heads == [
        "Motivation",
        "Composition",
        "Collection process",
        "Preprocessing, cleaning and labelling",
        "Uses",
        "Distribution",
        "Maintenance",
    ]
    assert "10 clips of 5 speakers" in sheet
    assert "4 speakers heard the notice (version 1)" in sheet
    assert "CC-BY-4.0, MIT (SPDX)" in sheet


def test_datasets_reads_the_columns_and_sizes_that_the_card_states(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    from datasets import Audio, load_dataset_builder
    from datasets.info import DatasetInfosDict
    from huggingface_hub import DatasetCardData

    archive.publish()
    pull(archive.store, "tiny", "1.0.0", tmp_path / "tiny")

    front = front_of(card_of(archive))
    (info,) = DatasetInfosDict.from_dataset_card_data(DatasetCardData(**front)).values()  # type: ignore[arg-type]
    built = load_dataset_builder(str(tmp_path / "tiny"), cache_dir=str(tmp_path / "cache")).info
    assert {name: split.num_examples for name, split in info.splits.items()} == {
        "train": 6,
        "validation": 2,
        "test": 2,
    }
    assert isinstance(info.features["audio"], Audio)
    assert built.features == info.features


def test_the_pictures_are_svg_and_say_what_the_figures_say(archive: Archive) -> None:
    with archive.catalog.writing() as session:
        session.query(Speaker).filter_by(pseudonym="te-01").update({"district": "<script>Hanamkonda"})
    archive.publish()

    for name in ("hours.svg", "spread.svg"):
        data = archive.store.get_bytes(f"datasets/tiny/1.0.0/{name}", 10**6)
        picture = ElementTree.fromstring(data)
        assert picture.tag.endswith("svg")
        assert b"<script" not in data
    said = archive.store.get_bytes("datasets/tiny/1.0.0/hours.svg", 10**6).decode()
    assert "Telugu" in said and "&lt;script&gt;Hanamkonda" in said
    assert "| `snr_db` | 24.5 | 24.5 | 24.5 | 24.5 | 24.5 |" in card_of(archive)


@pytest.mark.parametrize("reader", ["datasets", "polars", "duckdb"])
def test_the_code_of_the_card_reads_the_version_straight_from_the_store(
    archive: Archive, reader: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip(reader)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path / "cache"))
    archive.publish()
    blocks = re.findall(r"```python\n(.*?)```", card_of(archive), re.DOTALL)
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
