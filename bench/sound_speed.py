"""How much processor time a recording costs from phone file to measured, cleaned clips, against the bare C kernels.

The floor is what no pipeline of these parts can go below: FFmpeg's decoder, soxr, the detector's network, a Fourier
transform and its inverse over all of it, libFLAC, each called on the same file with nothing in between.
"""

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import soundfile
import soxr
from scipy.fft import irfft, rfft

from audio.detect.network import BATCH, HOP, Ear, Opinion
from audio.limits import Limits
from audio.process import process_recording
from audio.recipe import Recipe, RenditionRules
from audio.spectrum import HANN, WINDOW
from bench.sound_data import RATE, Samples, field_session

MINUTES = 10
ORIGINAL_RATE = 44_100


def phone_file(folder: Path) -> Path:
    """Ten minutes of a field session as an AAC file at 44.1 kHz, as most phones write it."""
    path = folder / f"session-{MINUTES}.m4a"
    if path.is_file():
        return path
    samples, _ = field_session(folder, minutes=MINUTES, snr="20,15,10", seed=3)
    wide = soxr.resample(samples, RATE, ORIGINAL_RATE).astype(np.float32)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=ORIGINAL_RATE, layout="mono", bit_rate=96_000)
        for start in range(0, len(wide), 1024):
            frame = av.AudioFrame.from_ndarray(wide[None, start : start + 1024], format="fltp", layout="mono")
            frame.sample_rate, frame.pts = ORIGINAL_RATE, start
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def floor(path: Path) -> dict[str, float]:
    """CPU seconds of each kernel on the file."""
    costs: dict[str, float] = {}

    def timed(name: str, work: Callable[[], object]) -> object:
        begin = time.process_time()
        result = work()
        costs[name] = time.process_time() - begin
        return result

    def decode() -> Samples:
        with av.open(str(path)) as container:
            return np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])

    wide = timed("decode (FFmpeg AAC)", decode)
    mono = timed("resample (soxr HQ)", lambda: soxr.resample(wide, ORIGINAL_RATE, RATE).astype(np.float32))
    timed("detector (Silero's network)", lambda: _network(mono))
    timed("STFT and inverse", lambda: _transform(mono))
    timed("FLAC", lambda: _flac(mono))
    return costs


def pipeline(path: Path, *, previews: bool) -> tuple[float, int]:
    """(CPU seconds, clips) of the whole way; warmed up, as a worker is after its first file."""
    renditions = RenditionRules() if previews else RenditionRules(preview_bitrate=0)
    with tempfile.TemporaryDirectory() as folder:
        begin = time.process_time()
        result = process_recording(path, Path(folder), Recipe(renditions=renditions), Limits())
        return time.process_time() - begin, len(result.clips)


def _network(mono: Samples) -> None:
    ear, opinion = Ear(), Opinion()
    for start in range(0, len(mono), HOP * BATCH):
        for spectra in ear.feed(mono[start : start + HOP * BATCH]):
            opinion.of(spectra)


def _transform(mono: Samples) -> None:
    for start in range(0, len(mono) - 10 * RATE, 10 * RATE):
        windows = np.lib.stride_tricks.sliding_window_view(mono[start : start + 10 * RATE], WINDOW)[
            :: WINDOW // 2
        ]
        irfft(rfft(windows * HANN, axis=1), WINDOW, axis=1)


def _flac(mono: Samples) -> None:
    """Both renditions of all that is heard: the cut and the cleaned clip."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("cut.flac", "clean.flac"):
            with soundfile.SoundFile(Path(folder) / name, "w", RATE, 1, "PCM_16", format="FLAC") as file:
                for start in range(0, len(mono), 10 * RATE):
                    file.write(mono[start : start + 10 * RATE])


@dataclass(frozen=True, slots=True)
class Costs:
    """CPU seconds for ten minutes of sound, the least of several rounds."""

    kernels: dict[str, float]
    pipeline: float
    with_previews: float
    clips: int


def measure(folder: Path, *, rounds: int = 3) -> Costs:
    path = phone_file(folder)
    pipeline(path, previews=False)
    kernels: dict[str, float] = {}
    plain, with_previews, clips = [], [], 0
    for _ in range(rounds):  # in turn, so that a busy machine is busy for all of them; the least counts
        for name, cost in floor(path).items():
            kernels[name] = min(cost, kernels.get(name, cost))
        cost, clips = pipeline(path, previews=False)
        plain.append(cost)
        with_previews.append(pipeline(path, previews=True)[0])
    return Costs(kernels, min(plain), min(with_previews), clips)


def table(costs: Costs) -> str:
    """Markdown."""
    total = sum(costs.kernels.values())
    rows = [
        ("| step | x real time | ms a second of sound | over the floor |"),
        "| --- | ---: | ---: | ---: |",
    ]
    for name, cost in (
        *costs.kernels.items(),
        ("**the floor: all of these**", total),
        (f"**Boli, file to {costs.clips} clips**", costs.pipeline),
        ("the same with Opus previews", costs.with_previews),
    ):
        over = f"{cost / total:.2f} x" if name[0] in "*t" else ""
        rows.append(f"| {name} | {MINUTES * 60 / cost:,.0f} | {1000 * cost / MINUTES / 60:.2f} | {over} |")
    return "\n".join(rows)


def main() -> None:
    print(table(measure(Path(tempfile.gettempdir()) / "boli-bench")))


if __name__ == "__main__":
    main()
