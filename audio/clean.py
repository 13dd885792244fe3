"""A clip made easier to hear, and never worse: every step is taken only as far as the clip needs it."""

import numpy as np
import numpy.typing as npt
from scipy.fft import irfft, next_fast_len, rfft
from scipy.ndimage import uniform_filter1d

from audio.detect.interface import RATE, Samples
from audio.loudness import loudness, true_peak
from audio.noise import Noise
from audio.recipe import CleaningRules
from audio.spectrum import sound_of, spectra_of

Power = npt.NDArray[np.float32]

EPSILON = 1e-12
RUMBLE_HZ = 45.0  # no voice goes so low
HIGHEST_HUM_HZ = 1_000.0
OVERESTIMATE = 1.5  # of the noise: what is spared of it is heard as tones
CARRIED = 0.98  # weight of the frame before and of the first step against the frame alone
RAMP_DB = 8.0  # noise reduction fades out over this much below `clean_enough_db`
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
        spectra = spectra_of(calm)
        power = np.square(spectra.real) + np.square(spectra.imag)
        gain = noise_gain(power, background_of(power, noise), rules)
        if gain is not None:
            calm = sound_of(spectra * gain, calm.size)
    return levelled(np.asarray(calm, np.float32), rules)


def without_rumble_and_hum(samples: Samples, noise: Noise, rules: CleaningRules) -> Samples:
    """Both in one Fourier transform of the whole clip: no phase is turned; often nothing is done."""
    # a tenth of a second of silence, so that the end does not ring into the start
    size = next_fast_len(len(samples) + RATE // 10, real=True)
    spectrum = rfft(samples, size)
    hertz = np.arange(len(spectrum)) * (RATE / size)
    gain = np.ones(len(spectrum), np.float32)
    power = np.square(spectrum.real) + np.square(spectrum.imag)
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

    power: (frames, bins). A gust or a knock before the clip is not noise in it: what each band holds in the clip's own
    quietest quarter bounds the estimate.
    """
    rank = len(power) * QUIET_QUARTER // 100
    quarter = np.partition(power, rank, axis=0)[rank]
    bound = np.minimum(noise.power, quarter * QUARTER_TO_MEAN)
    return np.asarray(bound, np.float32)


def noise_gain(power: Power, background: Power, rules: CleaningRules) -> Power | None:
    """Wiener gain in two steps (Plapous, Marro, Scalart 2006), with a floor; None where the clip is clean enough.

    power: (frames, bins); background: (bins,) the noise's mean power. Returns (frames, bins).
    """
    total = float(power.sum(dtype=np.float64)) / len(power)
    speech_over_noise = 10 * np.log10(max(total / (float(background.sum()) + EPSILON) - 1, EPSILON))
    depth = rules.noise_reduction_db * min(
        1.0, max(0.0, (rules.clean_enough_db - speech_over_noise) / RAMP_DB)
    )
    if depth <= 0:
        return None
    posterior = power / (background * np.float32(OVERESTIMATE) + np.float32(EPSILON))
    first = _smooth(posterior, 7, 5)
    np.maximum(first - 1, 0, out=first)
    first /= 1 + first
    first *= first
    first *= posterior  # what speech was over noise, by the first step
    carried = first.copy()
    np.maximum(first[1:], first[:-1], out=carried[1:])
    prior = np.float32(CARRIED) * carried + np.float32(1 - CARRIED) * np.maximum(posterior - 1, 0)
    prior = _smooth(prior, 3, 3)  # a lone point that stands out of noise would ring as a tone
    prior /= 1 + prior
    return np.asarray(np.maximum(prior, 10 ** (-depth / 20)), np.float32)


def _smooth(points: Power, frames: int, bins: int) -> Power:
    return np.asarray(uniform_filter1d(uniform_filter1d(points, frames, axis=0), bins, axis=1), np.float32)


def levelled(samples: Samples, rules: CleaningRules) -> Samples:
    """At the recipe's loudness, or below it where a peak would go over the limit: one gain, nothing is squashed."""
    limit = 10 ** (rules.true_peak_dbtp / 20)
    now = loudness(samples, RATE)
    wanted = min(rules.loudness_lufs - now, rules.max_gain_db) if now is not None else 0.0
    gain = 10 ** (wanted / 20)
    if (
        gain * float(np.abs(samples).max(initial=0.0)) > limit / 2
    ):  # 6 dB lower than this no peak hides between samples
        gain = min(gain, limit / max(true_peak(samples, RATE), EPSILON))
    return np.asarray(np.clip(samples * np.float32(gain), -limit, limit), np.float32)
