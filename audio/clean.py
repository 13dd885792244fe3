"""A clip made easier to hear, and never worse: every step is taken only as far as the clip needs it."""

import librosa
import numpy as np
import numpy.typing as npt
from scipy.ndimage import uniform_filter1d

from audio.detect.interface import RATE, Samples
from audio.loudness import loudness, true_peak
from audio.noise import BINS, HOP, WINDOW, Noise
from audio.recipe import CleaningRules

Spectrum = npt.NDArray[np.complex64]
Power = npt.NDArray[np.float64]

EPSILON = 1e-12


def clean(samples: Samples, noise: Noise, rules: CleaningRules) -> Samples:
    """The cleaned rendition of one clip.

    samples: (n,) mono at 16 kHz
    noise:   what is heard around the clip while nobody speaks (`NoiseTracker.around`)

    returns (n,): the same length to the sample, no peak above `rules.true_peak_dbtp`
    """
    if not samples.size or not np.any(samples):
        return samples.copy()
    calm = samples - np.float32(samples.mean(dtype=np.float64))
    spectrum = librosa.stft(calm, n_fft=WINDOW, hop_length=HOP, window="hann", center=True)
    power = np.square(spectrum.real, dtype=np.float64) + np.square(spectrum.imag, dtype=np.float64)
    background = noise.power if noise.frames else quiet_part(power)
    gain = noise_gain(power, background, rules)
    gain *= rumble_gain(power, rules)[:, None]
    if np.all(gain == 1.0):
        quieter = calm
    else:
        quieter = librosa.istft(spectrum * gain, hop_length=HOP, window="hann", length=calm.size)
    return levelled(np.asarray(quieter, np.float32), rules)


def quiet_part(power: Power) -> Power:
    """The noise's spectrum from the clip alone, where nothing is known of its surroundings: its quietest tenth.

    power: (bins, frames)
    """
    frames = power.shape[1]
    least = np.argsort(power.sum(axis=0))[: max(1, frames // 10)]
    return np.asarray(power[:, least].mean(axis=1))


def noise_gain(power: Power, background: Power, rules: CleaningRules) -> npt.NDArray[np.float32]:
    """Wiener gain in two steps (Plapous, Marro, Scalart 2006), with a floor, for each point of the STFT.

    power: (bins, frames); background: (bins,) the noise's mean power
    """
    total = float(power.sum())
    speech_over_noise = 10 * np.log10(max(total / power.shape[1] / (background.sum() + EPSILON) - 1, EPSILON))
    depth = rules.noise_reduction_db * min(1.0, max(0.0, (rules.clean_enough_db - speech_over_noise) / 10))
    if depth <= 0:
        return np.ones(power.shape, np.float32)
    floor = 10 ** (-depth / 20)
    posterior = power / (background[:, None] + EPSILON)
    excess = np.maximum(posterior - 1, 0)
    smooth = uniform_filter1d(uniform_filter1d(posterior, 5, axis=1), 3, axis=0)
    first = np.maximum(smooth - 1, 0)
    first /= 1 + first
    carried = np.zeros_like(first)
    carried[:, 1:] = first[:, :-1] ** 2 * posterior[:, :-1]
    prior = 0.9 * np.maximum(carried, first**2 * posterior) + 0.1 * excess
    return np.asarray(np.maximum(prior / (1 + prior), floor), np.float32)


def rumble_gain(power: Power, rules: CleaningRules) -> npt.NDArray[np.float32]:
    """(bins,) nothing below `high_pass_hz` where there is rumble; all ones elsewhere."""
    hertz = np.arange(BINS) * RATE / WINDOW
    low = hertz < rules.high_pass_hz
    gain = np.ones(BINS, np.float32)
    if power[low].sum() > power.sum() * 10 ** (-rules.rumble_db / 10):
        gain[low] = 0.0
    return gain


def levelled(samples: Samples, rules: CleaningRules) -> Samples:
    """At the recipe's loudness, or below it where a peak would go over the limit: one gain, nothing is squashed."""
    limit = 10 ** (rules.true_peak_dbtp / 20)
    now = loudness(samples, RATE)
    wanted = min(rules.loudness_lufs - now, rules.max_gain_db) if now is not None else 0.0
    gain = min(10 ** (wanted / 20), limit / max(true_peak(samples, RATE), EPSILON))
    return np.asarray(np.clip(samples * np.float32(gain), -limit, limit), np.float32)
