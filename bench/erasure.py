"""How long a voice of any size takes to be erased, in what memory, and whether it survives being killed:

    python -m bench.erasure [--clips 100000] [--kills 20] [--database sqlite|postgresql]

One voice, 250 clips a recording, a text and an object a clip. A child erases; it is killed with SIGKILL at moments that
nobody chose, and one more child ends the work. Everything is then looked for: clips, words, objects, the log.
"""

import argparse
import os
import random
import resource
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import func, insert, select

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
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
WORDS = "వాన బాగా పడింది"


def main() -> None:
    given = _arguments()
    if given.erase:
        _erase(*given.erase)
        return
    servers = SharedServers.create()
    try:
        with TemporaryDirectory(prefix="boli-erasure-") as folder:
            for database in given.database or ("sqlite", "postgresql"):
                home = Path(folder) / database
                url = f"sqlite:///{home / 'boli.sqlite'}"
                if database == "postgresql":
                    url = servers.postgres().url(servers.postgres().create_database())
                _measure(database, url, home / "store", clips=given.clips, kills=given.kills)
    finally:
        servers.stop()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--clips", type=int, default=100_000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--database", action="append", choices=["sqlite", "postgresql"])
    parser.add_argument("--erase", nargs=2, metavar=("DATABASE", "STORE"), help=argparse.SUPPRESS)
    return parser.parse_args()


def _measure(database: str, url: str, store: Path, *, clips: int, kills: int) -> None:
    catalog = open_catalog(url)
    _fill(catalog, store, clips)
    began = time.perf_counter()
    with catalog.writing() as session:
        speaker = session.scalars(select(Speaker)).one()
        consent.withdraw(session, speaker_id=speaker.id, recorded_by="bench", at=START)
    print(f"{database}: {clips:,} clips; the withdrawal took {time.perf_counter() - began:.2f} s", flush=True)
    with catalog.reading() as session:
        usable = select(func.count()).where(consent.consented(Clip.recording_id, ConsentScope.TRANSCRIPTION))
        assert session.scalar(usable) == 0, "a clip can still be heard"
    chance = random.Random(clips)
    began = time.perf_counter()
    killed = sum(_killed_after(url, store, chance.uniform(0.1, 2.0)) for _ in range(kills))
    killed_for = time.perf_counter() - began
    left = _clips_left(catalog)
    began = time.perf_counter()
    memory = _child(url, store).communicate()[0].split()[-1]
    seconds = time.perf_counter() - began
    _check(catalog, open_store(store.as_uri()), clips)
    print(
        f"{database}: killed {killed} times in {killed_for:.0f} s ({left:,} clips were left), then ended in "
        f"{seconds:.0f} s with {memory} MB at most; nothing of the voice is left",
        flush=True,
    )
    catalog.close()


def _child(url: str, store: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "bench.erasure", "--erase", url, str(store)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ)


def _killed_after(url: str, store: Path, seconds: float) -> bool:
    """Once it has erased something, so that it is not always killed while it starts."""
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

    def begun(done: int, total: int, _what: str) -> None:
        if done == 1:
            print(f"{total} left", flush=True)

    erase_voices(
        catalog,
        open_store(Path(store).as_uri()),
        project_id=PROJECT,
        rules=ErasureRules(),
        actor="bench",
        at=START,
        progress=begun,
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
    for number in range(-(-clips // CLIPS_A_RECORDING)):
        first = number * CLIPS_A_RECORDING
        _fill_recording(catalog, store, speaker, number, range(first, min(first + CLIPS_A_RECORDING, clips)))


def _fill_recording(catalog: Catalog, store: Path, speaker: str, number: int, clips: range) -> None:
    recording, upload, digest = f"recording-{number:06}", f"upload-{number:06}", f"{number:064x}"
    key = recording_key(digest, "wav")
    for each in (key, *(clip_key(recording, f"clip-{clip:08}") for clip in clips)):
        path = store / each
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"voice")
    with catalog.writing() as session:
        for table, rows in _rows(recording, upload, digest, key, speaker, clips).items():
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
