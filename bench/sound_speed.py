"""How much processor time a recording costs from phone file to measured, cleaned clips, against the bare C kernels.

Each kernel is called on the same file with nothing in between: FFmpeg's decoder; soxr; the detector's networks (our
numpy ones: Silero's own ONNX takes a little longer); a Fourier transform and its inverse over all of the sound; libFLAC
on both renditions of the clips that the pipeline cut, each in its own file; libopus on the same clips. Twice: each
kernel once on the whole recording, as one would call it by hand, for which fresh memory has to be fetched; and piece by
piece, in memory that is warm, which is the least that we know how to spend. The recording is not hashed in either:
ingest does that.
"""

import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import av
import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray
from scipy.fft import irfft, rfft

from audio.blocks import windows
from audio.detect.firered import HOP as FIRERED_HOP
from audio.detect.firered import STRIDE, TOGETHER
from audio.detect.firered_network import FireRedScorer, normalised
from audio.detect.mel import MelEar
from audio.detect.network import BATCH, HOP, Ear, SpeechScorer
from audio.interval import Interval
from audio.limits import Limits
from audio.process import process_recording
from audio.recipe import Recipe, RenditionRules
from audio.render import PREVIEW_OPTIONS, to_int16
from audio.spectrum import HANN, WINDOW
from bench.sound_data import RATE, Samples, field_session

MINUTES = 10
ORIGINAL_RATE = 44_100
DECODE, RESAMPLE = "decode (FFmpeg AAC)", "resample (soxr HQ)"
FLAC, OPUS = "FLAC, cut and cleaned", "Opus previews"


def phone_file(folder: Path, *, seed: int = 3) -> Path:
    """Ten minutes of a field session as an AAC file at 44.1 kHz, as most phones write it."""
    path = folder / f"session-{MINUTES}-{seed}.m4a"
    if path.is_file():
        return path
    samples, _ = field_session(folder, minutes=MINUTES, snr="20,15,10", seed=seed)
    wide = soxr.resample(samples, RATE, ORIGINAL_RATE).astype(np.float32)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=ORIGINAL_RATE, layout="mono", bit_rate=96_000)
        for start in range(0, len(wide), 1024):
            frame = av.AudioFrame.from_ndarray(wide[None, start : start + 1024], format="fltp", layout="mono")
            frame.sample_rate, frame.pts = ORIGINAL_RATE, start
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def floor(path: Path, clips: tuple[Interval, ...], folder: Path, *, whole: bool) -> dict[str, float]:
    """CPU seconds of each kernel on the file. clips: of its own time line, as the pipeline cut them

    whole: each kernel once on all of it, not piece by piece
    """
    costs: dict[str, float] = {}

    def timed(name: str, work: Callable[[], Samples | None]) -> Samples:
        begin = time.process_time()
        result = work()
        costs[name] = time.process_time() - begin
        return result if result is not None else np.zeros(0, np.float32)

    if whole:
        decoded = timed(DECODE, lambda: np.concatenate(list(_frames(path))))
        mono = timed(RESAMPLE, lambda: soxr.resample(decoded, ORIGINAL_RATE, RATE, "HQ"))
    else:
        timed(DECODE, lambda: _decode(path))
        seconds = list(_seconds(path))
        mono = timed(RESAMPLE, lambda: _resample(seconds))
    cuts = [to_int16(mono[c.start : c.end]) for c in (clip.at_rate(ORIGINAL_RATE, RATE) for clip in clips)]
    timed("detector (both networks)", lambda: _network(mono))
    timed("STFT and inverse", lambda: _transform(mono, len(mono) if whole else 10 * RATE))
    flac, opus = (Path(tempfile.mkdtemp(dir=folder)) for _ in range(2))
    timed(FLAC, lambda: _flac(cuts, flac))
    timed(OPUS, lambda: _opus(cuts, opus))
    return costs


def pipeline(path: Path, folder: Path, *, previews: bool) -> tuple[float, tuple[Interval, ...]]:
    """(CPU seconds, clips) of the whole way; warmed up, as a worker is after its first file."""
    renditions = RenditionRules() if previews else RenditionRules(preview_bitrate=0)
    out = Path(tempfile.mkdtemp(dir=folder))
    begin = time.process_time()
    result = process_recording(path, out, Recipe(renditions=renditions), Limits())
    return time.process_time() - begin, tuple(clip.interval for clip in result.clips)


def _frames(path: Path) -> Iterator[Samples]:
    with av.open(str(path)) as container:
        for frame in container.decode(audio=0):
            yield frame.to_ndarray()[0]


def _decode(path: Path) -> None:
    for _ in _seconds(path):
        pass


def _seconds(path: Path) -> Iterator[Samples]:
    queue = av.AudioFifo()
    with av.open(str(path)) as container:
        for frame in container.decode(audio=0):
            frame.pts = None
            queue.write(frame)
            while (whole := queue.read(ORIGINAL_RATE)) is not None:
                yield whole.to_ndarray()[0]
    if (rest := queue.read(ORIGINAL_RATE, partial=True)) is not None:
        yield rest.to_ndarray()[0]


def _resample(wide: list[Samples]) -> Samples:
    stream = soxr.ResampleStream(ORIGINAL_RATE, RATE, 1, dtype="float32", quality="HQ")
    parts = [stream.resample_chunk(second) for second in wide]
    return np.concatenate([*parts, stream.resample_chunk(wide[-1][:0], last=True)])


def _network(mono: Samples) -> None:
    ear, opinion = Ear(), SpeechScorer()
    for start in range(0, len(mono), HOP * BATCH):
        for spectra in ear.feed(mono[start : start + HOP * BATCH]):
            opinion.of(spectra)
    mel, firered = MelEar(FIRERED_HOP), FireRedScorer(STRIDE)
    waiting: list[Samples] = []
    for powers in mel.feed(mono):
        waiting.append(normalised(powers))
        if len(waiting) == TOGETHER:
            firered.feed(np.concatenate(waiting))
            waiting = []


def _transform(mono: Samples, piece: int) -> None:
    for start in range(0, len(mono) - WINDOW, piece):
        frames = windows(mono[start : start + piece], WINDOW, WINDOW // 2)
        irfft(rfft(frames * HANN, axis=1), WINDOW, axis=1)


def _flac(cuts: list[NDArray[np.int16]], out: Path) -> None:
    """Both renditions: the cut and the cleaned clip."""
    for number, cut in enumerate(cuts):
        for name in ("cut", "clean"):
            with soundfile.SoundFile(
                out / f"{number}.{name}.flac", "w", RATE, 1, "PCM_16", format="FLAC"
            ) as file:
                file.write(cut)


def _opus(cuts: list[NDArray[np.int16]], out: Path) -> None:
    """One preview a clip, with our settings."""
    rules = RenditionRules()
    for number, cut in enumerate(cuts):
        with av.open(str(out / f"{number}.opus"), "w", format="ogg") as target:
            stream = target.add_stream("libopus", rate=RATE, options=PREVIEW_OPTIONS, layout="mono")
            stream.bit_rate = rules.preview_bitrate
            frame = av.AudioFrame.from_ndarray(cut[None], format="s16", layout="mono")
            frame.sample_rate, frame.pts = RATE, 0
            target.mux(stream.encode(frame))
            target.mux(stream.encode(None))


@dataclass(frozen=True, slots=True)
class Costs:
    """CPU seconds for ten minutes of sound, in each of several rounds.

    pieces, whole: of each kernel, by the way it is called
    """

    pieces: dict[str, list[float]]
    whole: dict[str, list[float]]
    pipeline: list[float]
    with_previews: list[float]
    clips: tuple[Interval, ...]


def measure(folder: Path, *, rounds: int = 9) -> Costs:
    """In turn, so that a machine that is busy is busy for all of them.

    What is written stays until all is measured: where files were just deleted, a file system may look through them for
    a free place (ext4: a millisecond for each new file), which would be most of what a clip's files cost.
    """
    path = phone_file(folder)
    with tempfile.TemporaryDirectory(dir=folder) as out:
        return _measure(path, Path(out), rounds)


def _measure(path: Path, folder: Path, rounds: int) -> Costs:
    _, clips = pipeline(path, folder, previews=False)
    pieces: dict[str, list[float]] = defaultdict(list)
    whole: dict[str, list[float]] = defaultdict(list)
    plain, with_previews = [], []
    for _ in range(rounds):
        for way, costs in ((False, pieces), (True, whole)):
            for name, cost in floor(path, clips, folder, whole=way).items():
                costs[name].append(cost)
        plain.append(pipeline(path, folder, previews=False)[0])
        with_previews.append(pipeline(path, folder, previews=True)[0])
    return Costs(pieces, whole, plain, with_previews, clips)


def table(costs: Costs) -> str:
    """Markdown. Medians; the ratios are medians of each round's."""
    pieces, whole = _sums(costs.pieces), _sums(costs.whole)
    bare, bare_whole = (_sums(kernels, without=OPUS) for kernels in (costs.pieces, costs.whole))
    count, seconds = len(costs.clips), sum(clip.length for clip in costs.clips) / ORIGINAL_RATE
    rows = [
        "| step | x real time | ms a second of sound | over the kernels, whole file | over the kernels, in pieces |",
        "| --- | ---: | ---: | ---: | ---: |",
        *(_row(name, spent) for name, spent in costs.pieces.items()),
        _row("**the kernels, each on the whole file, no previews**", bare_whole),
        _row("**the kernels in pieces, no previews**", bare),
        _row(f"**Boli, no previews** ({count} clips, {seconds:.0f} s)", costs.pipeline, bare_whole, bare),
        _row("**the kernels, each on the whole file, with previews**", whole),
        _row("**the kernels in pieces, with previews**", pieces),
        _row("**Boli as it comes: with previews**", costs.with_previews, whole, pieces),
    ]
    return "\n".join(rows)


def _sums(kernels: dict[str, list[float]], *, without: str = "") -> list[float]:
    """Of each round."""
    return [sum(spent) for spent in zip(*(kernels[name] for name in kernels if name != without), strict=True)]


def _row(name: str, spent: list[float], *floors: list[float]) -> str:
    cost = median(spent)
    over = [f"{median(a / b for a, b in zip(spent, least, strict=True)):.2f} x" for least in floors] or [
        "",
        "",
    ]
    return f"| {name} | {MINUTES * 60 / cost:,.0f} | {1000 * cost / MINUTES / 60:.2f} | {' | '.join(over)} |"


def main() -> None:
    print(table(measure(Path(tempfile.gettempdir()) / "boli-bench")))


if __name__ == "__main__":
    main()
