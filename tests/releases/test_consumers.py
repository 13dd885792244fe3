"""Those whom a release is for open it with their own libraries."""

import csv
import hashlib
import io
import json
from pathlib import Path
from typing import Any

import pytest
import soundfile

from releases.forms import FORMS
from releases.pull import pull
from tests import consumers
from tests.releases.conftest import TEXTS, Archive

SCRIPT = Path(__file__).parent / "consumers" / "open_release.py"
NO_CONSUMERS = pytest.mark.skipif(consumers.why_not() is not None, reason=str(consumers.why_not()))
LENGTHS = {"train": 6, "validation": 2, "test": 2}


@pytest.fixture
def pulled(archive: Archive, tmp_path: Path) -> Path:
    """A version in every form."""
    archive.publish()
    pull(archive.store, "tiny", "1.0.0", tmp_path / "pulled", forms=tuple(FORMS))
    return tmp_path / "pulled"


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_DATASETS_OFFLINE", "1")


def opened(folder: Path, *readers: str, split: str = "train") -> Any:
    done = consumers.run(SCRIPT, str(folder), split, *readers)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def rows_of(folder: Path, split: str = "train") -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in _lines(folder / "manifests" / "nemo" / f"{split}.jsonl")}


@pytest.mark.slow
def test_it_loads_in_datasets_with_audio_undecoded_and_every_clip_decodes_to_its_duration(
    pulled: Path, tmp_path: Path
) -> None:
    from datasets import Audio, load_dataset

    data = load_dataset(str(pulled), cache_dir=str(tmp_path / "cache"))

    assert {split: len(rows) for split, rows in data.items()} == LENGTHS
    assert data["train"].features["audio"] == Audio(sampling_rate=16_000)
    for rows in data.cast_column("audio", Audio(decode=False)).values():
        for row in rows:
            samples, rate = soundfile.read(io.BytesIO(row["audio"]["bytes"]))
            assert len(samples) / rate == row["duration"]
            assert row["text"] == TEXTS[row["language"]]
            assert [word["word"] for word in row["words"]] == row["text"].split()
            assert all(0 <= word["start"] < word["end"] <= row["duration"] for word in row["words"])


def test_it_streams_from_the_parts_alone_without_the_card(pulled: Path) -> None:
    from datasets import Audio, load_dataset

    parts = [str(each) for each in sorted((pulled / "data").glob("train-*.parquet"))]
    rows = load_dataset("parquet", data_files=parts, split="train", streaming=True)

    first = next(iter(rows.cast_column("audio", Audio(decode=False))))
    assert first["audio"]["bytes"][:4] == b"fLaC"


@pytest.mark.slow
def test_the_list_beside_the_files_loads_and_its_sounds_are_there(pulled: Path, tmp_path: Path) -> None:
    # `audiofolder` itself encodes with torchcodec, which is not installed here: its list is read without it
    from datasets import load_dataset

    lists = {split: str(pulled / "audio" / split / "metadata.jsonl") for split in LENGTHS}
    data = load_dataset("json", data_files=lists, cache_dir=str(tmp_path / "cache"))

    assert {split: len(rows) for split, rows in data.items()} == LENGTHS
    for split, rows in data.items():
        for row in rows:
            assert soundfile.info(pulled / "audio" / split / row["file_name"]).duration == row["duration"]
            assert row["text"] == TEXTS[row["language"]]


@pytest.mark.slow
@NO_CONSUMERS
def test_it_loads_in_lhotse_which_finds_it_sound(pulled: Path) -> None:
    found = opened(pulled, "lhotse")["lhotse"]

    lines = rows_of(pulled)
    durations = {clip: line["duration"] for clip, line in lines.items()}
    assert {clip: each["duration"] for clip, each in found["recordings"].items()} == durations
    assert all(each["samples"] == each["duration"] * 16_000 for each in found["recordings"].values())
    texts = {clip: each["text"] for clip, each in found["supervisions"].items()}
    assert texts == {clip: line["text"] for clip, line in lines.items()}
    assert all(len(each["words"]) == len(each["text"].split()) for each in found["supervisions"].values())
    assert found["cuts"] == list(durations)


@pytest.mark.slow
@NO_CONSUMERS
def test_lhotse_reads_shar_kaldi_ctm_and_common_voice(pulled: Path) -> None:
    found = opened(pulled, "shar", "kaldi", "ctm", "commonvoice")

    lines = rows_of(pulled)
    wanted = {clip: line["text"] for clip, line in lines.items()}
    assert {clip: each["text"] for clip, each in found["shar"].items()} == wanted
    assert {each["samples"] for each in found["shar"].values()} == {16_000}
    assert {clip: each["text"] for clip, each in found["commonvoice"].items()} == wanted
    assert {name: each["text"] for name, each in found["kaldi"].items()} == {
        f"{line['speaker']}-{clip}": line["text"] for clip, line in lines.items()
    }
    for name, each in found["kaldi"].items():
        assert name.startswith(f"{each['speaker']}-") and each["duration"] == 1.0
        assert soundfile.info(pulled / each["source"].split()[-1]).duration == 1.0
    assert found["ctm"] == {clip: text.split() for clip, text in wanted.items()}


@pytest.mark.slow
@NO_CONSUMERS
def test_mlcroissant_reads_rows_with_their_sound_and_words_in_time(archive: Archive, tmp_path: Path) -> None:
    archive.publish(part_seconds=1.0)
    copy = tmp_path / "copy"
    pull(archive.store, "tiny", "1.0.0", copy, forms=["nemo"])
    assert len(list((copy / "data").glob("train-*"))) > 1

    found = opened(copy, "croissant")["croissant"]

    assert not found["issues"]
    lines = rows_of(copy)
    assert {row["id"]: row["text"] for row in found["rows"]} == {
        clip: line["text"] for clip, line in lines.items()
    }
    assert all(row["sound"] == "fLaC" for row in found["rows"])
    assert all(row["words"] == row["text"].split() for row in found["rows"])


def test_webdataset_reads_sound_text_and_facts_together(pulled: Path) -> None:
    import webdataset

    archives = sorted(str(each) for each in (pulled / "webdataset").glob("train-*.tar"))
    found = list(webdataset.WebDataset(archives, shardshuffle=False, empty_check=False))

    assert {each["__key__"] for each in found} == set(rows_of(pulled))
    for each in found:
        facts = json.loads(each["json"])
        assert each["txt"].decode() == facts["text"]
        assert soundfile.info(io.BytesIO(each["flac"])).duration == facts["duration"]


def test_praatio_reads_the_textgrids(pulled: Path) -> None:
    from praatio import textgrid

    for clip, line in rows_of(pulled).items():
        grid = textgrid.openTextgrid(str(pulled / "textgrid" / "train" / f"{clip}.TextGrid"), False)
        words = grid.getTier("words").entries
        assert [each.label for each in words] == line["text"].split()
        assert [each.label for each in grid.getTier("text").entries] == [line["text"]]
        assert grid.maxTimestamp == line["duration"] >= words[-1].end


def test_pympi_reads_the_elan_files_and_they_name_their_sound(pulled: Path) -> None:
    import pympi

    for clip, line in rows_of(pulled).items():
        path = pulled / "eaf" / "train" / f"{clip}.eaf"
        elan = pympi.Elan.Eaf(str(path))
        words = sorted(elan.get_annotation_data_for_tier("words"))
        assert [each[2] for each in words] == line["text"].split()
        assert [each[2] for each in elan.get_annotation_data_for_tier("text")] == [line["text"]]
        media = elan.get_linked_files()[0]["MEDIA_URL"]
        assert soundfile.info((path.parent / media).resolve()).duration == line["duration"]


def test_ulca_has_the_names_that_its_schema_asks_for(pulled: Path) -> None:
    # ULCA's dataset-schema.yml: ASRParamsSchema with DatasetCommonParamsSchema, ASRRowSchema
    for language in ("te", "kn"):
        folder = pulled / "ulca" / language / "train"
        params = json.loads((folder / "params.json").read_text())
        assert params.keys() >= {
            *("languages", "collectionSource", "domain", "collectionMethod", "license", "submitter"),
            "contributors",
        }
        assert params["languages"] == {"sourceLanguage": language}
        for row in json.loads((folder / "data.json").read_text()):
            assert row.keys() >= {"audioFilename", "text"}
            assert soundfile.info(folder / row["audioFilename"]).duration == row["duration"]


def test_nemo_finds_every_sound_from_the_manifests_folder(pulled: Path) -> None:
    for manifest in (pulled / "manifests" / "nemo").iterdir():
        for line in _lines(manifest):
            # nemo.collections.common.parts.preprocessing.manifest.get_full_path: from the manifest's folder
            assert soundfile.info(manifest.parent / line["audio_filepath"]).duration == line["duration"]


def test_common_voice_lists_have_its_columns_and_every_clip_is_validated(pulled: Path) -> None:
    for language in ("te", "kn"):
        folder = pulled / "commonvoice" / language
        found = {}
        for name in ("train", "dev", "test", "validated"):
            with (folder / f"{name}.tsv").open() as file:
                found[name] = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
        parted = [row["path"] for name in ("train", "dev", "test") for row in found[name]]
        assert sorted(parted) == sorted(row["path"] for row in found["validated"])
        assert all((folder / "clips" / path).is_file() for path in parted)


def test_sha256sum_agrees_with_the_checksums(pulled: Path) -> None:
    for line in (pulled / "checksums.sha256").read_text().splitlines():
        digest, path = line.split("  ", 1)
        assert hashlib.sha256((pulled / path).read_bytes()).hexdigest() == digest


def test_forms_are_made_again_without_what_a_newer_version_lacks(archive: Archive, tmp_path: Path) -> None:
    archive.publish()
    copy = tmp_path / "copy"
    pull(archive.store, "tiny", "1.0.0", copy, forms=tuple(FORMS))
    archive.withdraw("te-02")
    archive.erase()
    archive.publish()

    pulled = pull(archive.store, "tiny", "1.1.0", copy)

    assert pulled.forms == tuple(FORMS)
    named = [str(each.relative_to(copy)) for each in copy.rglob("*") if each.is_file()]
    with archive.catalog.reading() as session:
        from catalog.tables import Clip

        gone = [clip.id for clip in session.query(Clip).filter_by(state="withdrawn").all()]
    assert len(gone) == 2
    assert not [path for path in named if any(clip in path for clip in gone)]
    whole = b"".join((copy / path).read_bytes() for path in named if not path.endswith("withdrawn.jsonl"))
    assert not any(clip.encode() in whole for clip in gone)
    before = {path: (copy / path).stat().st_mtime_ns for path in named if path.startswith("audio/")}
    pull(archive.store, "tiny", "1.1.0", copy)
    assert all((copy / path).stat().st_mtime_ns == at for path, at in before.items() if ".flac" in path)


def test_the_command_line_names_every_form() -> None:
    from boli.commands.release import Form

    assert {form.value for form in Form} == set(FORMS)


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]
