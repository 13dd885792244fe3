"""docs/datasets.md: what it shows in Python runs as it stands there, on a folder and on S3."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from catalog.config.settings import ROOT as REPOSITORY
from catalog.store import S3Options, open_store
from releases.pull import pull
from tests import consumers
from tests.releases.conftest import Archive, fill
from tests.releases.heard import hear_telugu, publish_pairs

SNIPPET = Path(__file__).parent / "consumers" / "run_snippet.py"
PAGE = (REPOSITORY / "docs" / "datasets.md").read_text("utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def block(holding: str) -> str:
    (found,) = [each for each in BLOCKS if holding in each]
    return found


@pytest.fixture(params=["folder", "S3"])
def published(request: pytest.FixtureRequest, make_archive: Callable[..., Archive], tmp_path: Path) -> str:
    """The address of a store with a version, as a reader writes it."""
    if request.param == "folder":
        store = open_store((tmp_path / "store").as_uri())
        address = store.url
    else:
        options: S3Options = request.getfixturevalue("s3_options")
        store = open_store(request.getfixturevalue("s3_store_url"), options)
        assert options.endpoint is not None and options.secret_key is not None
        scheme, _, host = options.endpoint.partition("://")
        secret = options.secret_key
        key = secret.get_secret_value() if hasattr(secret, "get_secret_value") else secret
        reached = f"?scheme={scheme}&endpoint_override={host}&region={options.region}"
        address = store.url.replace("s3://", f"s3://{options.access_key}:{key}@") + "{path}" + reached
    archive = make_archive(store)
    fill(archive)
    archive.publish()
    return address


def test_columns_are_read_straight_from_the_store_with_a_filter(published: str) -> None:
    address = published
    code = block("pyarrow.dataset").replace("voices-of-dumka", "tiny")
    if "{path}" in address:  # an endpoint of our own stands at the address's end
        whole = address.replace("{path}", "/datasets/tiny")
        code = code.replace('f"{STORE}/datasets/tiny"', repr(whole))
    given: dict[str, Any] = {"STORE": address}

    exec(code, given)

    assert given["texts"].num_rows == 6
    assert given["texts"].column_names == ["id", "text", "duration"]


@pytest.mark.slow
@pytest.mark.skipif(consumers.why_not() is not None, reason=str(consumers.why_not()))
def test_a_copy_in_lhotses_form_is_read_as_the_page_says(archive: Archive, tmp_path: Path) -> None:
    archive.publish()
    pull(archive.store, "tiny", "1.0.0", tmp_path / "data" / "voices-of-dumka", forms=["lhotse"])
    (tmp_path / "snippet.py").write_text(block("CutSet"), "utf-8")

    done = consumers.run(SNIPPET, str(tmp_path), str(tmp_path / "snippet.py"))

    assert done.returncode == 0, done.stderr[-3000:]
    cuts = json.loads(done.stdout.splitlines()[-1])
    assert len({cut["id"] for cut in cuts}) == 6
    assert {cut["samples"] for cut in cuts} == {16_000}


def test_pairs_are_loaded_as_the_page_says(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hear_telugu(archive, "నాకు పట పాడటం")
    publish_pairs(archive)
    pull(archive.store, "tiny", "1.0.0", tmp_path / "data" / "voices-of-dumka", forms=["pairs"])
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HF_DATASETS_OFFLINE", "1")
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path / "cache"))
    given: dict[str, Any] = {}

    exec(block("pairs = "), given)

    assert given["pairs"].num_rows == 8
    assert given["pairs"][0]["words"][1] == {"kind": "changed", "heard": "పట", "written": "పాట"}


def test_every_block_of_python_on_the_page_is_run_by_a_test() -> None:
    held = ("pyarrow.dataset", "row = data", "gone = ", "CutSet", "sounds, samples, texts", "pairs = ")

    assert sorted(map(block, held)) == sorted(BLOCKS)


def test_a_copy_loads_and_loses_what_was_withdrawn(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    archive.publish()
    pull(archive.store, "tiny", "1.0.0", tmp_path / "data" / "voices-of-dumka")
    given: dict[str, Any] = {}

    exec(block("row = data"), given)
    before = sum(len(rows) for rows in given["data"].values())
    archive.withdraw("te-02")
    archive.erase()
    (tmp_path / "data" / "voices-of-dumka" / "withdrawn.jsonl").write_bytes(
        archive.store.get_bytes("datasets/tiny/withdrawn.jsonl", 10**6)
    )
    exec(block("gone = "), given)

    assert given["row"]["audio"]["bytes"][:4] == b"fLaC"
    assert (before, sum(len(rows) for rows in given["data"].values())) == (10, 8)
