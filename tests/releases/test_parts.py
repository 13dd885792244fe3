"""A version costs what changed: its parts are cut where the rows say, and shared with the versions before."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from catalog.store import ObjectStore, open_store
from catalog.tables import Clip, Transcript
from releases.collect import collect_parts
from releases.parts import PartRows, cut, order
from releases.rows import Row
from releases.verify import verify
from releases.versions import commit_key, commits, newest, read_version
from tests.releases.conftest import Archive, fill
from tests.releases.rows import row
from tests.releases.stores import Through, everything, killed_after, rows_of

SECONDS = 60.0
NEWEST = date(2026, 11, 20)


def many(count: int, *, days: int = 60, until: date = NEWEST) -> list[Row]:
    """Rows of five seconds, spread over the days before."""
    made = (
        row(
            id=f"clip-{number:05}",
            text=f"text {number}",
            accepted_on=until - timedelta(days=days - 1 - number * days // count),
        )
        for number in range(count)
    )
    return sorted(made, key=order)


def parts(rows: Sequence[Row], newest: date = NEWEST) -> list[PartRows]:
    return list(cut("train", rows, newest=newest, seconds=SECONDS))


def hashes(rows: Sequence[Row], newest: date = NEWEST) -> set[str]:
    return {part.sha256 for part in parts(rows, newest)}


def test_parts_hold_every_row_once_in_order_and_keep_to_their_bounds() -> None:
    rows = many(2000)

    found = parts(rows)

    assert [each for part in found for each in part.rows] == rows
    assert all(sum(each.seconds for each in part.rows) <= 2 * SECONDS for part in found)
    settled = [part for part in found if part.rows[0].accepted_on < NEWEST.replace(day=1)]
    assert all(sum(each.seconds for each in part.rows) >= SECONDS / 2 for part in settled[:-1])
    mean = sum(each.seconds for part in settled for each in part.rows) / len(settled)
    assert SECONDS / 2 < mean < 2 * SECONDS


@given(st.integers(0, 1999), st.text(min_size=1, max_size=20))
def test_a_correction_makes_one_part_another(number: int, text: str) -> None:
    rows = many(2000)
    before = hashes(rows)
    rows[number] = replace(rows[number], text=f"corrected {text}")

    assert len(hashes(rows) - before) == 1


@given(st.sets(st.integers(0, 1999), min_size=1, max_size=5))
def test_a_withdrawal_changes_few_parts_beside_those_that_held_the_rows(numbers: set[int]) -> None:
    rows = many(2000)
    before = hashes(rows)
    left = [each for place, each in enumerate(rows) if place not in numbers]

    assert len(hashes(left) - before) <= 4 * len(numbers)


def test_a_days_work_leaves_every_part_of_the_days_before_as_it_was() -> None:
    rows = many(2000)
    before = hashes(rows)
    day = NEWEST + timedelta(days=1)
    more = [replace(row(id=f"new-{number}", text="new"), accepted_on=day) for number in range(30)]

    after = hashes(sorted([*rows, *more], key=order), newest=day)

    assert before <= after
    assert len(after - before) <= 5


def test_a_month_that_is_over_is_cut_together_and_what_was_before_it_stays() -> None:
    rows = many(2000)
    old = {part.sha256 for part in parts(rows) if part.rows[-1].accepted_on < date(2026, 10, 1)}

    assert len(old - hashes(rows, newest=date(2026, 12, 1))) <= 1


def test_one_correction_and_one_new_clip_write_one_part_each_and_the_small_files(archive: Archive) -> None:
    for number in range(20, 26):
        archive.add_speaker(f"te-{number}")
        archive.add_recording(f"te-{number}", clips=4)
    archive.publish(part_seconds=4.0)
    before = everything(archive.store, "datasets/")
    assert len(read_version(archive.store, "tiny", "1.0.0").parts) > 6
    archive.rewrite(rows_of(archive.store, "1.0.0")[0]["id"], "నాకు ఇష్టం")
    archive.add_speaker("te-30")
    accepted_today(archive, archive.add_recording("te-30", clips=1))

    archive.publish(part_seconds=4.0)

    written = {key for key in everything(archive.store, "datasets/") if key not in before}
    assert len([key for key in written if "/parts/" in key]) == 2
    assert len(written) == 2 + 12 + 2  # parts; card and lists; claim and commit
    assert verify(archive.store, "tiny", "1.1.0").ok


def test_another_history_of_the_same_clips_ends_in_the_same_parts(
    make_archive: Callable[..., Archive], tmp_path: Path
) -> None:
    found = []
    for history in ("in two versions", "in one"):
        folder = tmp_path / history
        archive = make_archive(open_store((folder / "store").as_uri()), f"sqlite:///{folder / 'boli.sqlite'}")
        fill(archive)
        if history == "in two versions":
            archive.publish(part_seconds=4.0)
        with archive.catalog.reading() as session:
            clip = session.scalars(select(Clip.id).order_by(Clip.id)).first()
        assert clip is not None
        archive.rewrite(clip, "నాకు ఇష్టం")
        archive.publish(part_seconds=4.0)
        version = newest(archive.store, "tiny")
        assert version is not None
        found.append(version.parts)

    assert found[0] == found[1]


def test_a_part_without_a_voice_has_the_bytes_of_one_that_never_had_it(archive: Archive) -> None:
    archive.publish()
    archive.withdraw("te-02")
    archive.erase()
    redacted = read_version(archive.store, "tiny", "1.0.0").parts

    archive.publish()

    version = newest(archive.store, "tiny")
    assert version is not None and version.commit.version == "1.1.0"
    assert version.parts == redacted


def test_parts_carry_statistics_and_a_page_index_of_what_people_filter_by(
    archive: Archive, tmp_path: Path
) -> None:
    archive.publish()
    version = read_version(archive.store, "tiny", "1.0.0")
    path = tmp_path / "part.parquet"
    archive.store.fetch(version.key(version.parts[0].file), path)

    group = pq.ParquetFile(path).metadata.row_group(0)

    columns = {group.column(each).path_in_schema: group.column(each) for each in range(group.num_columns)}
    for name in ("language", "speaker", "gender", "duration", "snr_db"):
        assert columns[name].statistics.has_min_max, name
        assert columns[name].has_column_index and columns[name].has_offset_index, name
    assert not columns["audio.bytes"].is_stats_set


def test_the_newest_version_is_found_without_reading_the_others(archive: Archive) -> None:
    archive.publish()
    archive.add_recording("te-01", clips=1)
    archive.publish()

    class Counting(Through):
        read: list[str] = []  # noqa: RUF012

        def get_bytes(self, key: str, max_bytes: int, *, sha256: str | None = None) -> bytes:
            self.read.append(key)
            data: bytes = self._store.get_bytes(key, max_bytes, sha256=sha256)
            return data

    store = Counting(archive.store)
    found = newest(store, "tiny")

    assert found is not None and found.commit.version == "1.1.0"
    assert commit_key("tiny", "1.0.0") not in store.read


def test_parts_of_a_stopped_build_wait_three_days_and_go(archive: Archive) -> None:
    archive.publish()
    named = keys(archive.store)
    archive.add_speaker("te-09")
    archive.add_recording("te-09")
    stopped = replace(archive)
    killed_after(stopped, 3)
    assert keys(archive.store) > named
    archive.add_recording("te-09")
    archive.publish()
    archive.now += timedelta(days=2)
    archive.publish()

    first = collect_parts(archive.catalog, archive.store, "tiny", now=archive.later())
    archive.now += timedelta(hours=71)
    second = collect_parts(archive.catalog, archive.store, "tiny", now=archive.later())
    archive.now += timedelta(hours=2)
    third = collect_parts(archive.catalog, archive.store, "tiny", now=archive.later())

    assert (first.destroyed, second.destroyed) == (0, 0)
    assert third.destroyed == first.waiting > 0
    assert all(verify(archive.store, "tiny", commit.version).ok for commit in commits(archive.store, "tiny"))
    assert not archive.store.exists("datasets/tiny/unused.json")


def accepted_today(archive: Archive, clips: Sequence[str]) -> None:
    day = datetime(2026, 11, 23, 9, tzinfo=UTC)
    with archive.catalog.writing() as session:
        session.execute(update(Transcript).where(Transcript.clip_id.in_(clips)).values(accepted_at=day))


def keys(store: ObjectStore) -> set[str]:
    return {each.key for each in store.list("datasets/tiny/parts/")}
