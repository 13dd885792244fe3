"""A clip made easier to hear, and never worse: every step is taken only as far as the clip needs it."""

import librosa
import numpy as np
import numpy.typing as npt
from scipy.fft import irfft, next_fast_len, rfft
from scipy.ndimage import uniform_filter1d

from audio.detect.interface import RATE, Samples
from audio.loudness import loudness, true_peak
from audio.noise import HOP, WINDOW, Noise
from audio.recipe import CleaningRules

Power = npt.NDArray[np.float64]

EPSILON = 1e-12
RUMBLE_HZ = 45.0  # no voice goes so low
HIGHEST_HUM_HZ = 1_000.0
QUIET_QUARTER = 25  # per cent
QUARTER_TO_MEAN = 3.48  # of steady noise: its power in a band is distributed exponentially


def clean(samples: Samples, noise: Noise, rules: CleaningRules) -> Samples:
    """The cleaned rendition of one clip.

    samples: (n,) mono at 16 kHz
    noise:   what is heard around the clip while nobody speaks (`NoiseTracker.around`)

    returns (n,): the same length to the sample, no peak above `rules.true_peak_dbtp`
    """
    if not samples.size or not np.any(samples):
        return samples.copy()
    calm = without_rumble_and_hum(samples - np.float32(samples.mean(dtype=np.float64)), noise, rules)
    if noise.frames and rules.noise_reduction_db > 0:
        spectrum = librosa.stft(calm, n_fft=WINDOW, hop_length=HOP, window="hann", center=True)
        power = np.square(spectrum.real, dtype=np.float64) + np.square(spectrum.imag, dtype=np.float64)
        gain = noise_gain(power, background_of(power, noise), rules)
        if not np.all(gain == 1.0):
            calm = librosa.istft(spectrum * gain, hop_length=HOP, window="hann", length=calm.size)
    return levelled(np.asarray(calm, np.float32), rules)


def without_rumble_and_hum(samples: Samples, noise: Noise, rules: CleaningRules) -> Samples:
    """Both in one Fourier transform of the whole clip: no phase is turned; often nothing is done."""
    # a tenth of a second of silence, so that the end does not ring into the start
    size = next_fast_len(len(samples) + RATE // 10, real=True)
    spectrum = rfft(samples, size)
    hertz = np.arange(len(spectrum)) * (RATE / size)
    gain = np.ones(len(spectrum), np.float32)
    power = np.square(np.abs(spectrum), dtype=np.float64)
    low = hertz < RUMBLE_HZ
    if power[low].sum() > power.sum() * 10 ** (-rules.rumble_db / 10):
        # half a cosine over the third below the corner
        gain = (0.5 - 0.5 * np.cos(np.pi * np.clip(3 * hertz / rules.high_pass_hz - 2, 0, 1))).astype(
            np.float32
        )
    if rules.remove_hum and noise.hum_hz is not None:
        gain *= hum_notches(power, noise.hum_hz, RATE / size)
    if np.all(gain == 1.0):
        return samples
    return np.asarray(irfft(spectrum * gain, size)[: len(samples)], np.float32)


def hum_notches(power: Power, mains: float, hertz_per_bin: float) -> npt.NDArray[np.float32]:
    """Gain for each band: the harmonics that stand out are brought down to what lies beside them.

    power: of the clip's whole spectrum; mains: 50 or 60, to half a hertz
    """
    gain = np.ones(len(power), np.float32)
    width = max(1, round(1.5 / hertz_per_bin))
    for harmonic in range(1, int(HIGHEST_HUM_HZ / mains) + 1):
        at, reach = mains * harmonic / hertz_per_bin, max(1, round(0.5 * harmonic / hertz_per_bin))
        first = round(at) - reach
        line = first + int(np.argmax(power[first : round(at) + reach + 1]))
        beside = np.r_[power[line - 6 * width : line - 2 * width], power[line + 2 * width : line + 6 * width]]
        level = float(np.median(beside)) * 1.44  # the median of noise's power is its mean times ln 2
        if power[line] > 30 * level:
            here = slice(line - width, line + width + 1)
            gain[here] = np.sqrt(np.minimum(1.0, level / (power[here] + EPSILON)))
    return gain


def background_of(power: Power, noise: Noise) -> Power:
    """The noise's mean power in this clip (bins,): what was heard around it, where the clip itself bears it out.

    power: (bins, frames). A gust or a knock before the clip is not noise in it: what each band holds in the clip's own
    quietest quarter bounds the estimate. Where nothing is known of the surroundings, no noise is assumed: the
    quietest parts of a clip without a pause are speech.
    """
    if not noise.frames:
        return np.zeros(len(power))
    quarter = np.percentile(power, QUIET_QUARTER, axis=1)
    return np.asarray(np.minimum(noise.power, quarter * QUARTER_TO_MEAN))


def noise_gain(power: Power, background: Power, rules: CleaningRules) -> npt.NDArray[np.float32]:
    """Wiener gain in two steps (Plapous, Marro, Scalart 2006), with a floor, for each point of the STFT.

    power: (bins, frames); background: (bins,) the noise's mean power
    """
    total = float(power.sum()) / power.shape[1]
    speech_over_noise = 10 * np.log10(max(total / (float(background.sum()) + EPSILON) - 1, EPSILON))
    depth = rules.noise_reduction_db * min(1.0, max(0.0, (rules.clean_enough_db - speech_over_noise) / 8))
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


def levelled(samples: Samples, rules: CleaningRules) -> Samples:
    """At the recipe's loudness, or below it where a peak would go over the limit: one gain, nothing is squashed."""
    limit = 10 ** (rules.true_peak_dbtp / 20)
    now = loudness(samples, RATE)
    wanted = min(rules.loudness_lufs - now, rules.max_gain_db) if now is not None else 0.0
    gain = min(10 ** (wanted / 20), limit / max(true_peak(samples, RATE), EPSILON))
    return np.asarray(np.clip(samples * np.float32(gain), -limit, limit), np.float32)
