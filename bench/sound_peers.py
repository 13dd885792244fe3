"""What people use today to find speech, as they use it, behind one function each: samples to intervals."""

import collections
from collections.abc import Callable
from functools import cache

import numpy as np

from audio.detect.engine import open_detector
from audio.detect.network import HOP, SileroScores
from audio.interval import Interval, merge_close
from audio.recipe import DetectionRules, Engine
from bench.sound_data import RATE, Samples

Detect = Callable[[Samples], list[Interval]]


def ours(engine: Engine) -> Detect:
    def detect(samples: Samples) -> list[Interval]:
        detector = open_detector(DetectionRules(engine=engine))
        speech = []
        for start in range(0, len(samples), 10 * RATE):
            speech += detector.feed(samples[start : start + 10 * RATE])
        return list(merge_close([*speech, *detector.finish()], gap=0))

    return detect


def silero(samples: Samples) -> list[Interval]:
    """silero_vad 6, get_speech_timestamps with its defaults, written again from its description on the same weights."""
    scores = SileroScores()
    probabilities = 1 / (1 + np.exp(-np.concatenate([scores.feed(samples), scores.finish()])))
    return silero_timestamps(probabilities, len(samples))


def silero_timestamps(
    probabilities: np.ndarray,
    length: int,
    *,
    threshold: float = 0.5,
    min_speech: int = 250 * 16,
    min_silence: int = 100 * 16,
    pad: int = 30 * 16,
) -> list[Interval]:
    speeches: list[list[int]] = []
    triggered, start, dip = False, 0, 0
    for i, probability in enumerate(probabilities):
        now = HOP * i
        if probability >= threshold and dip:
            dip = 0
        if probability >= threshold and not triggered:
            triggered, start = True, now
            continue
        if probability < threshold - 0.15 and triggered:
            dip = dip or now
            if now - dip < min_silence:
                continue
            if dip - start > min_speech:
                speeches.append([start, dip])
            triggered, dip = False, 0
    if triggered and length - start > min_speech:
        speeches.append([start, length])
    for i, speech in enumerate(speeches):
        if i == 0:
            speech[0] = max(0, speech[0] - pad)
        if i + 1 < len(speeches):
            silence = speeches[i + 1][0] - speech[1]
            if silence < 2 * pad:
                speech[1] += silence // 2
                speeches[i + 1][0] = max(0, speeches[i + 1][0] - silence // 2)
            else:
                speech[1] = min(length, speech[1] + pad)
                speeches[i + 1][0] = max(0, speeches[i + 1][0] - pad)
        else:
            speech[1] = min(length, speech[1] + pad)
    return [Interval(a, b) for a, b in speeches]


def vakyansh(samples: Samples, *, aggressiveness: int = 2) -> list[Interval]:
    """webrtcvad with the collector of its example, as EkStep's Vakyansh runs it: 30 ms frames, 300 ms ring, 90 %."""
    import webrtcvad

    frame = RATE * 30 // 1000
    vad = webrtcvad.Vad(aggressiveness)
    pcm = _pcm(samples)
    ring: collections.deque[tuple[int, bool]] = collections.deque(maxlen=10)
    out, start = [], -1
    for at in range(0, len(pcm) - frame + 1, frame):
        voiced = vad.is_speech(pcm[at : at + frame].tobytes(), RATE)
        ring.append((at, voiced))
        votes = sum(v for _, v in ring)
        if start < 0 and votes > 0.9 * 10:
            start = ring[0][0]
            ring.clear()
        elif start >= 0 and len(ring) - votes > 0.9 * 10:
            out.append(Interval(start, at + frame))
            start = -1
            ring.clear()
    if start >= 0:
        out.append(Interval(start, len(pcm)))
    return out


def auditok(samples: Samples) -> list[Interval]:
    """auditok.split with its defaults: energy over 50 dB, 50 ms windows, 0.3 s of silence."""
    import auditok as package

    regions = package.split(
        _pcm(samples).tobytes(), sampling_rate=RATE, sample_width=2, channels=1, max_dur=None
    )
    starts = [(round((region.start or 0) * RATE), len(region)) for region in regions]
    return [Interval(start, start + length) for start, length in starts]


def librosa_split(samples: Samples) -> list[Interval]:
    """librosa.effects.split with its default of 60 dB below the peak."""
    import librosa

    return [Interval(int(a), int(b)) for a, b in librosa.effects.split(samples) if b > a]


@cache
def peers() -> dict[str, Detect]:
    return {
        "Boli, default": ours("default"),
        "Boli, silero": ours("silero"),
        "Boli, webrtc": ours("webrtc"),
        "Silero v6, its own timestamps": silero,
        "webrtcvad + 300 ms collector (Vakyansh)": vakyansh,
        "auditok": auditok,
        "librosa.effects.split": librosa_split,
    }


def _pcm(samples: Samples) -> np.ndarray:
    return np.clip(np.rint(samples * 32768), -32768, 32767).astype("<i2")
