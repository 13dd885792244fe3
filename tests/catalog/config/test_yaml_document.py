"""A document is the same, whichever of the two parsers reads it."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from catalog.config import yaml_document
from catalog.config.settings import ROOT
from catalog.config.yaml_document import Document, Unfit, read_document

FILES = sorted((ROOT / "configs").rglob("*.yaml"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_our_own_files_say_the_same_to_both_parsers(file, monkeypatch) -> None:
    text = file.read_text("utf-8")
    fast = read_document(text)

    monkeypatch.setattr(yaml_document, "_FAST", yaml.SafeLoader)

    assert read_document(text) == fast


@given(
    st.lists(
        st.sampled_from(["a", "b:", "- ", "  ", "\n", ": ", '"', "\\ud800", "#", "[", "{1, 2}", "|\n", "é"])
    )
)
def test_whatever_is_written_is_read_or_refused_alike(parts: list[str]) -> None:
    text = "".join(parts)
    with pytest.MonkeyPatch.context() as monkeypatch:
        fast = outcome(text)
        monkeypatch.setattr(yaml_document, "_FAST", yaml.SafeLoader)

        assert outcome(text) == fast


def outcome(text: str) -> Document | str:
    try:
        return read_document(text)
    except Unfit as unfit:
        return str(unfit)
