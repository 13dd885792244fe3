"""Sound to short-time spectra and back: 32 ms under a Hann window, every 16 ms.

`librosa.stft` gives the same numbers (a test holds it to that), and one frame less at the end. It brings numba along,
which takes longer to load than ten minutes of speech take to clean.
"""

import numpy as np
import numpy.typing as npt
from scipy.fft import irfft, rfft

from audio.blocks import windows

WINDOW = 512
HOP = 256
BINS = WINDOW // 2 + 1

HANN = np.hanning(WINDOW + 1)[:-1].astype(np.float32)
# two windows overlap everywhere: what the squares of both add up to
_OVERLAP = np.square(HANN[:HOP]) + np.square(HANN[HOP:])

Spectra = npt.NDArray[np.complex64]
Samples = npt.NDArray[np.float32]


def spectra_of(samples: Samples) -> Spectra:
    """(frames, 257) of sound (n,): frame k is centred on sample 256 k; silence lies before and after."""
    frames = len(samples) // HOP + 2
    padded = np.zeros((frames + 1) * HOP, np.float32)
    padded[HOP : HOP + len(samples)] = samples
    return np.asarray(rfft(windows(padded, WINDOW, HOP) * HANN, axis=1), np.complex64)


def sound_of(spectra: Spectra, length: int) -> Samples:
    """The `length` samples whose spectra these are; the inverse of `spectra_of`."""
    sound = irfft(spectra, WINDOW, axis=1)
    sound *= HANN
    halves = sound[1:, :HOP] + sound[:-1, HOP:]
    halves /= _OVERLAP
    return np.asarray(halves.reshape(-1)[:length], np.float32)
