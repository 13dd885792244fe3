"""What a stretch of speech sounds like, frame by frame, as numbers in which two speakers can be compared."""

import librosa
import numpy as np
import numpy.typing as npt

RATE = 16_000
HOP = 160
"""Samples between frames: 10 ms. Frame i stands for the samples around i * HOP."""

Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

_WINDOW, _FFT, _MELS, _LOWEST_HZ, _HIGHEST_HZ = 400, 512, 40, 60, 7600
_CEPSTRA = 12
_LOUDNESS_WEIGHT = 2.0  # the first cepstrum: where it is loud and where it pauses is common to all speakers
_CHANGE_WEIGHT = 0.5  # of deltas against cepstra
_DECAY = 0.1  # higher cepstra tell speakers apart more than sounds: weight 1 / (1 + _DECAY * order)
_DELTA_FRAMES = 9
_FLOOR = 1e-8  # mel power; below it is silence


def loudness_db(samples: Floats) -> Floats:
    """Power around every frame, dB re full scale. (frames,)"""
    padded = np.pad(samples, _WINDOW // 2).astype(np.float64)
    passed = np.concatenate([[0.0], np.cumsum(padded**2)])
    first = np.arange(1 + len(samples) // HOP) * HOP
    power = (passed[first + _WINDOW] - passed[first]) / _WINDOW
    return np.asarray(10 * np.log10(np.maximum(power, 0) + 1e-10), dtype=np.float32)


def cepstra(samples: Floats, speech: Mask) -> Floats:
    """Mel cepstra and their change, each with mean 0 and deviation 1 over the frames of `speech`, weighted.

    samples: mono at RATE, at least one window
    speech:  (frames,), at least one frame; says over which frames voice and channel are evened out
    Returns (frames, 2 * _CEPSTRA) float32; a distance between two rows is about 1 for unrelated sounds.
    """
    power = librosa.feature.melspectrogram(
        y=samples,
        sr=RATE,
        n_fft=_FFT,
        win_length=_WINDOW,
        hop_length=HOP,
        n_mels=_MELS,
        fmin=_LOWEST_HZ,
        fmax=_HIGHEST_HZ,
    )
    static = librosa.feature.mfcc(S=10 * np.log10(power + _FLOOR), n_mfcc=_CEPSTRA)
    change = librosa.feature.delta(static, width=_DELTA_FRAMES, mode="nearest")
    found = np.vstack([static, change]).T[: len(speech)]
    evened = (found - found[speech].mean(axis=0)) / (found[speech].std(axis=0) + 1e-3)
    return np.asarray(evened * _weights(), dtype=np.float32)


def _weights() -> Floats:
    static = 1 / (1 + _DECAY * np.maximum(np.arange(_CEPSTRA) - 1, 0))
    static[0] = _LOUDNESS_WEIGHT
    weights = np.concatenate([static, np.full(_CEPSTRA, _CHANGE_WEIGHT)])
    return np.asarray(weights / np.sqrt((weights**2).sum()), dtype=np.float32)
