"""What versions cost: bytes written and stored, time beside bare copying, memory, and what an update brings over.

python -m bench.releases
python -m bench.releases --whole                     and ten million made rows: two hours more, and 50 GB of disk
python -m bench.releases --plan-rows 10000,1000000   choosing, planning and comparing so many made rows alone

A dataset of 100 hours in parts of 5 hours is measured at a scale of 1 to 100: one hour of made sound (FLAC, clips of
five seconds, 12 a recording) in parts of 3 minutes. What follows from the number of parts is the same; rows and small
files are not scaled, and weigh 100 times as much beside the sound as they would.
"""

import argparse
import hashlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import get_args
from xml.etree import ElementTree

import numpy as np
from sqlalchemy import update

from audio.fingerprint import Fingerprint
from bench import release_audb, release_memory, release_scale, release_throughput
from bench.release_archive import (
    CLIPS,
    NIGHTS,
    PART_SECONDS,
    RECORDINGS,
    SECONDS,
    accepted,
    archive_at,
    open_with_speakers,
    record,
)
from bench.sound_data import RATE
from bench.sound_duplicates import coded, fingerprint, real_sounds
from catalog.config.settings import ROOT
from catalog.states import ClipState, TaskState
from catalog.store import ObjectStore, Stored
from catalog.tables import Clip, Task
from releases.forms import FORMS
from releases.near_duplicates import alike
from releases.pull import pull
from releases.rows import Row
from releases.verify import Level, verify
from releases.versions import newest
from tests.releases.conftest import Archive
from tests.releases.rows import row
from tests.releases.stores import Through

PLANTED = 100


class Counting(Through):
    """A store that counts what is written to it."""

    def __init__(self, store: ObjectStore) -> None:
        super().__init__(store)
        self.written = 0

    def put_file(self, key: str, path: Path, *, sha256: str | None = None) -> Stored:
        self.written += 0 if self._store.exists(key) else path.stat().st_size
        return self._store.put_file(key, path, sha256=sha256)

    def put_bytes(self, key: str, data: bytes) -> Stored:
        self.written += len(data)
        return self._store.put_bytes(key, data)

    def create(self, key: str, data: bytes) -> Stored:
        self.written += len(data)
        return self._store.create(key, data)


def costs(folder: Path) -> Iterator[str]:
    """One correction and one clip; thirty nights; a day's update; verify."""
    with archive_at(folder) as archive:
        open_with_speakers(archive)
        clips = record(archive, RECORDINGS * 9 // 10, day=0)
        counting = Counting(archive.store)
        archive.store = counting
        archive.publish(part_seconds=PART_SECONDS)
        whole = _stored(counting)
        fresh = (RECORDINGS - RECORDINGS * 9 // 10) * CLIPS
        per_night = fresh // NIGHTS
        day = 40
        pending: list[str] = []
        for night in range(NIGHTS):
            if len(pending) < per_night:
                pending += archive.add_recording(f"te-{night % 20:02}", clips=CLIPS, seconds=SECONDS)
                accepted(archive, pending, 400)  # not before their night
            accepted(archive, pending[:per_night], day + night)
            with _only_until(archive, pending[per_night:]):
                archive.publish(part_seconds=PART_SECONDS)
            pending = pending[per_night:]
        last = newest(archive.store, "tiny")
        assert last is not None
        held = sum(file.size for file in last.files)
        times = _stored(counting) / held
        yield f"| storage of {NIGHTS + 1} nightly versions, 90 to 100 % | {times:.2f} x the last one | 1.3 x |"
        yield from _correction(archive, counting, clips, day + NIGHTS, whole)
        yield from _update(archive, folder, clips, day + NIGHTS + 1)
        yield from _verified(archive, folder)


@contextmanager
def _only_until(archive: Archive, clips: list[str]) -> Iterator[None]:
    """Clips of nights to come wait: they are not accepted yet."""

    def put(clip: ClipState, task: TaskState) -> None:
        with archive.catalog.writing() as session:
            session.execute(update(Clip).where(Clip.id.in_(clips)).values(state=clip))
            session.execute(update(Task).where(Task.clip_id.in_(clips)).values(state=task))

    put(ClipState.WAITING, TaskState.OPEN)
    yield
    put(ClipState.ACCEPTED, TaskState.ACCEPTED)


def _correction(
    archive: Archive, counting: Counting, clips: list[str], day: int, whole: int
) -> Iterator[str]:
    last = newest(archive.store, "tiny")
    assert last is not None
    largest = max(part.size for part in last.parts)
    archive.rewrite(clips[len(clips) // 2], "నాకు ఇష్టం")
    accepted(archive, archive.add_recording("te-01", clips=1, seconds=SECONDS), day)
    counting.written = 0
    archive.publish(part_seconds=PART_SECONDS)
    yield (
        f"| bytes written for one correction and one clip | {counting.written / 1e6:.2f} MB; the whole is "
        f"{whole / 1e6:.0f} MB, the largest of {len(last.parts)} parts {largest / 1e6:.2f} MB | one part + 1 MB |"
    )


def _update(archive: Archive, folder: Path, clips: list[str], day: int) -> Iterator[str]:
    version = newest(archive.store, "tiny")
    assert version is not None
    pull(archive.store, "tiny", version.commit.version, folder / "copy")
    total = len(clips)
    fresh = archive.add_recording("te-03", clips=max(1, total // 100), seconds=SECONDS)
    accepted(archive, fresh, day)
    for clip in clips[:: max(1, total // max(1, total // 1000))][: max(1, total // 1000)]:
        archive.rewrite(clip, "నాకు ఇష్టం పాట")
    published = archive.publish(part_seconds=PART_SECONDS)
    began = time.perf_counter()
    pulled = pull(archive.store, "tiny", published.version, folder / "copy")
    took = time.perf_counter() - began
    share = pulled.travelled / pulled.bytes
    new = len(fresh) * SECONDS / published.seconds
    day_s = f"{new:.1%} new, {max(1, total // 1000)} texts corrected"
    yield f"| update pull after a day's work ({day_s}) | {share:.1%} of the bytes, {took:.1f} s | 2 % |"


def _verified(archive: Archive, folder: Path) -> Iterator[str]:
    version = newest(archive.store, "tiny")
    assert version is not None
    paths = [folder / "store" / version.key(file) for file in version.files]
    size = sum(path.stat().st_size for path in paths)
    for path in paths:  # into the page cache, for both
        hashlib.sha256(path.read_bytes())
    began = time.perf_counter()
    subprocess.run(["sha256sum", *map(str, paths)], check=True, capture_output=True)
    bare = time.perf_counter() - began
    for level in get_args(Level)[2:]:
        began = time.perf_counter()
        assert verify(archive.store, "tiny", version.commit.version, level=level).ok
        took = time.perf_counter() - began
        yield (
            f"| verify --level {level}, {size / 1e6:.0f} MB | {size / took / 1e6:.0f} MB/s, "
            f"{bare / took:.2f} x sha256sum ({size / bare / 1e6:.0f} MB/s) | 0.8 x |"
        )


def planted(folder: Path) -> Iterator[str]:
    """Sessions joined from others' clips: how many are found, and how many strangers are taken for copies."""
    sounds = [sound[: 8 * RATE] for sound in real_sounds() if len(sound) >= 4 * RATE][: 2 * PLANTED]
    sounds = sounds[: len(sounds) // 2 * 2]
    originals, strangers = sounds[::2], sounds[1::2]
    prints: dict[str, Fingerprint] = {}
    rows: list[Row] = []
    for number, (sound, stranger) in enumerate(zip(originals, strangers, strict=True)):
        # a stretch of one's own, then the other's clip: softer, through Opus, and not in step with it
        copy = np.concatenate(
            [stranger[: 2 * RATE], coded(sound[RATE // 3 :] / np.float32(2), "ogg", "libopus", RATE)]
        )
        for name, samples in ((f"original-{number:03}", sound), (f"copy-{number:03}", copy)):
            prints[name] = fingerprint(samples)
            end = len(samples)
            rows.append(
                row(
                    id=name,
                    recording=name,
                    speaker=name,
                    voices=(name,),
                    start=0,
                    end=end,
                    seconds=end / RATE,
                )
            )
    began = time.perf_counter()
    pairs = alike(rows, lambda wanted: ((name, prints[name]) for name in wanted)).pairs
    took = time.perf_counter() - began
    right = {(f"copy-{number:03}", f"original-{number:03}") for number in range(len(originals))}
    found = {(pair.clip, pair.like) for pair in pairs}
    yield (
        f"| the same sound under two names, {len(originals)} planted in {len(rows)} clips | "
        f"{len(right - found)} missed, {len(found - right)} others reported ({took:.1f} s) | 2 missed |"
    )


def consumers(folder: Path) -> Iterator[str]:
    """Every form is opened by whom it is for: the tests that hold that, run here."""
    report = folder / "consumers.xml"
    words = ["-q", "-p", "no:cacheprovider", f"--junitxml={report}", "tests/releases/test_consumers.py"]
    subprocess.run([sys.executable, "-m", "pytest", *words], capture_output=True, cwd=ROOT, check=False)
    found = next(ElementTree.parse(report).iter("testsuite")).attrib
    failed, skipped = int(found["failures"]) + int(found["errors"]), int(found["skipped"])
    yield (
        f"| forms opened by their real consumers: {len(FORMS)} forms, and `datasets`, `mlcroissant` and `sha256sum` "
        f"beside | {found['tests']} tests, {failed} failed, {skipped} left out | 12 |"
    )


def _stored(store: ObjectStore | Counting) -> int:
    return sum(each.size for each in store.list("datasets/"))


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--whole", action="store_true", help="ten million made rows too")
    asked.add_argument("--plan-rows", metavar="ROWS,…", help="so many made rows, and nothing else")
    given = asked.parse_args()
    if given.plan_rows:
        release_scale.report(tuple(map(int, given.plan_rows.split(","))))
        return
    sizes = (*release_scale.SIZES, *([release_scale.PROGRAMME] if given.whole else []))
    print("| measure | found | goal |\n|---|---|---|", flush=True)
    for rows in (
        costs,
        release_audb.rows,
        release_memory.rows,
        release_throughput.rows,
        planted,
        consumers,
        partial(release_scale.rows, sizes=sizes),
    ):
        with tempfile.TemporaryDirectory(prefix="boli-bench-releases-") as folder:
            for row in rows(Path(folder)):
                print(row, flush=True)


if __name__ == "__main__":
    main()
