"""Rows on disk are the rows, in order, and nothing of them outlives whoever wrote them."""

import signal
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.scratch_database import ScratchDatabase, ScratchFull, ScratchSet
from releases.measures import QUANTILES, Measures
from releases.parts import order
from releases.row_spool import spooled, spooled_in_order, spooled_in_splits
from releases.rows import SPLITS, Row, Split, Word
from tests.conftest import REPOSITORY
from tests.releases.rows import row

NAMES = st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"]), max_size=6)
ROWS = st.builds(
    row,
    id=NAMES,
    speaker=NAMES,
    recording=NAMES,
    text=st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    start=st.integers(0, 10**12),
    accepted_on=st.dates(),
    recorded_on=st.none() | st.dates(),
    snr_db=st.none() | st.floats(allow_nan=False, allow_infinity=False),
    voices=st.lists(NAMES, min_size=1, max_size=3).map(tuple),
    words=st.lists(st.builds(Word, NAMES, st.integers(0, 9), st.integers(9, 99), st.none() | st.floats(0, 1)))
    .map(tuple),
)  # fmt: skip
KILLED = """
import os, signal, sys
from releases.row_spool import spooled
from tests.releases.rows import row

held = spooled(row(id=f"clip-{number}", text="x" * 2000) for number in range(20_000))
print(len(held), flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@given(st.lists(ROWS, max_size=30))
def test_rows_come_back_as_they_were_in_the_order_of_a_version(rows: list[Row]) -> None:
    assert list(spooled(rows)) == rows
    assert [order(each) for each in spooled_in_order(rows)] == sorted(map(order, rows))


@given(st.lists(st.sampled_from(SPLITS), max_size=40), st.data())
def test_a_slice_of_a_split_is_what_a_slice_of_a_list_is(splits: list[Split], data: st.DataObject) -> None:
    rows = [row(id=f"clip-{number}") for number, _ in enumerate(splits)]
    by_clip = {each.id: split for each, split in zip(rows, splits, strict=True)}
    held = spooled_in_splits(rows, lambda each: by_clip[each.id])

    for split in SPLITS:
        wanted = [each for each in rows if by_clip[each.id] == split]
        start, stop = (data.draw(st.integers(0, len(rows))) for _ in range(2))
        assert list(held.of(split)) == wanted
        assert list(held.of(split)[start:stop]) == wanted[start:stop]
        assert [held.of(split)[number] for number in range(len(wanted))] == wanted


def test_a_row_in_its_split_has_the_hash_that_it_had_and_another_once_it_is_changed() -> None:
    (held,) = spooled_in_splits([row()], lambda _: "train")

    assert held.sha256 == row().sha256
    assert replace(held, text="మా ఊరు").sha256 == row(text="మా ఊరు").sha256 != held.sha256


def test_more_rows_than_are_held_at_a_time_come_back_whole() -> None:
    rows = [row(id=f"clip-{number}", accepted_on=date(2026, 1, 1 + number % 7)) for number in range(2_500)]

    held = spooled_in_order(rows)

    assert list(held) == sorted(rows, key=order)
    assert held[-1] == max(rows, key=order)


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=60))
def test_quantiles_and_mean_are_those_of_the_values_in_memory(values: list[float]) -> None:
    measures = Measures()
    measures.add([("snr_db", None), *(("snr_db", value) for value in values)])

    ordered = sorted(values)
    assert measures.quantiles("snr_db") == {
        f"{share:g}": ordered[round(share * (len(values) - 1))] for share in QUANTILES
    }
    assert measures.mean("snr_db") == pytest.approx(sum(values) / len(values), abs=1e-3)
    assert (measures.count("cer"), measures.mean("cer"), measures.quantiles("cer")) == (0, None, {})


def test_a_set_of_clips_holds_each_once() -> None:
    clips = ScratchSet(["a", "b", "a"])

    assert (len(clips), "a" in clips, "c" in clips) == (2, True, False)


def test_a_full_disk_says_where_room_is_needed() -> None:
    database = ScratchDatabase("CREATE TABLE some (text TEXT); PRAGMA max_page_count = 8")

    with pytest.raises(ScratchFull, match="TMPDIR"):
        database.insert("INSERT INTO some VALUES (?)", (("x" * 1000,) for _ in range(1000)))


def test_a_killed_process_leaves_nothing_of_the_rows_on_disk(tmp_path: Path) -> None:
    killed = subprocess.run(
        [sys.executable, "-c", KILLED],
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
        env={"TMPDIR": str(tmp_path), "PYTHONPATH": str(REPOSITORY), "PATH": ""},
        check=False,
    )

    assert (killed.returncode, killed.stdout) == (-signal.SIGKILL, "20000\n")
    assert not list(tmp_path.iterdir())
