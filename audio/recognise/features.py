"""Log-mel features, as a CTC model was trained on them: described by who brings it, and with nothing random in them.

Two framings cover what is in use. `centred` is that of librosa and NeMo: the sound is pre-emphasised as a whole, frames
stand around every hop, beginning before the sound does (silence is put there). `kaldi` is that of Kaldi, torchaudio's
`fbank` and Wav2Vec2-BERT: whole frames only, each without its mean, pre-emphasised by itself, under Povey's window, of
samples as 16-bit numbers, on Kaldi's mel scale.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
import numpy.typing as npt
import soxr
from librosa.filters import mel

from audio.align.features import RATE, Floats

_RATES = (8_000, 48_000)
_LONGEST_FFT = 4_096
_MOST_MELS = 256
_MOST_STRIDE = 8
_LEAST_SPREAD = 1e-5
"""Added to the standard deviation, as NeMo does: a filter in which nothing changes stays finite."""
_SIXTEEN_BITS = 32_768.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureRules:
    """How a model wants its sound.

    sample_rate:   of the sound before it is cut into frames; ours is brought to it
    window_ms, hop_ms: length of a frame, and from one to the next
    fft:           points of the Fourier transform
    mels:          filters, from lowest_hz to highest_hz (0: half of the sample rate)
    pre_emphasis:  share of the sample before that is taken off each; 0 for none
    log_guard:     added to (centred) or the least of (kaldi) an energy before its logarithm is taken
    normalise:     to mean 0 and deviation 1: each filter by itself, all together, or not
    stride:        neighbouring frames that are laid beside each other as one
    layout:        which comes first in the model's input
    """

    framing: Literal["centred", "kaldi"] = "centred"
    sample_rate: int = RATE
    window_ms: float = 25.0
    hop_ms: float = 10.0
    fft: int = 512
    mels: int = 80
    lowest_hz: float = 0.0
    highest_hz: float = 0.0
    pre_emphasis: float = 0.97
    log_guard: float = 2.0**-24
    normalise: Literal["per_feature", "all", "no"] = "per_feature"
    stride: int = 1
    layout: Literal["mels_frames", "frames_mels"] = "mels_frames"

    def __post_init__(self) -> None:
        for fits, rule in self._rules():
            if not fits:
                raise ValueError(f"{rule}.\nCopy it from the configuration that the model was trained with.")

    @property
    def window(self) -> int:
        """Samples of a frame."""
        return round(self.window_ms * self.sample_rate / 1000)

    @property
    def hop(self) -> int:
        return round(self.hop_ms * self.sample_rate / 1000)

    @property
    def top_hz(self) -> float:
        return self.highest_hz or self.sample_rate / 2

    @property
    def width(self) -> int:
        """Values of a frame as the model gets it."""
        return self.mels * self.stride

    def _rules(self) -> tuple[tuple[bool, str], ...]:
        low, high = _RATES
        return (
            (low <= self.sample_rate <= high, f"sample_rate is {low} to {high}, given {self.sample_rate}"),
            (16 <= self.fft <= _LONGEST_FFT, f"fft is 16 to {_LONGEST_FFT}, given {self.fft}"),
            (
                1 < self.window <= self.fft,
                f"window_ms has 2 samples at least and fft ({self.fft}) at most, given {self.window}",
            ),
            (1 <= self.hop <= self.window, f"hop_ms is at most window_ms, given {self.hop_ms:g}"),
            (1 <= self.mels <= _MOST_MELS, f"mels is 1 to {_MOST_MELS}, given {self.mels}"),
            (
                0 <= self.lowest_hz < self.top_hz <= self.sample_rate / 2,
                f"highest_hz lies above lowest_hz and up to half of sample_rate, given {self.lowest_hz:g} to "
                f"{self.top_hz:g}",
            ),
            (0 <= self.pre_emphasis < 1, f"pre_emphasis is 0 up to 1, given {self.pre_emphasis:g}"),
            (0 < self.log_guard <= 1, f"log_guard is above 0 and at most 1, given {self.log_guard:g}"),
            (1 <= self.stride <= _MOST_STRIDE, f"stride is 1 to {_MOST_STRIDE}, given {self.stride}"),
        )


def log_mel(samples: Floats, rules: FeatureRules) -> Floats:
    """Features of a clip, (frames, rules.width), float32; no frame where it is shorter than one.

    samples: float32 mono at 16 kHz
    """
    sound = np.asarray(samples, dtype=np.float64)
    if rules.sample_rate != RATE:
        sound = soxr.resample(sound, RATE, rules.sample_rate)
    frames = _centred_frames(sound, rules) if rules.framing == "centred" else _kaldi_frames(sound, rules)
    power = np.abs(np.fft.rfft(frames, rules.fft)) ** 2
    energies = power @ _filters(rules).T
    if rules.framing == "centred":
        levels = np.log(energies + rules.log_guard)
    else:
        levels = np.log(np.maximum(energies, rules.log_guard))
    return _strided(_normalised(levels, rules.normalise), rules.stride).astype(np.float32)


def _centred_frames(sound: npt.NDArray[np.float64], rules: FeatureRules) -> npt.NDArray[np.float64]:
    """Each under a symmetric Hann window in the middle of the transform's points."""
    if rules.pre_emphasis:
        sound = np.concatenate([sound[:1], sound[1:] - rules.pre_emphasis * sound[:-1]])
    padded = np.pad(sound, rules.fft // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, rules.fft)[:: rules.hop]
    before = (rules.fft - rules.window) // 2
    window = np.pad(np.hanning(rules.window), (before, rules.fft - rules.window - before))
    return np.asarray(frames * window, dtype=np.float64)


def _kaldi_frames(sound: npt.NDArray[np.float64], rules: FeatureRules) -> npt.NDArray[np.float64]:
    if len(sound) < rules.window:
        return np.zeros((0, rules.window))
    frames = np.lib.stride_tricks.sliding_window_view(sound * _SIXTEEN_BITS, rules.window)[:: rules.hop]
    frames = frames - frames.mean(axis=1, keepdims=True)
    before = np.concatenate([frames[:, :1], frames[:, :-1]], axis=1)
    return np.asarray((frames - rules.pre_emphasis * before) * np.hanning(rules.window) ** 0.85)


@lru_cache(maxsize=2)
def _filters(rules: FeatureRules) -> npt.NDArray[np.float64]:
    """(mels, bins of the transform)"""
    if rules.framing == "centred":  # Slaney's scale and areas, as librosa has them
        weights = mel(
            sr=rules.sample_rate,
            n_fft=rules.fft,
            n_mels=rules.mels,
            fmin=rules.lowest_hz,
            fmax=rules.top_hz,
            dtype=np.float64,
        )
        return np.asarray(weights)
    bins = _mels_of(np.arange(rules.fft // 2 + 1) * rules.sample_rate / rules.fft)
    edges = np.linspace(_mels_of(rules.lowest_hz), _mels_of(rules.top_hz), rules.mels + 2)[:, None]
    left, middle, right = edges[:-2], edges[1:-1], edges[2:]
    rising, falling = (bins - left) / (middle - left), (right - bins) / (right - middle)
    weights = np.maximum(0, np.minimum(rising, falling))
    weights[:, -1] = 0  # Kaldi leaves the bin at half of the sample rate out
    return weights


def _mels_of(hertz: float | npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Kaldi's mel scale."""
    return np.asarray(1127.0 * np.log1p(np.asarray(hertz) / 700.0))


def _normalised(levels: npt.NDArray[np.float64], how: str) -> npt.NDArray[np.float64]:
    if how == "no" or len(levels) < 2:
        return levels
    axis = 0 if how == "per_feature" else None
    spread = levels.std(axis=axis, ddof=1, keepdims=True)
    return np.asarray((levels - levels.mean(axis=axis, keepdims=True)) / (spread + _LEAST_SPREAD))


def _strided(levels: npt.NDArray[np.float64], stride: int) -> npt.NDArray[np.float64]:
    """Frames that don't fill a last row are left out."""
    whole = len(levels) // stride * stride
    return levels[:whole].reshape(-1, levels.shape[1] * stride)
