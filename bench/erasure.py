"""How long a voice of any size takes to be erased, in what memory, and whether it survives being killed:

    python -m bench.erasure [--clips 100000] [--kills 20] [--database sqlite|postgresql] [--out erasure.txt]
                            [--folder large-disk/]

One voice, 250 clips a recording, a text and an object of five bytes a clip, in a folder. A child erases; it is killed
with SIGKILL at moments that nobody chose, and one more child ends the work. Everything is then looked for: clips,
words, objects, the log. A million clips need 10 GB of disk; how far it is stands on the standard error.
"""

import argparse
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import func, insert, select, text

from catalog import consent
from catalog.consent import ConsentScope
from catalog.database import Catalog, open_catalog
from catalog.erasure import ErasureRules, erase_voices
from catalog.keys import clip_key, recording_key
from catalog.receiving import register_project
from catalog.speakers import SpeakerFacts, register_speaker
from catalog.states import (
    ClipState,
    RecordingState,
    SlotPurpose,
    SlotState,
    SubmissionKind,
    TaskState,
    UploadState,
)
from catalog.store import ObjectStore, open_store
from catalog.tables import (
    Clip,
    ErasedObject,
    Person,
    Recording,
    RecordingSpeaker,
    Slot,
    Speaker,
    Submission,
    Task,
    Upload,
)
from tests.servers import SharedServers

PROJECT = "bench"
CLIPS_A_RECORDING = 250
RECORDINGS_AT_ONCE = 20
"""Filled in with one transaction."""
CLIPS_A_SECOND = 50_000
"""A child lives for up to a second for so many clips, and two at least: kills fall into all of the work."""
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
WORDS = "వాన బాగా పడింది"


def main() -> None:
    given = _arguments()
    if given.erase:
        _erase(*given.erase)
        return
    servers = SharedServers.create()
    try:
        with TemporaryDirectory(prefix="boli-erasure-", dir=given.folder) as folder:
            for database in given.database or ("sqlite", "postgresql"):
                home = Path(folder) / database
                url = f"sqlite:///{home / 'boli.sqlite'}"
                if database == "postgresql":
                    url = servers.postgres().url(servers.postgres().create_database())
                _measure(database, url, home / "store", given)
                shutil.rmtree(home, ignore_errors=True)
    finally:
        servers.stop()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--clips", type=int, default=100_000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--database", action="append", choices=["sqlite", "postgresql"])
    parser.add_argument("--out", type=Path, help="a file that gets the same lines, as they come")
    parser.add_argument("--folder", type=Path, help="where the made voice lies meanwhile")
    parser.add_argument("--erase", nargs=2, metavar=("DATABASE", "STORE"), help=argparse.SUPPRESS)
    return parser.parse_args()


def _measure(database: str, url: str, store: Path, given: argparse.Namespace) -> None:
    def say(line: str) -> None:
        print(f"{database}: {line}", flush=True)
        if given.out is not None:
            with given.out.open("a", encoding="utf-8") as out:
                out.write(f"{database}: {line}\n")

    catalog = open_catalog(url)
    began = time.perf_counter()
    _fill(catalog, store, given.clips)
    say(f"{given.clips:,} clips were made in {time.perf_counter() - began:.0f} s")
    began = time.perf_counter()
    with catalog.writing() as session:
        speaker = session.scalars(select(Speaker)).one()
        consent.withdraw(session, speaker_id=speaker.id, recorded_by="bench", at=START)
    say(f"the withdrawal took {time.perf_counter() - began:.2f} s")
    with catalog.reading() as session:
        usable = select(func.count()).where(consent.consented(Clip.recording_id, ConsentScope.TRANSCRIPTION))
        assert session.scalar(usable) == 0, "a clip can still be heard"
    longest = max(2.0, given.clips / CLIPS_A_SECOND)
    chance = random.Random(given.clips)
    began = time.perf_counter()
    killed = sum(_killed_after(url, store, chance.uniform(0.1, longest)) for _ in range(given.kills))
    say(
        f"killed {killed} times in {time.perf_counter() - began:.0f} s; {_clips_left(catalog):,} clips are left"
    )
    began = time.perf_counter()
    last = _child(url, store)
    memory = last.communicate()[0].split()[-1]
    assert last.returncode == 0, "the last run failed"
    say(f"ended in {time.perf_counter() - began:.0f} s with {memory} MB at most")
    _check(catalog, open_store(store.as_uri()), given.clips)
    say("nothing of the voice is left")
    catalog.close()


def _child(url: str, store: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "bench.erasure", "--erase", url, str(store)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ)


def _killed_after(url: str, store: Path, seconds: float) -> bool:
    """Once it has opened the catalogue, so that it is not always killed while it starts."""
    child = _child(url, store)
    assert child.stdout is not None
    child.stdout.readline()
    try:
        child.wait(seconds)
    except subprocess.TimeoutExpired:
        child.send_signal(signal.SIGKILL)
        child.wait()
        return True
    finally:
        child.stdout.close()
    return False


def _erase(url: str, store: str) -> None:
    catalog = open_catalog(url)
    print("begun", flush=True)

    def tell(done: int, total: int, what: str) -> None:
        if done % 100 == 0 or done == total:
            print(f"{done} of {total} {what}", file=sys.stderr, flush=True)

    erase_voices(
        catalog,
        open_store(Path(store).as_uri()),
        project_id=PROJECT,
        rules=ErasureRules(),
        actor="bench",
        at=START,
        progress=tell,
    )
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
    catalog.close()


def _clips_left(catalog: Catalog) -> int:
    left = (
        select(func.count())
        .select_from(Clip)
        .join(Recording, Recording.id == Clip.recording_id)
        .where(Recording.erased_at.is_(None))
    )
    with catalog.reading() as session:
        return session.scalar(left) or 0


def _check(catalog: Catalog, store: ObjectStore, clips: int) -> None:
    with catalog.reading() as session:
        states = session.execute(select(Clip.state, func.count()).group_by(Clip.state)).all()
        assert [tuple(row) for row in states] == [(ClipState.WITHDRAWN, clips)], states
        assert session.scalar(select(func.count()).where(Submission.verbatim != "")) == 0
        assert session.scalar(select(func.count()).where(ErasedObject.erased_at.is_(None))) == 0
        logged = session.scalar(select(func.count()).select_from(ErasedObject))
        originals = session.scalar(select(func.count()).select_from(Recording))
        assert logged == clips + (originals or 0), f"{logged} objects are in the log"
    assert next(store.list(), None) is None, "an object is left"


def _fill(catalog: Catalog, store: Path, clips: int) -> None:
    with catalog.writing() as session:
        register_project(session, project_id=PROJECT, title=PROJECT, languages={"te": "Telugu"}, at=START)
        session.add(Person(id="person-1", handle="p1", languages=["te"], created_at=START))
        speaker = register_speaker(
            session, project_id=PROJECT, facts=SpeakerFacts("unknown-card"), actor="bench", at=START
        ).id
        consent.grant(
            session,
            speaker_id=speaker,
            scopes=list(ConsentScope),
            notice_version="1",
            notice_language="te",
            evidence="bench",
            evidence_sha256=None,
            recorded_by="bench",
            at=START,
        )
    for first in range(0, clips, CLIPS_A_RECORDING * RECORDINGS_AT_ONCE):
        _fill_recordings(catalog, store, speaker, first, clips)
        print(f"{first:,} of {clips:,} clips made", file=sys.stderr, flush=True)
    if catalog.is_postgresql:  # as its own housekeeping would have done by the time of any withdrawal
        with catalog.writing() as session:
            session.execute(text("ANALYZE"))


def _fill_recordings(catalog: Catalog, store: Path, speaker: str, first: int, clips: int) -> None:
    many: dict[type, list[dict[str, object]]] = defaultdict(list)
    for start in range(first, min(first + CLIPS_A_RECORDING * RECORDINGS_AT_ONCE, clips), CLIPS_A_RECORDING):
        number = start // CLIPS_A_RECORDING
        recording, digest = f"recording-{number:06}", f"{number:064x}"
        numbers = range(start, min(start + CLIPS_A_RECORDING, clips))
        key = recording_key(digest, "wav")
        keys = [key, *(clip_key(recording, f"clip-{clip:08}") for clip in numbers)]
        for folder in {(store / each).parent for each in keys}:
            folder.mkdir(parents=True, exist_ok=True)
        for each in keys:
            (store / each).write_bytes(b"voice")
        for table, rows in _rows(recording, f"upload-{number:06}", digest, key, speaker, numbers).items():
            many[table] += rows
    with catalog.writing() as session:
        for table, rows in many.items():
            session.execute(insert(table), rows)


def _rows(
    recording: str, upload: str, digest: str, key: str, speaker: str, clips: range
) -> dict[type, list[dict[str, object]]]:
    common = {"project_id": PROJECT, "created_at": START}
    known = {"language": "te", **common}
    clip_ids = [f"clip-{clip:08}" for clip in clips]
    return {
        Upload: [
            {"id": upload, "project_id": PROJECT, "name": f"{recording}.wav", "sha256": digest, "size": 5,
             "receipt": "AAA-AAA", "speaker_id": speaker, "state": UploadState.INGESTED,
             "recording_id": recording, "received_at": START}
        ],
        Recording: [
            {"id": recording, "upload_id": upload, "sha256": digest, "audio_sha256": digest, "key": key,
             "codec": "pcm_s16le", "sample_rate": 16000, "channels": 1, "samples": 16000 * len(clips),
             "state": RecordingState.SEGMENTED, "recipe_id": "r", "clips_cut": len(clips), "findings": [], **known}
        ],
        RecordingSpeaker: [{"recording_id": recording, "speaker_id": speaker, "consent_round": 0}],
        Clip: [
            {"id": clip, "recording_id": recording, "recipe_id": "r", "number": place, "start": place * 16000,
             "end": (place + 1) * 16000, "seconds": 1.0, "state": ClipState.WAITING, "measures": {}, "findings": [],
             "cut_key": clip_key(recording, clip), "cut_sha256": digest, "clean_key": "k", "clean_sha256": digest,
             "preview_key": "k", "peaks_key": "k", **known}
            for place, clip in enumerate(clip_ids)
        ],
        Task: [
            {"id": f"task-{clip}", "clip_id": clip, "state": TaskState.OPEN, "wanted": 1, "priority": 0,
             "why_now": "bench", "returns": 0, **known}
            for clip in clip_ids
        ],
        Slot: [
            {"id": f"slot-{clip}", "task_id": f"task-{clip}", "number": 1, "purpose": SlotPurpose.TRANSCRIPTION,
             "priority": 0, "state": SlotState.OPEN, "token": 0, **known}
            for clip in clip_ids
        ],
        Submission: [
            {"id": f"submission-{clip}", "task_id": f"task-{clip}", "slot_id": f"slot-{clip}",
             "person_id": "person-1", "request_id": "1", "token": 1, "kind": SubmissionKind.DRAFT,
             "verbatim": WORDS, "normalised": WORDS, "findings": [], "guideline": "te@1", "created_at": START}
            for clip in clip_ids
        ],
    }  # fmt: skip


if __name__ == "__main__":
    main()
