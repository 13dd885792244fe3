"""What differs between two sets of rows is the same on disk as in memory."""

import json
from dataclasses import asdict

from hypothesis import given
from hypothesis import strategies as st

from releases.changes import Change, Changes, RowDigest, as_markdown, compare, in_memory

CLIPS = st.sampled_from([f"clip-{number}" for number in range(12)])
TEXTS = st.sampled_from(["నాకు పాట", "మా ఊరు", ""])
ROWS = st.dictionaries(CLIPS, st.tuples(st.sampled_from(["te", "kn"]), TEXTS, st.sampled_from("abc")))


def digests(rows: dict[str, tuple[str, str, str]]) -> list[RowDigest]:
    return [RowDigest(clip, language, 2.5, text, sha256) for clip, (language, text, sha256) in rows.items()]


def between(old: dict[str, tuple[str, str, str]], new: dict[str, tuple[str, str, str]]) -> Changes:
    return compare(("1.0.0", "1.1.0"), digests(old), digests(new))


@given(ROWS, ROWS)
def test_rows_that_came_went_and_were_changed_are_each_named_once(
    old: dict[str, tuple[str, str, str]], new: dict[str, tuple[str, str, str]]
) -> None:
    changes = between(old, new)

    both = sorted(old.keys() & new.keys())
    changed = [clip for clip in both if old[clip][2] != new[clip][2]]
    assert list(changes.clips["added"]) == sorted(new.keys() - old.keys())
    assert list(changes.clips["removed"]) == sorted(old.keys() - new.keys())
    assert list(changes.clips["changed"]) == changed
    assert changes.unchanged == len(both) - len(changed)
    rewritten = [(clip, old[clip][1], new[clip][1]) for clip in changed if old[clip][1] != new[clip][1]]
    assert [(each.clip, each.before, each.after) for each in changes.rewrites] == rewritten
    assert [each.clip for each in changes.rewrites[1:3]] == [clip for clip, *_ in rewritten[1:3]]
    assert (
        sum(each.clips for kinds in changes.by_language.values() for each in kinds.values())
        == len(old.keys() | new.keys()) - changes.unchanged
    )


def test_hours_are_counted_in_the_language_that_the_row_has_now() -> None:
    changes = between({"a": ("te", "x", "1"), "b": ("te", "x", "1")}, {"a": ("kn", "y", "2")})

    assert changes.by_language == {"kn": {"changed": Change(1, 2.5)}, "te": {"removed": Change(1, 2.5)}}
    assert "- `a`: spelling" in as_markdown(changes, {"a": ("spelling",)})


def test_all_of_it_can_be_written_out() -> None:
    changes = in_memory(between({}, {"a": ("te", "x", "1")}))

    assert json.loads(json.dumps(asdict(changes)))["clips"] == {"added": ["a"], "removed": [], "changed": []}
