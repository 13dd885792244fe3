import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import butter, sosfilt

from audio.clean import clean
from audio.detect.interface import RATE
from audio.interval import Interval
from audio.loudness import loudness, true_peak
from audio.noise import Noise, NoiseTracker
from audio.recipe import CleaningRules
from audio.spectrum import BINS, sound_of, spectra_of
from tests.audio.speech import clean_speech, hear

RULES = CleaningRules()
SILENT = Noise(np.zeros(BINS), 0)


@pytest.fixture(scope="module")
def voices(examples):
    return clean_speech(examples)


def noisy(voices, snr_db, *, seed=1, colour=None):
    speech = voices[np.abs(voices) > 0.01]
    noise = np.random.default_rng(seed).normal(size=voices.size)
    if colour is not None:
        noise = sosfilt(butter(2, colour, fs=RATE, output="sos"), noise)
    noise *= np.sqrt(np.mean(speech**2) / 10 ** (snr_db / 10) / np.mean(noise**2))
    mixed = voices + noise.astype(np.float32)
    return mixed / np.float32(max(1.0, np.abs(mixed).max()))


def cleaned_clips(samples, rules=RULES):
    """(interval, cleaned) of each utterance, with the noise around it."""
    heard = hear(samples)
    return [(u, clean(samples[u.start : u.end], heard.noise.around(u), rules)) for u in heard.utterances]


def likeness_db(heard, wanted):
    """Scale-invariant signal-to-distortion ratio."""
    heard, wanted = heard - heard.mean(), wanted - wanted.mean()
    part = np.dot(heard, wanted) / np.dot(wanted, wanted) * wanted
    return 10 * np.log10(np.dot(part, part) / (np.dot(heard - part, heard - part) + 1e-20))


@settings(max_examples=40)
@given(
    length=st.integers(0, 40_000),
    level=st.sampled_from([0.0, 1e-5, 1e-3, 0.1, 1.0, 3.0]),
    offset=st.sampled_from([0.0, 0.2]),
    known=st.booleans(),
)
def test_cleaning_keeps_the_length_and_never_exceeds_the_peak(length, level, offset, known):
    samples = np.random.default_rng(length).normal(0, level, length).astype(np.float32) + np.float32(offset)
    noise = Noise(np.full(BINS, level**2 * 100), 100, 50.0) if known else SILENT

    cleaned = clean(samples, noise, RULES)

    assert cleaned.dtype == np.float32
    assert len(cleaned) == length
    assert np.all(np.isfinite(cleaned))
    assert np.abs(cleaned).max(initial=0) <= 10 ** (RULES.true_peak_dbtp / 20) + 1e-6


def test_speech_comes_out_at_the_loudness_of_the_recipe(voices):
    for _, cleaned in cleaned_clips(voices * np.float32(0.05)):
        assert loudness(cleaned, RATE) == pytest.approx(RULES.loudness_lufs, abs=0.3) or true_peak(
            cleaned
        ) == pytest.approx(10 ** (RULES.true_peak_dbtp / 20), rel=0.02)


def test_a_clean_clip_is_only_made_louder_or_softer(voices):
    for interval, cleaned in cleaned_clips(voices):
        assert likeness_db(cleaned, voices[interval.start : interval.end]) > 60


@pytest.mark.parametrize("colour", [None, 1_500], ids=["white", "rumbling"])
def test_steady_noise_at_5_db_is_lowered_by_more_than_3_db(voices, colour):
    mixed = noisy(voices, 5, colour=colour)

    gains = [
        likeness_db(cleaned, voices[i.start : i.end])
        - likeness_db(mixed[i.start : i.end], voices[i.start : i.end])
        for i, cleaned in cleaned_clips(mixed)
    ]

    assert np.mean(gains) > 3
    assert min(gains) > 0


@pytest.mark.parametrize("snr_db", [28, 30, 40])
def test_a_clip_that_is_clean_enough_is_not_made_worse(voices, snr_db):
    mixed = noisy(voices, snr_db)

    for i, cleaned in cleaned_clips(mixed):
        before = likeness_db(mixed[i.start : i.end], voices[i.start : i.end])
        assert likeness_db(cleaned, voices[i.start : i.end]) > before - 0.1


def test_mains_hum_is_found_and_taken_out(voices):
    time = np.arange(voices.size) / RATE
    hum = 0.03 * np.sin(2 * np.pi * 50.05 * time) + 0.02 * np.sin(2 * np.pi * 150.15 * time)
    mixed = voices + hum.astype(np.float32)

    for i, cleaned in cleaned_clips(mixed):
        before = likeness_db(mixed[i.start : i.end], voices[i.start : i.end])
        assert likeness_db(cleaned, voices[i.start : i.end]) > before + 5


def test_no_hum_is_assumed_where_there_is_none(voices):
    heard = hear(noisy(voices, 15))

    assert heard.noise.around(heard.utterances[-1]).hum_hz is None


def test_rumble_louder_than_the_voice_goes(voices):
    rumble = sosfilt(butter(4, 25, fs=RATE, output="sos"), np.random.default_rng(4).normal(size=voices.size))
    mixed = voices + (0.3 * rumble / np.std(rumble)).astype(np.float32)

    for i, cleaned in cleaned_clips(mixed):
        assert likeness_db(cleaned, voices[i.start : i.end]) > 5


def test_a_constant_offset_goes(voices):
    for _, cleaned in cleaned_clips(voices + np.float32(0.2)):
        assert abs(float(cleaned.mean())) < 1e-3


def test_a_switched_off_step_does_nothing(voices):
    rules = CleaningRules(noise_reduction_db=0, remove_hum=False)
    mixed = noisy(voices, 5)

    for i, cleaned in cleaned_clips(mixed, rules):
        assert likeness_db(cleaned, mixed[i.start : i.end]) > 60


def test_the_noise_around_a_clip_does_not_depend_on_how_the_sound_arrived(voices):
    mixed = noisy(voices, 10)
    once, often = hear(mixed, sizes=(len(mixed),)), hear(mixed, sizes=(777, 12_345))

    for utterance in once.utterances:
        assert np.array_equal(once.noise.around(utterance).power, often.noise.around(utterance).power)


def test_noise_is_learnt_between_the_words_only():
    tracker = NoiseTracker()
    samples = np.random.default_rng(5).normal(0, 0.01, 10 * RATE).astype(np.float32)
    heard = hear(samples)
    tracker.feed(samples, heard.speech, len(samples))

    noise = tracker.around(Interval(5 * RATE, 9 * RATE))

    # 3/8: the mean square of a Hann window
    assert noise.power[5:-5].mean() == pytest.approx(0.01**2 * 512 * 0.375, rel=0.05)


def test_spectra_are_librosas(voices):
    import librosa

    expected = librosa.stft(voices[:20_000], n_fft=512, hop_length=256).T

    assert np.abs(spectra_of(voices[:20_000])[: len(expected)] - expected).max() < 1e-3


@settings(max_examples=40)
@given(st.integers(1, 3_000))
def test_spectra_give_back_every_sample(length):
    samples = np.random.default_rng(length).normal(size=length).astype(np.float32)

    assert np.abs(sound_of(spectra_of(samples), length) - samples).max() < 1e-5
