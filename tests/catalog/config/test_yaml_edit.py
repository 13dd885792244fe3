"""A file that a program changes stays the file of whoever wrote it."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.config.settings import ROOT
from catalog.config.yaml_document import Value, read_document
from catalog.config.yaml_edit import NotEditable, edited

PROJECTS = sorted((ROOT / "configs" / "projects").glob("*.yaml"))
TEXTS = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufeff\u2028\u2029\x85"), max_size=60
)
VALUES: st.SearchStrategy[Value] = st.one_of(
    st.booleans(),
    st.integers(-(10**9), 10**9),
    st.floats(allow_nan=False, allow_infinity=False, width=32),
    TEXTS,
    st.lists(TEXTS, max_size=4),
    st.dictionaries(st.from_regex(r"[a-z][a-z0-9_-]{0,12}", fullmatch=True), TEXTS, min_size=1, max_size=4),
)


@pytest.mark.parametrize("path", PROJECTS, ids=lambda path: path.stem)
def test_only_the_lines_of_what_was_changed_differ(path: Path) -> None:
    text = path.read_text("utf-8")

    after = edited(text, {("review", "share"): 0.5})

    before_lines, after_lines = text.splitlines(), after.splitlines()
    differing = [(old, new) for old, new in zip(before_lines, after_lines, strict=True) if old != new]
    assert len(differing) == 1
    assert differing[0][1].startswith("  share: 0.5")


@pytest.mark.parametrize("path", PROJECTS, ids=lambda path: path.stem)
def test_comments_outlive_a_setting_that_is_added_and_taken_out_again(path: Path) -> None:
    text = path.read_text("utf-8")

    after = edited(edited(text, {("retention", "names"): 30}), {("retention", "names"): None})

    assert after == text


@settings(max_examples=60, deadline=None)
@given(value=VALUES)
def test_whatever_is_put_in_is_read_again_as_it_was_or_refused(value: Value) -> None:
    text = "name: a # the name\nclips:\n  recipe: field\n"

    try:
        after = edited(text, {("clips", "remark"): value})
    except NotEditable:
        return

    document = read_document(after)
    assert document.value == {"name": "a", "clips": {"recipe": "field", "remark": value}}
    assert not document.broken
    assert "# the name" in after


@pytest.mark.parametrize(
    "value", ["1", "true", "no", "~", "1:30", "a: b", "# a", "- a", '"', "0x1F", "1e3", ""]
)
def test_a_text_that_looks_like_something_else_stays_a_text(value: str) -> None:
    after = edited("name: a\n", {("title",): value})

    assert read_document(after).value == {"name": "a", "title": value}


def test_a_notice_of_many_lines_is_written_line_by_line() -> None:
    after = edited("consent:\n  notices:\n    te: x\n", {("consent", "notices", "te"): "ఒకటి.\nరెండు.\n"})

    assert after == "consent:\n  notices:\n    te: |\n      ఒకటి.\n      రెండు.\n"


def test_a_setting_inside_a_list_is_left_to_a_hand() -> None:
    with pytest.raises(NotEditable):
        edited("datasets:\n  - name: a\n", {("datasets", "name"): "b"})
