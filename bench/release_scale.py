"""How much memory and time choosing, planning and comparing take as a collection grows, with made rows.

python -m bench.release_scale [CLIPS ...]            from 10,000 and 100,000 clips
python -m bench.releases --plan-rows 10000,1000000   the same

A plan is the whole of one: the books are balanced, clips chosen, speakers dealt out, sentences and copies compared,
figures counted, the selection hashed. The store says that it holds what the catalogue names, and holds nothing; there
are no fingerprints.
"""

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert

from catalog.database import Catalog, open_catalog
from catalog.states import AlignmentState, ClipState, RecordingState, TaskState, UploadState
from catalog.store import ObjectStore, Stored, open_store
from catalog.tables import (
    Alignment,
    AuditEvent,
    Clip,
    Recording,
    RecordingSpeaker,
    Task,
    Transcript,
    Upload,
)
from releases.build import parts_of
from releases.changes import RowDigest, compare
from releases.parts import cut
from releases.plan import plan_release
from releases.selection import candidates
from tests.releases.conftest import Archive, no_faults
from tests.releases.stores import Through

SIZES = (10_000, 100_000)
PROGRAMME = 10_000_000
CLIPS = 100  # of a recording
RATE = 16_000
BATCH = 200  # recordings that are written at a time
FIRST_DAY = datetime(2026, 1, 1, 12, tzinfo=UTC)
TEXT = "నాకు పాట పాడటం ఇష్టం"


class MadeStore(Through):
    """A store that lists the objects of so many made clips."""

    def __init__(self, store: ObjectStore, clips: int) -> None:
        super().__init__(store)
        self._clips = clips

    def list(self, prefix: str = "") -> Iterator[Stored]:
        for number in range(self._clips // CLIPS):
            if prefix == "recordings/":
                yield Stored(f"recordings/{number:064x}.flac", 1, None)
            elif prefix == "clips/":
                for place in range(CLIPS):
                    clip = f"clip-{number:08}-{place:03}"
                    yield Stored(f"clips/recording-{number:08}/{clip}.flac", 1, None)


def fill(folder: Path, clips: int) -> None:
    """A catalogue of so many accepted clips of five seconds, 100 a recording, a hundred recordings a day."""
    catalog = open_catalog(f"sqlite:///{folder / 'boli.sqlite'}")
    archive = Archive(catalog, open_store((folder / "store").as_uri()), folder / "scratch")
    archive.open()
    for number in range(200):
        archive.add_speaker(f"te-{number:03}", gender="female" if number % 2 else "male")
    recordings = range(clips // CLIPS)
    for start in range(0, len(recordings), BATCH):
        _write(catalog, recordings[start : start + BATCH])
    catalog.close()


def _write(catalog: Catalog, numbers: range) -> None:
    uploads, recordings, voices, clips, texts, alignments = [], [], [], [], [], []
    for number in numbers:
        day = FIRST_DAY + timedelta(days=number // 100)
        recording, digest = f"recording-{number:08}", f"{number:064x}"
        uploads.append({
            "id": f"upload-{number:08}", "project_id": "demo", "name": f"{number}.flac", "sha256": digest, "size": 1,
            "receipt": f"{number:08}", "landing_key": None, "language": "te", "speaker_id": None, "sent_by": None,
            "state": UploadState.INGESTED, "reason": None, "detail": None, "recording_id": recording,
            "received_at": day,
        })  # fmt: skip
        recordings.append({
            "id": recording, "project_id": "demo", "upload_id": f"upload-{number:08}", "sha256": digest,
            "audio_sha256": digest, "key": f"recordings/{digest}.flac", "language": "te", "codec": "flac",
            "sample_rate": RATE, "channels": 1, "samples": 5 * RATE * CLIPS, "state": RecordingState.SEGMENTED,
            "reason": None, "detail": None, "recipe_id": "field@1", "clips_cut": CLIPS,
            "measures": {"source": {"bandwidth_hz": 7600.0}}, "findings": [], "created_at": day,
        })  # fmt: skip
        voices.append({"recording_id": recording, "speaker_id": f"speaker-te-{number % 200:03}"})
        for place in range(CLIPS):
            clip = f"clip-{number:08}-{place:03}"
            clips.append({
                "id": clip, "project_id": "demo", "recording_id": recording, "recipe_id": "field@1", "language": "te",
                "number": place, "start": 5 * RATE * place, "end": 5 * RATE * (place + 1), "seconds": 5.0,
                "state": ClipState.ACCEPTED, "reason": None, "measures": {"snr_db": 24.5}, "findings": [],
                "cut_key": f"clips/{recording}/{clip}.flac", "cut_sha256": f"{number * CLIPS + place:064x}",
                "clean_key": f"clips/{recording}/{clip}.clean.flac", "clean_sha256": digest,
                "preview_key": f"clips/{recording}/{clip}.preview.opus", "peaks_key": f"clips/{recording}/{clip}.peaks",
                "created_at": day,
            })  # fmt: skip
            texts.append({
                "id": f"text-{clip}", "clip_id": clip, "version": 1, "verbatim": TEXT, "normalised": TEXT,
                "origin": "agreement", "submission_id": None, "review_id": None, "cer": 0.02, "guideline": "te@v1",
                "accepted_at": day,
            })  # fmt: skip
            alignments.append({
                "id": f"alignment-{clip}", "clip_id": clip, "transcript_id": f"text-{clip}", "aligner": "dtw@1",
                "state": AlignmentState.ALIGNED, "score": 0.9, "detail": None, "at": day,
                "words": [
                    {"word": word, "start": each * RATE, "end": (each + 1) * RATE, "score": 0.9}
                    for each, word in enumerate(TEXT.split())
                ],
            })  # fmt: skip
    with catalog.writing() as session:
        for table, values in (
            (Upload, uploads), (Recording, recordings), (RecordingSpeaker, voices),
            (Clip, clips), (Transcript, texts), (Alignment, alignments),
        ):  # fmt: skip
            session.execute(insert(table), values)


def fill_balanced(folder: Path, clips: int) -> None:
    """The same with the receipts and the work that its books ask for, so that a plan can be made of it."""
    fill(folder, clips)
    catalog = open_catalog(f"sqlite:///{folder / 'boli.sqlite'}")
    recordings = range(clips // CLIPS)
    for start in range(0, len(recordings), BATCH):
        _write_work(catalog, recordings[start : start + BATCH])
    catalog.close()


def _write_work(catalog: Catalog, numbers: range) -> None:
    receipts, tasks = [], []
    for number in numbers:
        day = FIRST_DAY + timedelta(days=number // 100)
        receipts.append({
            "at": day, "actor": "bench", "action": "upload.received", "subject_kind": "upload",
            "subject_id": f"upload-{number:08}", "detail": {"project": "demo", "size": 1}, "previous": "", "hash": "",
        })  # fmt: skip
        for place in range(CLIPS):
            clip = f"clip-{number:08}-{place:03}"
            tasks.append({
                "id": f"task-{clip}", "project_id": "demo", "clip_id": clip, "language": "te",
                "state": TaskState.ACCEPTED, "reason": None, "wanted": 2, "priority": 0, "why_now": "bench",
                "returns": 0, "created_at": day,
            })  # fmt: skip
    with catalog.writing() as session:
        session.execute(insert(AuditEvent), receipts)
        session.execute(insert(Task), tasks)


def rows(folder: Path, sizes: tuple[int, ...] = SIZES) -> Iterator[str]:
    """Three lines for each size: the processes that measure hold nothing else."""
    for clips in sizes:
        home = folder / str(clips)
        home.mkdir()
        fill_balanced(home, clips)
        for what in ("choose", "plan", "compare"):
            words = subprocess.run(
                [sys.executable, "-m", "bench.release_scale", what, str(home), str(clips)],
                check=True,
                capture_output=True,
                text=True,
                cwd=Path(__file__).resolve().parents[1],
            ).stdout.split()
            megabytes, seconds = float(words[0]), float(words[1])
            yield (
                f"| {what} {clips:,} made clips | {megabytes:.0f} MB at most, {seconds:.1f} s, "
                f"{seconds / clips * 1e6:.0f} s a million | 10,000,000 in 500 MB |"
            )
        shutil.rmtree(home)


def _choose(home: Path, _clips: int) -> None:
    catalog = open_catalog(f"sqlite:///{home / 'boli.sqlite'}")
    with catalog.reading() as session:
        found = candidates(session, "demo", licence="CC-BY-4.0")
    assert found.as_of is not None
    for part in cut("train", found.rows, newest=found.as_of.date()):
        assert part.sha256


def _plan(home: Path, clips: int) -> None:
    catalog = open_catalog(f"sqlite:///{home / 'boli.sqlite'}")
    store = MadeStore(open_store((home / "store").as_uri()), clips)
    archive = Archive(catalog, store, home / "scratch")
    plan = plan_release(catalog, archive.store, archive.project, archive.release, text_faults=no_faults)
    assert plan.selection.sha256
    assert sum(len(part.rows) for part in parts_of(plan.selection)) == clips


def _compare(_home: Path, clips: int) -> None:
    """Two versions of so many rows: a hundredth came, a hundredth went, a hundredth has another text."""

    def version(first: int, every: int) -> Iterator[RowDigest]:
        for number in range(first, first + clips):
            said = f"{TEXT} {number % every == 0}"
            yield RowDigest(f"clip-{number:011}", "te", 5.0, said, f"{number:063x}{number % every == 0:x}")

    changes = compare(("1.0.0", "1.1.0"), version(0, clips + 1), version(clips // 100, 100))
    assert changes.rewritten


MEASURED = {"choose": _choose, "plan": _plan, "compare": _compare}


def report(sizes: tuple[int, ...]) -> None:
    with tempfile.TemporaryDirectory(prefix="boli-bench-release-scale-") as folder:
        for line in rows(Path(folder), sizes):
            print(line, flush=True)


def main() -> None:
    if sys.argv[1:2] and sys.argv[1] in MEASURED:
        began = time.perf_counter()
        MEASURED[sys.argv[1]](Path(sys.argv[2]), int(sys.argv[3]))
        said = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
        print(int(said["VmHWM"].split()[0]) / 1024, time.perf_counter() - began)
        return
    report(tuple(map(int, sys.argv[1:])) or SIZES)


if __name__ == "__main__":
    main()
