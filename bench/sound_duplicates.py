"""Copies in other clothes: how many are found, how many strangers are taken for copies, what a look-up costs.

python -m bench.sound_duplicates
"""

import itertools
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import numpy as np
import soxr
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from audio.fingerprint import Fingerprint, Fingerprinter, is_near_duplicate, landmarks, likeness
from bench.sound_data import DATA, RATE, Samples
from bench.sound_session import decode
from catalog.tables import RecordingFingerprint, SoundLandmark
from flows.steps.ingest_duplicates import likeliest_prints

MANY = 100_000  # recordings
LEAST = 4.0  # seconds
COPIED = 40  # recordings
KEPT = 200
LOOKED_UP = 50


def rows() -> Iterator[str]:
    """Markdown rows."""
    sounds = [sound for sound in real_sounds() if len(sound) >= LEAST * RATE][:KEPT]
    prints = [fingerprint(sound) for sound in sounds]
    pairs = list(itertools.combinations(range(len(prints)), 2))
    sketches = [set(landmarks(one)) for one in prints]
    near = [(a, b) for a, b in pairs if sketches[a] & sketches[b]]
    taken = sum(is_near_duplicate(likeness(prints[a], prints[b])) for a, b in near)
    yield f"| of {len(prints)} recordings of {LEAST:g} s and more | |"
    yield "| --- | ---: |"
    yield f"| pairs of strangers looked at closely, of {len(pairs):,} | {len(near):,} |"
    yield f"| strangers taken for copies | {taken} |"
    with Session(_catalogue(prints)) as session:
        for name, made in _clothes():
            found = 0
            for number in range(min(COPIED, len(sounds))):
                copy = fingerprint(made(sounds[number]))
                likely = likeliest_prints(session, 0, landmarks(copy))
                found += number + 1 in likely and is_near_duplicate(likeness(prints[number], copy))
            yield f"| copies found among {MANY:,} recordings: {name} | {found} of {min(COPIED, len(sounds))} |"
        begin = time.perf_counter()
        for one in prints[:LOOKED_UP]:
            likeliest_prints(session, 0, landmarks(one))
        took = (time.perf_counter() - begin) / min(LOOKED_UP, len(prints))
    yield f"| one look-up among {MANY:,} recordings (SQLite) | {1000 * took:.0f} ms |"


def fingerprint(samples: Samples) -> Fingerprint:
    maker = Fingerprinter()
    maker.feed(samples)
    return maker.finish()


def real_sounds() -> Iterator[Samples]:
    for path in sorted((DATA / "transcribed").rglob("*.*")):
        if path.suffix in (".webm", ".wav", ".mp3", ".flac", ".ogg", ".m4a") and "rejected" not in path.parts:
            yield decode(str(path))[0]


def _clothes() -> Iterator[tuple[str, Callable[[Samples], Samples]]]:
    """What a copy may have been through: its name, and what does it."""
    yield "AAC, 32 kbit/s", lambda sound: coded(sound, "ipod", "aac", RATE)
    yield "Opus, 16 kbit/s", lambda sound: coded(sound, "ogg", "libopus", RATE)
    yield "6 dB louder, clipped where it must", lambda sound: np.clip(2 * sound, -1, 1)
    yield "1 s cut off", lambda sound: sound[RATE:]
    yield (
        "1 s cut off, 6 dB softer, Opus",
        lambda sound: coded(sound[RATE:] / np.float32(2), "ogg", "libopus", RATE),
    )
    yield "MP3 at 8 kHz", lambda sound: coded(sound, "mp3", "libmp3lame", 8_000)


def coded(sound: Samples, container: str, codec: str, rate: int) -> Samples:
    given = soxr.resample(sound, RATE, rate) if rate != RATE else sound
    kind = "s16p" if codec == "libmp3lame" else "fltp" if codec == "aac" else "s16"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "copy"
        with av.open(str(path), "w", format=container) as target:
            stream = target.add_stream(codec, rate=rate, layout="mono")
            assert isinstance(stream, av.AudioStream)
            stream.bit_rate = 32_000 if codec == "aac" else 16_000
            whole = np.clip(np.rint(given * 32767), -32768, 32767).astype(np.int16)
            values = np.asarray(given, np.float32) if kind == "fltp" else whole
            frame = av.AudioFrame.from_ndarray(values[None], format=kind, layout="mono")
            frame.sample_rate, frame.pts = rate, 0
            target.mux(stream.encode(frame))
            target.mux(stream.encode(None))
        return decode(str(path))[0]


def _catalogue(prints: list[Fingerprint]):  # type: ignore[no-untyped-def]  # an engine
    """The real recordings, and as many with words drawn from theirs as make a hundred thousand."""
    engine = create_engine("sqlite://")
    for table in (RecordingFingerprint, SoundLandmark):
        table.__table__.create(engine)  # type: ignore[attr-defined]  # typed as any selectable
    pool = np.concatenate([np.frombuffer(one.words, "<u4") & 0xFFFFFF for one in prints])
    rng = np.random.default_rng(1)
    with engine.begin() as connection:
        for start in range(0, MANY, 1000):
            batch = []
            for number in range(start + 1, start + 1001):
                if number <= len(prints):
                    words = landmarks(prints[number - 1])
                else:
                    drawn = pool[rng.integers(0, len(pool), 1000)] ^ (1 << rng.integers(0, 24, 1000))
                    words = landmarks(Fingerprint(drawn.astype("<u4").tobytes(), bytes([100] * 1000)))
                batch += [(0, word, number) for word in words]
            connection.exec_driver_sql("INSERT INTO sound_landmark VALUES (?, ?, ?)", batch)
    return engine


def main() -> None:
    print("\n".join(rows()))


if __name__ == "__main__":
    main()
