"""Peak memory of publishing and of planning, as a dataset grows: real sound in made rows, a process for each size.

python -m bench.release_memory [HOURS ...]

Every clip is an object of its own in the store; they are links to few files, so that hours of them take no room until
they are published.
"""

import hashlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import insert, select, update

from bench import release_scale
from catalog import audit
from catalog.database import Catalog, open_catalog
from catalog.states import TaskState
from catalog.store import open_store
from catalog.tables import Clip, Recording, Task, Upload
from releases.plan import plan_release
from tests.releases.conftest import NOON, Archive, no_faults, tone

HOURS = (1, 100)
CLIPS_AN_HOUR = 720
SOURCES = 20
"""Files that all sounds are links to: a file takes 65,000 of them."""
PART_SECONDS = 1800.0
"""A tenth of what a part aims at elsewhere, so that one hour fills two of them, as many as are built at once."""


def rows(folder: Path, hours: tuple[int, ...] = HOURS) -> Iterator[str]:
    """A line for publishing and one for planning: the least of the sizes beside each other."""
    found: dict[str, dict[int, tuple[float, float]]] = {"publish": {}, "plan": {}}
    for each in hours:
        with tempfile.TemporaryDirectory(dir=folder) as home:
            fill(Path(home), each * CLIPS_AN_HOUR)
            for what in ("plan", "publish"):
                found[what][each] = _measured(what, Path(home))
    for what, sizes in found.items():
        least, most = sizes[min(hours)][0], sizes[max(hours)][0]
        said = ", ".join(f"{each} h: {peak:.0f} MB in {took:.0f} s" for each, (peak, took) in sizes.items())
        yield f"| peak memory of {what} | {said} ({most / least:.2f} x) | 1.2 x |"


def fill(home: Path, clips: int) -> None:
    """A catalogue of so many clips of five seconds, each with its sound in a folder, and books that balance."""
    release_scale.fill(home, clips)
    sound = tone(5.0, pitch=300)
    store = open_store((home / "store").as_uri())
    for number in range(SOURCES):
        store.put_bytes(f"sources/{number}.flac", sound)
    catalog = open_catalog(f"sqlite:///{home / 'boli.sqlite'}")
    try:
        keys = _with_sound(catalog, sound)
    finally:
        catalog.close()
    for number, key in enumerate(keys):
        path = home / "store" / key
        path.parent.mkdir(parents=True, exist_ok=True)
        os.link(home / "store" / f"sources/{number % SOURCES}.flac", path)


def _with_sound(catalog: Catalog, sound: bytes) -> list[str]:
    """Write down that every clip and recording has this sound, and that each was received; returns their keys."""
    sha256 = hashlib.sha256(sound).hexdigest()
    with catalog.writing() as session:
        session.execute(update(Upload).values(size=len(sound)))
        session.execute(update(Clip).values(cut_sha256=sha256, clean_sha256=sha256))
        for upload in session.scalars(select(Upload.id)).all():
            audit.record(
                session,
                at=NOON,
                actor="coordinator",
                action="upload.received",
                subject=("upload", upload),
                detail={"size": len(sound), "project": "demo"},
            )
        tasks = [
            {
                "id": f"task-{clip}", "project_id": "demo", "clip_id": clip, "language": "te",
                "state": TaskState.ACCEPTED, "reason": None, "wanted": 1, "priority": 0, "why_now": "", "returns": 0,
                "created_at": NOON,
            }
            for clip in session.scalars(select(Clip.id))
        ]  # fmt: skip
        session.execute(insert(Task), tasks)
        kept = [Clip.cut_key, Clip.clean_key, Recording.key]
        return [key for column in kept for key in session.scalars(select(column))]


def _measured(what: str, home: Path) -> tuple[float, float]:
    words = subprocess.run(
        [sys.executable, "-m", "bench.release_memory", what, str(home)],
        check=True,
        capture_output=True,
        text=True,
        cwd=Path(__file__).resolve().parents[1],
    ).stdout.split()
    return float(words[0]), float(words[1])


def _do(what: str, home: Path) -> None:
    began = time.perf_counter()
    catalog = open_catalog(f"sqlite:///{home / 'boli.sqlite'}")
    archive = Archive(catalog, open_store((home / "store").as_uri()), home / "scratch")
    try:
        if what == "publish":
            archive.publish(part_seconds=PART_SECONDS)
        else:
            plan_release(catalog, archive.store, archive.project, archive.release, text_faults=no_faults)
    finally:
        catalog.close()
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    print(int(status["VmHWM"].split()[0]) / 1024, time.perf_counter() - began)


def main() -> None:
    if sys.argv[1:2] in (["publish"], ["plan"]):
        _do(sys.argv[1], Path(sys.argv[2]))
        return
    with tempfile.TemporaryDirectory(prefix="boli-bench-release-memory-") as folder:
        for line in rows(Path(folder), tuple(map(int, sys.argv[1:])) or HOURS):
            print(line, flush=True)


if __name__ == "__main__":
    main()
