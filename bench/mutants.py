"""Damaged and joined files through `measure` and `run`: none may crash, hang or stop anything, each has its end.

python -m bench.mutants [--count 5000] [--from 0] [--seed 10] [--measure-only]

A child that dies, a job that fails for a cause nobody foresaw, a file without an end and books that don't balance
are all faults; the exit status is 1 where there is one. Long runs may be taken in stretches, by --from and --count.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path

from sqlalchemy import select

from audio.errors import UnusableRecording
from audio.limits import Limits
from audio.reasons import AudioReason
from audio.recipe import Recipe
from audio.sandbox import Sandbox
from catalog.config.settings import Settings
from catalog.states import RecordingState, UploadState
from catalog.tables import Recording, Upload
from flows.sources import FolderSource
from flows.steps.ingest import ingest_batch, waiting_uploads
from flows.steps.receive import receive_all
from flows.steps.segment import segment_batch, uncut_recordings
from flows.steps.status import read_balance
from flows.workspace import open_workspace
from tests.audio.mutants import all_mutants, weigh

MOST_MEMORY = 300 * 2**20
SECONDS_A_FILE = 60.0
CONSENT = "speaker\tlanguage\tscope\tnotice_version\tgiven_at\tevidence\nte-01\tte\ttranscribe,publish\t1\t2026-01-31T10:30:00+05:30\ttape 7\n"  # fmt: skip  # noqa: E501


@dataclass(slots=True)
class Ends:
    """What became of the mutants. ends: by reason; faults: what should not be; memory: a child's highest, bytes"""

    ends: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    memory: int = 0


def measure_all(files: Sequence[Path]) -> Ends:
    """As `boli measure` does it."""
    found = Ends()
    limits = Limits(wall_seconds=SECONDS_A_FILE)
    with Sandbox(2, limits) as sandbox:
        for outcome in sandbox.map(partial(weigh, recipe=Recipe(), limits=limits), files):
            if outcome.value is not None:
                _, reasons, memory = outcome.value
                found.memory = max(found.memory, memory)
                found.ends[reasons[0] if reasons else "good"] += 1
            elif isinstance(outcome.error, UnusableRecording):
                found.ends[outcome.error.code.value] += 1
                if outcome.error.code in (AudioReason.DECODER_CRASHED, AudioReason.OVER_LIMIT):
                    found.faults.append(f"{outcome.job.name}: {outcome.error}")
            else:
                found.faults.append(f"{outcome.job.name}: {outcome.error!r}")
    if found.memory > MOST_MEMORY:
        found.faults.append(f"a child took {found.memory / 2**20:.0f} MB")
    return found


def run_all(folder: Path, home: Path) -> Ends:
    """As `boli run` does it, without Prefect's server: received, looked at, cut."""
    (folder / "consents.tsv").write_text(CONSENT, "utf-8")
    names = sorted(path.name for path in folder.glob("*.bin"))
    rows = ["file\tlanguage\tspeaker", *(f"{name}\tte\tte-01" for name in names)]
    (folder / "recordings.tsv").write_text("\n".join(rows) + "\n", "utf-8")
    found = Ends()
    with open_workspace("demo", Settings(home=home, workers=2)) as workspace:
        receive_all(workspace, FolderSource(folder))
        for batch in waiting_uploads(workspace):
            found.faults += [str(each) for each in ingest_batch(workspace, batch).failed]
        for batch in uncut_recordings(workspace):
            found.faults += [str(each) for each in segment_batch(workspace, batch).failed]
        with workspace.catalog.reading() as session:
            uploads = session.scalars(select(Upload)).all()
            recordings = {row.upload_id: row for row in session.scalars(select(Recording))}
        for upload in uploads:
            recording = recordings.get(upload.id)
            end = recording.state if recording is not None else upload.state
            reason = recording.reason if recording is not None else upload.reason
            found.ends[str(reason or end)] += 1
            if end not in (UploadState.REJECTED, RecordingState.SEGMENTED, RecordingState.REJECTED):
                found.faults.append(f"{upload.name} is {end}: {upload.failure}")
        if {upload.name for upload in uploads} != set(names):
            found.faults.append(f"{len(names)} files were brought, {len(uploads)} were received")
        found.faults += [str(missing) for missing in read_balance(workspace).missing]
    return found


def written(folder: Path, count: int, start: int, seed: int) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    paths: list[Path] = []
    for number, content in enumerate(islice(all_mutants(start + count, seed), start, None), start):
        path = folder / f"{number:05}.bin"
        path.write_bytes(content)
        paths.append(path)
    return paths


def lines(name: str, found: Ends, seconds: float) -> Iterator[str]:
    total = sum(found.ends.values())
    memory = f", a child's memory {found.memory / 2**20:.0f} MB at most" if found.memory else ""
    yield f"{name}: {total} ends, {len(found.faults)} faults, {seconds:.0f} s{memory}"
    yield "  " + ", ".join(f"{count} {end}" for end, count in found.ends.most_common())
    yield from (f"  ✗ {fault}" for fault in found.faults[:50])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=5_000)
    parser.add_argument("--from", dest="start", type=int, default=0)
    parser.add_argument("--seed", type=int, default=10)
    parser.add_argument("--measure-only", action="store_true")
    asked = parser.parse_args()
    faults = 0
    with tempfile.TemporaryDirectory() as folder:
        files = written(Path(folder) / "files", asked.count, asked.start, asked.seed)
        began = time.monotonic()
        ends = {"measure": measure_all(files)}
        print("\n".join(lines("measure", ends["measure"], time.monotonic() - began)), flush=True)
        if not asked.measure_only:
            began = time.monotonic()
            ends["run"] = run_all(Path(folder) / "files", Path(folder) / "home")
            print("\n".join(lines("run", ends["run"], time.monotonic() - began)), flush=True)
        faults = sum(len(found.faults) for found in ends.values())
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
