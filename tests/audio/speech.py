"""Real speech from examples/ as 16 kHz mono, and one way through detector, segmenter and meters for many tests."""

import json
from dataclasses import dataclass

import numpy as np
import soundfile
import soxr

from audio.detect.engine import open_detector
from audio.detect.interface import RATE
from audio.interval import Interval
from audio.measure.source import SourceMeter
from audio.measure.speech import SpeechMeter
from audio.measure.values import FileMeasures, Measures
from audio.noise import NoiseTracker
from audio.recipe import DetectionRules, Recipe
from audio.segment import Segmenter


@dataclass(frozen=True)
class Info:
    codec: str
    sample_rate: int
    channels: int


def mono(path):
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    return soxr.resample(samples.mean(axis=1), rate, RATE).astype(np.float32)


def session(examples):
    """Two and a half minutes of Kannada over crickets at 20 dB: (samples, what is spoken, in seconds)."""
    truth = json.loads((examples / "truth" / "kn" / "kn-01_session_1.wav.json").read_text(encoding="utf-8"))
    samples = mono(examples / "recordings" / "kn" / "kn-01_session_1.wav")
    return samples, [(u["start"], u["end"]) for u in truth["utterances"]]


def clean_speech(examples, count=6):
    """Telugu sentences of one speaker, near the microphone, half a second of faint noise around each."""
    folder = examples / "recordings" / "te"
    hush = np.random.default_rng(0).normal(0, 2e-4, RATE // 2).astype(np.float32)
    parts = [hush]
    for path in sorted(folder.glob("te-01_00?.mp3"))[:count]:
        voice = mono(path)
        parts += [voice * np.float32(0.5 / np.abs(voice).max()), hush]
    joined = np.concatenate(parts)
    return joined + np.resize(hush, joined.size)


def chunked(samples, sizes):
    """The samples in chunks of these sizes, over and over."""
    at, turn = 0, 0
    while at < samples.shape[-1]:
        size = sizes[turn % len(sizes)]
        yield samples[..., at : at + size]
        at, turn = at + size, turn + 1


@dataclass(frozen=True)
class Heard:
    speech: list
    utterances: list
    noise: NoiseTracker
    measures: Measures
    settled: list


def hear(samples, *, engine="default", sizes=(80_000,), recipe=None, original=None, rate=RATE):
    """One pass over 16 kHz samples, as process.py makes it. original: (channels, n) at `rate`; else the samples."""
    recipe = recipe or Recipe(detection=DetectionRules(engine=engine))
    detector = open_detector(recipe.detection)
    segmenter = Segmenter(recipe.segmentation, detector.quietest)
    meter, noise = SpeechMeter(recipe.measurement), NoiseTracker()
    original = samples[None] if original is None else original
    source = SourceMeter(Info("pcm_s16le", rate, len(original)), recipe.measurement)
    for chunk in chunked(original, sizes):
        source.feed(chunk)
    speech, utterances, settled = [], [], []
    for chunk in [*chunked(samples, sizes), None]:
        new = detector.finish() if chunk is None else detector.feed(chunk)
        chunk = samples[:0] if chunk is None else chunk
        settled.append(len(samples) if not chunk.size else detector.settled)
        speech += new
        utterances += segmenter.feed(new, settled[-1])
        meter.feed(chunk, new, settled[-1])
        noise.feed(chunk, new, settled[-1])
    utterances += segmenter.finish(len(samples))
    return Heard(
        speech,
        utterances,
        noise,
        Measures(
            file=FileMeasures(packets=1, damaged_packets=0, unread_bytes=0, unread_seconds=0.0),
            source=source.finish(),
            speech=meter.finish(),
        ),
        settled,
    )


def frames(intervals, length):
    """Whether each 10 ms of `length` samples lies inside an interval."""
    inside = np.zeros(length, bool)
    for interval in intervals:
        inside[interval.start : interval.end] = True
    return inside[RATE // 200 :: RATE // 100]


def from_seconds(spans):
    return [Interval(round(start * RATE), round(end * RATE)) for start, end in spans]
