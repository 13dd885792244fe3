"""What a stretch of speech sounds like, frame by frame, as numbers in which two speakers can be compared."""

# by name: librosa loads what it compiles at the first use of a name, and a child that is closed by then can't keep it
import numpy as np
import numpy.typing as npt
from librosa.feature import delta, melspectrogram, mfcc

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
_DYNAMIC_RANGE_DB = 50  # noise further below a band's loud frames than this is not noise but digital silence


def mel_db(samples: Floats) -> Floats:
    """Power in mel bands. samples: mono at RATE. (frames, bands), dB"""
    power = melspectrogram(
        y=samples,
        sr=RATE,
        n_fft=_FFT,
        win_length=_WINDOW,
        hop_length=HOP,
        n_mels=_MELS,
        fmin=_LOWEST_HZ,
        fmax=_HIGHEST_HZ,
    )
    return np.asarray(10 * np.log10(power.T + _FLOOR), dtype=np.float32)


def level_db(mel: Floats) -> Floats:
    """How far each frame stands above the noise of its own clip, band by band, so that a weak s counts. (frames,)

    mel: (frames, bands) from mel_db. A band's noise is its 5th percentile.
    """
    noise, loud = np.percentile(mel, (5, 95), axis=0)
    above = np.maximum(mel - np.maximum(noise, loud - _DYNAMIC_RANGE_DB), 0)
    return np.asarray(10 * np.log10((10 ** (above / 10)).mean(axis=1)), dtype=np.float32)


def cepstra(mel: Floats, speech: Mask) -> Floats:
    """Mel cepstra and their change, each with mean 0 and deviation 1 over the frames of `speech`, weighted.

    mel:    (frames, bands) from mel_db
    speech: (frames,), at least one frame; says over which frames voice and channel are evened out
    Returns (frames, 2 * _CEPSTRA); a distance between two rows is about 1 for unrelated sounds.
    """
    static = mfcc(S=mel.T, n_mfcc=_CEPSTRA)
    change = delta(static, width=_DELTA_FRAMES, mode="nearest")
    found = np.vstack([static, change]).T
    evened = (found - found[speech].mean(axis=0)) / (found[speech].std(axis=0) + 1e-3)
    return np.asarray(evened * _weights(), dtype=np.float32)


def _weights() -> Floats:
    static = 1 / (1 + _DECAY * np.maximum(np.arange(_CEPSTRA) - 1, 0))
    static[0] = _LOUDNESS_WEIGHT
    weights = np.concatenate([static, np.full(_CEPSTRA, _CHANGE_WEIGHT)])
    return np.asarray(weights / np.sqrt((weights**2).sum()), dtype=np.float32)
