"""Where each thing lies in the store."""

from collections.abc import Callable

import pytest

from catalog import keys
from catalog.store.contract import checked_key

DIGEST = "0123456789abcdef" * 4


def test_the_keys_are_those_of_the_design() -> None:
    assert keys.landing_key("u1") == "landing/u1"
    assert keys.recording_key(DIGEST, "m4a") == f"recordings/{DIGEST}.m4a"
    assert keys.clip_key("r", "c") == "clips/r/c.flac"
    assert keys.clean_key("r", "c") == "clips/r/c.clean.flac"
    assert keys.preview_key("r", "c") == "clips/r/c.preview.opus"
    assert keys.peaks_key("r", "c") == "clips/r/c.peaks.json"
    assert keys.version_key("te", "1.0.0") == "datasets/te/versions/1.0.0.json"
    assert keys.dataset_key("te", "1.0.0", "data/a.parquet") == "datasets/te/1.0.0/data/a.parquet"
    assert keys.withdrawn_key("te") == "datasets/te/withdrawn.jsonl"


@pytest.mark.parametrize(
    "make",
    [
        lambda name: keys.landing_key(name),
        lambda name: keys.recording_key(DIGEST, name),
        lambda name: keys.recording_key(name, "wav"),
        lambda name: keys.clip_key(name, "c"),
        lambda name: keys.clip_key("r", name),
        lambda name: keys.version_key(name, "1"),
        lambda name: keys.dataset_key("te", "1", f"data/{name}"),
    ],
)
@pytest.mark.parametrize("name", ["", "..", ".hidden", "a/b", "../../etc", "a b", "x" * 101, "A\n"])
def test_no_name_leads_out_of_its_folder(make: Callable[[str], str], name: str) -> None:
    try:
        key = make(name)
    except ValueError:
        return

    assert key == checked_key(key) == "datasets/te/1/data/a/b"


def test_a_version_never_takes_the_folder_of_the_commit_points() -> None:
    with pytest.raises(ValueError, match="versions"):
        keys.dataset_key("te", "versions", "1.json")
