"""How much memory a long recording takes beside a short one: the whole way, each in a process of its own.

python -m bench.sound_memory

The long recording is the short one, real speech with pauses, repeated over and over.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import soundfile
from av.audio.stream import AudioStream

from audio.limits import Limits
from audio.process import process_recording
from audio.recipe import Recipe
from bench.sound_data import RATE, field_session
from bench.sound_speed import MINUTES, phone_file

HOURS = 6
TIMES = HOURS * 60 // MINUTES


def rows(folder: Path) -> Iterator[str]:
    """Markdown rows."""
    yield f"| file | {MINUTES} minutes, MB | {HOURS} hours, MB | times | {HOURS} hours, x real time |"
    yield "| --- | ---: | ---: | ---: | ---: |"
    phone = phone_file(folder)
    samples, _ = field_session(folder, minutes=MINUTES, snr="20,15,10", seed=3)
    with tempfile.TemporaryDirectory(dir=folder) as work:
        for name, short, long in (
            ("FLAC, 16 kHz", Path(work) / "short.flac", Path(work) / "long.flac"),
            ("AAC in M4A, 44.1 kHz", phone, Path(work) / "long.m4a"),
        ):
            if short.suffix == ".flac":
                whole = np.rint(samples * 32767).astype(np.int16)
                _write(short, whole, 1)
                _write(long, whole, TIMES)
            else:
                _retell(short, long, TIMES)
            (low, _), (high, cost) = _peak(short), _peak(long)
            long.unlink()
            yield f"| {name} | {low:.0f} | {high:.0f} | {high / low:.2f} x | {HOURS * 3600 / cost:.0f} |"


def _write(path: Path, samples: np.ndarray, times: int) -> None:
    with soundfile.SoundFile(path, "w", RATE, 1, "PCM_16", format="FLAC") as file:
        for _ in range(times):
            for start in range(0, len(samples), 1 << 18):
                file.write(samples[start : start + (1 << 18)])


def _retell(short: Path, long: Path, times: int) -> None:
    """The same packets again and again: nothing is encoded anew."""
    with av.open(str(long), "w") as target:
        stream: AudioStream | None = None
        at = 0
        for _ in range(times):
            with av.open(str(short)) as source:
                given = source.streams.audio[0]
                if stream is None:
                    stream = target.add_stream_from_template(given)
                for packet in source.demux(given):
                    if packet.size and given.time_base is not None:
                        packet.stream, packet.time_base = stream, given.time_base
                        packet.pts = packet.dts = at
                        at += packet.duration or 1024
                        target.mux(packet)


def _peak(path: Path) -> tuple[float, float]:
    """(MB at the most, CPU seconds) of a fresh process that cuts the recording."""
    words = subprocess.run(
        [sys.executable, "-m", "bench.sound_memory", str(path)],
        check=True,
        capture_output=True,
        text=True,
        cwd=Path(__file__).resolve().parents[1],
    ).stdout.split()
    return float(words[0]), float(words[1])


def _cut(path: Path) -> None:
    with tempfile.TemporaryDirectory(dir=path.parent) as out:
        process_recording(path, Path(out), Recipe(), Limits(max_seconds=(HOURS + 1) * 3600))
    # not getrusage: that remembers the memory of the process which started this one
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    print(int(status["VmHWM"].split()[0]) / 1024, time.process_time())


def main() -> None:
    if len(sys.argv) > 1:
        _cut(Path(sys.argv[1]))
    else:
        print("\n".join(rows(Path(tempfile.gettempdir()) / "boli-bench")))


if __name__ == "__main__":
    main()
