"""A clip made easier to hear, and never worse: every step is taken only as far as the clip needs it."""

import numpy as np
import numpy.typing as npt
from scipy.fft import irfft, next_fast_len, rfft

from audio.detect.interface import RATE, Samples
from audio.loudness import loudness, loudness_of_spectra, true_peak
from audio.noise import Noise
from audio.recipe import CleaningRules
from audio.smoothing import smoothed
from audio.spectrum import sound_of, spectra_of

Power = npt.NDArray[np.float32]

EPSILON = 1e-12
RUMBLE_HZ = 45.0  # no voice goes so low
THIN = 16  # samples averaged where only the lowest matters
HIGHEST_HUM_HZ = 1_000.0
OVERESTIMATE = 1.5  # of the noise: what is spared of it is heard as tones
CARRIED = 0.98  # weight of the frame before and of the first step against the frame alone
RAMP_DB = 6.0  # noise reduction fades out over this much below `clean_enough_db`
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
    calm = without_rumble_and_hum(samples - samples.mean(), noise, rules)
    if not noise.frames or rules.noise_reduction_db <= 0:
        return levelled(calm, loudness(calm, RATE), rules)
    spectra = spectra_of(calm)
    power = np.square(spectra.real) + np.square(spectra.imag)
    gain = noise_gain(power, background_of(power, noise), rules)
    if gain is not None:
        spectra *= gain
        calm = sound_of(spectra, calm.size)
        power *= np.square(gain, out=gain)
    return levelled(calm, loudness_of_spectra(power, calm.size, RATE), rules)


def without_rumble_and_hum(samples: Samples, noise: Noise, rules: CleaningRules) -> Samples:
    """Both in one Fourier transform of the whole clip: no phase is turned; mostly nothing is done."""
    rumbles = has_rumble(samples, rules.rumble_db)
    mains = noise.hum_hz if rules.remove_hum else None
    if not rumbles and mains is None:
        return samples
    # a tenth of a second of silence, so that the end does not ring into the start
    size = next_fast_len(len(samples) + RATE // 10, real=True)
    spectrum = rfft(samples, size)
    gain = np.ones(len(spectrum), np.float32)
    if rumbles:
        # half a cosine over the third below the corner
        hertz = np.arange(len(spectrum)) * (RATE / size)
        gain -= (0.5 + 0.5 * np.cos(np.pi * np.clip(3 * hertz / rules.high_pass_hz - 2, 0, 1))).astype(
            np.float32
        )
    if mains is not None:
        gain *= hum_notches(np.square(spectrum.real) + np.square(spectrum.imag), mains, RATE / size)
    return np.asarray(irfft(spectrum * gain, size)[: len(samples)], np.float32)


def has_rumble(samples: Samples, rumble_db: float) -> bool:
    """Whether what lies below every voice is less than this far below the whole."""
    whole = samples[: len(samples) - len(samples) % THIN]
    # averaged 16 at a time: what folds down to below 45 Hz is 27 dB weaker by then
    thin = np.einsum("ij->i", whole.reshape(-1, THIN)) / np.float32(THIN)
    if not thin.size:
        return False
    spectrum = rfft(thin, next_fast_len(len(thin) + RATE // THIN // 10, real=True))
    low = spectrum[: int(RUMBLE_HZ * 2 * (len(spectrum) - 1) * THIN / RATE) + 1]
    rumble = 2 * float(np.sum(np.square(low.real) + np.square(low.imag))) / (2 * (len(spectrum) - 1))
    all_of_it = float(np.einsum("i,i->", whole, whole)) / THIN
    return rumble > all_of_it * 10 ** (-rumble_db / 10)


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
    bands = power[::2].T.copy()  # neighbours overlap by half: they tell little that is new
    bands.sort(axis=1)  # of many short rows quicker than a partition
    quarter = bands[:, bands.shape[1] * QUIET_QUARTER // 100]
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
    first = smoothed(posterior, 7, 5)
    first -= 1
    np.maximum(first, 0, out=first)
    prior = first + 1
    first /= prior
    first *= first
    first *= posterior  # what speech was over noise, by the first step
    prior[0] = first[0]
    np.maximum(first[1:], first[:-1], out=prior[1:])
    prior *= np.float32(CARRIED)
    posterior -= 1
    np.maximum(posterior, 0, out=posterior)
    posterior *= np.float32(1 - CARRIED)
    prior += posterior
    prior = smoothed(prior, 3, 3)  # a lone point that stands out of noise would ring as a tone
    prior /= np.add(prior, 1, out=first)
    return np.asarray(np.maximum(prior, np.float32(10 ** (-depth / 20)), out=prior), np.float32)


def levelled(samples: Samples, now: float | None, rules: CleaningRules) -> Samples:
    """At the recipe's loudness, or below it where a peak would go over the limit: one gain, nothing is squashed.

    now: LUFS of the samples, where they have any
    """
    limit = 10 ** (rules.true_peak_dbtp / 20)
    wanted = min(rules.loudness_lufs - now, rules.max_gain_db) if now is not None else 0.0
    gain = 10 ** (wanted / 20)
    highest = gain * max(float(samples.max(initial=0.0)), -float(samples.min(initial=0.0)))
    if highest > limit / 2:  # 6 dB lower than this no peak hides between samples
        gain = min(gain, limit / max(true_peak(samples, over=limit / gain), EPSILON))
    out = samples * np.float32(gain)
    return np.asarray(np.clip(out, -limit, limit, out=out), np.float32)
