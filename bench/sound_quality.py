"""Cuts, the signal-to-noise ratio and cleaning, against recordings whose truth is known."""

import csv
import importlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType

import numpy as np

from audio.clean import clean
from audio.detect.engine import open_detector
from audio.interval import Interval, merge_close
from audio.measure.speech import SpeechMeter
from audio.measure.values import SpeechMeasures
from audio.noise import NoiseTracker
from audio.recipe import Recipe
from audio.segment import Segmenter
from bench.sound_data import DATA, NOISES, RATE, Samples, SessionTruth, field_session, load
from bench.sound_detection import marked
from bench.sound_peers import Detect, peers
from bench.sound_session import SCRIPTS, decode

STEADY = (
    "esc50_rain_1-17367-A-10.wav",
    "speechcommands_running_tap.wav",
    "esc50_motorbike_3-119455-A-44.wav",
)
LEVELS = (0, 5, 10, 15, 20, 25, 30)
IN_A_WORD = 0.02  # seconds from its edges


@dataclass(frozen=True, slots=True)
class Heard:
    speech: list[Interval]
    utterances: list[Interval]
    measures: SpeechMeasures
    noise: NoiseTracker


def hear(samples: Samples) -> Heard:
    """One pass, as `audio/process.py` makes it."""
    recipe = Recipe()
    detector = open_detector(recipe.detection)
    segmenter = Segmenter(recipe.segmentation, detector.quietest)
    meter, noise = SpeechMeter(recipe.measurement), NoiseTracker()
    speech: list[Interval] = []
    utterances: list[Interval] = []

    def take(chunk: Samples, new: list[Interval], settled: int) -> None:
        speech.extend(new)
        meter.feed(chunk, new, settled)
        noise.feed(chunk, new, settled)
        utterances.extend(segmenter.feed(new, settled))

    for start in range(0, len(samples), 5 * RATE):
        chunk = samples[start : start + 5 * RATE]
        take(chunk, detector.feed(chunk), detector.settled)
    take(samples[:0], detector.finish(), len(samples))
    utterances += segmenter.finish(len(samples))
    return Heard(list(merge_close(speech, gap=0)), utterances, meter.finish(), noise)


SESSIONS = (
    # name, minutes, signal-to-noise ratios, seed, languages
    ("all languages, 20 to 5 dB in turn", 20, "20,15,10,5", 3, ""),
    ("all languages, 5 dB", 20, "5", 4, ""),
    ("Mboshi (word times known), 15 dB", 10, "15", 7, "mdw"),
    ("Mboshi (word times known), 5 dB", 10, "5", 8, "mdw"),
)


def sessions(folder: Path) -> Iterator[str]:
    """Markdown rows: how field sessions are cut, and what others would cut from them."""
    yield "| cut by | " + " | ".join(f"{name}" for name, *_ in SESSIONS) + " |"
    yield "| --- |" + " ---: |" * len(SESSIONS)
    made = [
        field_session(folder, minutes=minutes, snr=snr, seed=seed, langs=langs)
        for _, minutes, snr, seed, langs in SESSIONS
    ]
    ways: dict[str, Detect] = {"**Boli's clips**": lambda samples: hear(samples).utterances}
    ways |= {name: find for name, find in peers().items() if not name.startswith("Boli")}
    for name, cut in ways.items():
        cells = [str(_cut_quality(cut(samples), truth, len(samples))) for samples, truth in made]
        yield f"| {name} | " + " | ".join(cells) + " |"


@dataclass(frozen=True, slots=True)
class CutQuality:
    """missed: share of the speech whose whole utterances no clip holds; kept: of the speech that is in clips

    inside: cuts inside a word; None where no word times are known
    """

    missed: float
    kept: float
    cuts: int
    inside: int | None

    def __str__(self) -> str:
        words = (
            "" if self.inside is None else f"; {100 * self.inside / max(self.cuts, 1):.1f} % of {self.cuts}"
        )
        return f"{100 * self.missed:.2f} %; {100 * self.kept:.1f} %{words}"


def _cut_quality(clips: list[Interval], truth: SessionTruth, length: int) -> CutQuality:
    frames = length // (RATE // 100)
    in_clip = marked(clips, frames)
    spoken = marked([Interval(round(a * RATE), round(b * RATE)) for a, b in truth.speech], frames)
    lost = total = 0.0
    for utterance in truth.utterances:
        seconds = sum(end - start for start, end in utterance.speech)
        total += seconds
        lost += seconds * (in_clip[round(utterance.start * 100) : round(utterance.end * 100)].mean() < 0.1)
    cuts = sorted({edge for clip in clips for edge in (clip.start, clip.end)})
    words = [word for utterance in truth.utterances for word in utterance.words]
    inside = sum(any(a + IN_A_WORD < cut / RATE < b - IN_A_WORD for a, b in words) for cut in cuts)
    return CutQuality(
        missed=lost / total,
        kept=float((spoken & in_clip).sum() / spoken.sum()),
        cuts=len(cuts),
        inside=inside if words else None,
    )


def ratios() -> Iterator[str]:
    """Markdown rows: SNR against what was mixed."""
    yield "| mixed at | " + " | ".join(f"{level} dB" for level in LEVELS) + " | all |"
    yield "| --- |" + " ---: |" * (len(LEVELS) + 1)
    errors: dict[int, list[float]] = {level: [] for level in LEVELS}
    for i, (_, voice) in enumerate(speakers()):
        for j, level in enumerate(LEVELS):
            measured = hear(mixed(voice, NOISES[(i + j) % len(NOISES)], level)).measures.snr_db
            errors[level].append(np.inf if measured is None else measured - level)
    near = [np.mean(np.abs(errors[level]) <= 3) for level in LEVELS]
    everything = np.mean(np.abs(np.concatenate(list(errors.values()))) <= 3)
    yield (
        "| within 3 dB | "
        + " | ".join(f"{100 * share:.0f} %" for share in near)
        + f" | {100 * everything:.0f} % |"
    )
    yield (
        "| median error, dB | " + " | ".join(f"{np.median(errors[level]):+.1f}" for level in LEVELS) + " | |"
    )


def cleaning() -> Iterator[str]:
    """Markdown rows: SI-SDR gained by cleaning, dB, over all clips."""
    yield "| noise | " + " | ".join(f"{level} dB" for level in (0, 5, 10, 20, 30, 40)) + " |"
    yield "| --- |" + " ---: |" * 6
    for noise in (*STEADY, "esc50_wind_1-29532-A-16.wav"):
        cells = []
        for level in (0, 5, 10, 20, 30, 40):
            gains = [gain for _, voice in speakers()[:6] for gain in _gains(voice, noise, level)]
            cells.append(f"{np.mean(gains):+.1f} (worst {min(gains):+.1f})")
        yield f"| {noise.split('_')[1]} | " + " | ".join(cells) + " |"


def likeness_db(heard: np.ndarray, wanted: np.ndarray) -> float:
    """Scale-invariant signal-to-distortion ratio (Le Roux et al. 2019)."""
    heard, wanted = heard - heard.mean(), wanted - wanted.mean()
    part = np.dot(heard, wanted) / np.dot(wanted, wanted) * wanted
    return float(10 * np.log10(np.dot(part, part) / (np.dot(heard - part, heard - part) + 1e-12)))


def mixed(voice: np.ndarray, noise: str, snr_db: float) -> Samples:
    """As ../shared/data/scripts/mix_noise.py: power of the active speech over the noise's power."""
    energy = _script("energy")
    bed = np.resize(load(DATA / "noise" / noise), len(voice)).astype(np.float64)
    active = np.concatenate(
        [voice[round(a * RATE) : round(b * RATE)] for a, b in energy.speech_segments(voice, RATE)]
    )
    bed *= 10 ** ((energy.rms_db(active) - snr_db - energy.rms_db(bed)) / 20)
    mix = voice + bed
    return np.asarray(mix * min(1.0, 0.98 / np.abs(mix).max()), np.float32)


@cache
def speakers() -> list[tuple[str, np.ndarray]]:
    """Fourteen speakers, up to four clean sentences each, 40 dB or more between voice and floor."""
    energy = _script("energy")
    files: dict[str, list[str]] = {}
    with (DATA / "MANIFEST.csv").open(encoding="utf-8") as manifest:
        for row in csv.DictReader(manifest):
            if (
                row["kind"] == "transcribed"
                and "rejected" not in row["path"]
                and float(row["seconds"] or 0) > 2
            ):
                files.setdefault(row["speaker"], []).append(row["path"])
    found = []
    for speaker, paths in sorted(files.items()):
        parts = []
        for path in paths[:4]:
            samples = decode(str(DATA / path))[0]
            samples = samples - samples.mean()
            frames = samples[: len(samples) // 320 * 320].reshape(-1, 320)
            levels = 10 * np.log10(np.mean(np.square(frames), axis=1) + 1e-10)
            if np.percentile(levels, 95) - np.percentile(levels, 10) > 40 and energy.speech_segments(
                samples, RATE
            ):
                parts.append(samples)
        if parts:
            found.append((speaker, np.concatenate(parts)))
    return found[:14]


def _gains(voice: np.ndarray, noise: str, level: float) -> Iterator[float]:
    mix = mixed(voice, noise, level)
    heard = hear(mix)
    for clip in heard.utterances:
        if clip.length >= RATE:
            before, wanted = mix[clip.start : clip.end], voice[clip.start : clip.end]
            after = clean(before, heard.noise.around(clip), Recipe().cleaning)
            yield likeness_db(after.astype(np.float64), wanted) - likeness_db(
                before.astype(np.float64), wanted
            )


@cache
def _script(name: str) -> ModuleType:
    if str(SCRIPTS) not in sys.path:
        sys.path.insert(0, str(SCRIPTS))
    return importlib.import_module(name)
