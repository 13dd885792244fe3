"""Those whom a release is for open it with their own libraries."""

import io
import json
from pathlib import Path

import pytest
import soundfile

from releases.pull import pull
from tests import consumers
from tests.releases.conftest import TEXTS, Archive

SCRIPT = Path(__file__).parent / "consumers" / "open_release.py"


@pytest.fixture
def pulled(archive: Archive, tmp_path: Path) -> Path:
    archive.publish()
    pull(archive.store, "tiny", "1.0.0", tmp_path / "pulled")
    return tmp_path / "pulled"


@pytest.mark.slow
def test_it_loads_in_datasets_with_audio_undecoded_and_every_clip_decodes_to_its_duration(
    pulled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_DATASETS_OFFLINE", "1")
    from datasets import Audio, load_dataset

    data = load_dataset(str(pulled), cache_dir=str(tmp_path / "cache"))

    assert {split: len(rows) for split, rows in data.items()} == {"train": 6, "validation": 2, "test": 2}
    assert data["train"].features["audio"] == Audio(sampling_rate=16_000)
    for rows in data.cast_column("audio", Audio(decode=False)).values():
        for row in rows:
            samples, rate = soundfile.read(io.BytesIO(row["audio"]["bytes"]))
            assert len(samples) / rate == row["duration"]
            assert row["text"] == TEXTS[row["language"]]
            assert [word["word"] for word in row["words"]] == row["text"].split()
            assert all(0 <= word["start"] < word["end"] <= row["duration"] for word in row["words"])


def test_it_streams_from_the_shards_alone_without_the_card(
    pulled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    from datasets import Audio, load_dataset

    shards = [str(each) for each in sorted((pulled / "data").glob("train-*.parquet"))]
    rows = load_dataset("parquet", data_files=shards, split="train", streaming=True)

    first = next(iter(rows.cast_column("audio", Audio(decode=False))))
    assert first["audio"]["bytes"][:4] == b"fLaC"


@pytest.mark.slow
@pytest.mark.skipif(consumers.why_not() is not None, reason=str(consumers.why_not()))
def test_it_loads_in_lhotse_and_mlcroissant_and_both_find_it_sound(pulled: Path) -> None:
    done = consumers.run(SCRIPT, str(pulled), "train")

    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])
    lines = [json.loads(line) for line in (pulled / "manifests/nemo/train.jsonl").read_text().splitlines()]
    durations = {line["id"]: line["duration"] for line in lines}
    assert {clip: each["duration"] for clip, each in found["recordings"].items()} == durations
    assert all(each["samples"] == each["duration"] * 16_000 for each in found["recordings"].values())
    assert {clip: each["text"] for clip, each in found["supervisions"].items()} == {
        line["id"]: line["text"] for line in lines
    }
    assert all(len(each["words"]) == len(each["text"].split()) for each in found["supervisions"].values())
    assert found["cuts"] == list(durations)
    assert found["croissant"] == list(durations)


@pytest.mark.slow
@pytest.mark.skipif(consumers.why_not() is not None, reason=str(consumers.why_not()))
def test_a_shard_that_was_changed_is_refused_by_mlcroissant(pulled: Path) -> None:
    shard = next((pulled / "data").glob("train-*.parquet"))
    data = bytearray(shard.read_bytes())
    data[len(data) // 2] ^= 1
    shard.write_bytes(data)

    done = consumers.run(SCRIPT, str(pulled), "train")

    assert done.returncode != 0
    assert "Download" in done.stderr or "sha256" in done.stderr.lower()


def test_nemo_finds_every_sound_from_the_manifests_folder(pulled: Path) -> None:
    for manifest in (pulled / "manifests" / "nemo").iterdir():
        for line in manifest.read_text().splitlines():
            # nemo.collections.common.parts.preprocessing.manifest.get_full_path: from the manifest's folder
            sound = manifest.parent / json.loads(line)["audio_filepath"]
            assert soundfile.info(sound).duration == json.loads(line)["duration"]


def test_sha256sum_agrees_with_the_checksums(pulled: Path) -> None:
    import hashlib

    for line in (pulled / "checksums.sha256").read_text().splitlines():
        digest, path = line.split("  ", 1)
        assert hashlib.sha256((pulled / path).read_bytes()).hexdigest() == digest
