import numpy as np
import pyloudnorm
import pytest
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st

from audio.interval import Interval
from audio.loudness import LoudnessMeter, loudness, loudness_of_spectra, true_peak
from audio.spectrum import spectra_of
from tests.audio.speech import chunked, clean_speech

RATE = 16_000


@pytest.fixture(scope="module")
def voices(examples):
    return clean_speech(examples, count=3)


def test_a_full_scale_sine_has_the_loudness_that_the_standard_states():
    sine = np.sin(2 * np.pi * 997 * np.arange(5 * 48_000) / 48_000).astype(np.float32)

    assert loudness(sine, 48_000) == pytest.approx(-3.01, abs=0.05)


@pytest.mark.parametrize("gain", [1.0, 0.1, 0.01])
def test_speech_is_as_loud_as_pyloudnorm_says(voices, gain):
    quiet = voices * np.float32(gain)

    assert loudness(quiet, RATE) == pytest.approx(
        pyloudnorm.Meter(RATE).integrated_loudness(quiet.astype(float)), abs=0.1
    )


def test_silence_has_no_loudness():
    assert loudness(np.zeros(RATE, np.float32), RATE) is None
    assert loudness(np.zeros(0, np.float32), RATE) is None


def test_a_clip_shorter_than_the_standards_window_has_a_loudness_too():
    sine = np.sin(2 * np.pi * 1_000 * np.arange(2_000) / RATE).astype(np.float32)

    assert loudness(sine, RATE) == pytest.approx(-3, abs=0.5)


@settings(max_examples=20)
@given(st.lists(st.integers(1, 20_000), min_size=1, max_size=5).filter(lambda sizes: sum(sizes) > 500))
def test_loudness_does_not_depend_on_how_the_sound_arrived(voices, sizes):
    meter = LoudnessMeter(RATE)

    for chunk in chunked(voices, sizes):
        meter.feed(chunk)

    assert meter.finish() == loudness(voices, RATE)


def test_a_stretch_of_what_was_heard_is_as_loud_as_it_is_alone(voices):
    meter = LoudnessMeter(RATE)
    span = Interval(RATE * 2 + 77, RATE * 6)

    for chunk in chunked(voices, [12_345]):
        meter.feed(chunk)

    assert meter.of(span) == pytest.approx(loudness(voices[span.start : span.end], RATE), abs=0.2)


def test_loudness_of_what_is_forgotten_is_refused():
    meter = LoudnessMeter(RATE)

    for _ in range(130):
        meter.feed(np.ones(RATE, np.float32))

    with pytest.raises(ValueError, match="asked for 100 to 200"):
        meter.of(Interval(RATE, 2 * RATE))


@pytest.mark.parametrize("seconds", [0.2, 1, 2.5, 6])
def test_spectra_tell_the_same_loudness(voices, seconds):
    clip = voices[RATE // 2 :][: round(seconds * RATE)]
    spectra = spectra_of(clip)

    told = loudness_of_spectra(np.abs(spectra) ** 2, clip.size, RATE)

    assert told == pytest.approx(loudness(clip, RATE), abs=0.3)


def test_a_peak_between_the_samples_is_found():
    wave = np.sin(2 * np.pi * 4_000 * np.arange(4_000) / RATE + np.pi / 4).astype(np.float32)

    assert np.abs(wave).max() == pytest.approx(0.707, abs=0.01)
    assert true_peak(wave) == pytest.approx(1.0, abs=0.03)


def test_a_peak_above_the_bound_is_told_as_it_is_and_a_lower_one_never_too_high(voices):
    peak = true_peak(voices)

    assert true_peak(voices, over=0.95 * peak) == peak
    assert np.abs(voices).max() <= true_peak(voices, over=2 * peak) <= peak


def test_a_true_peak_is_never_below_the_sample_peak(voices):
    assert true_peak(voices) >= np.abs(voices).max()
    assert true_peak(voices) == pytest.approx(
        float(np.abs(soxr.resample(voices, RATE, 16 * RATE, quality="VHQ")).max()), rel=0.03
    )
