from dataclasses import replace

import numpy as np
import pytest
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import butter, fftconvolve, sosfilt

from audio.detect.interface import RATE
from audio.interval import Interval
from audio.measure.snr import SpeechAloneSnr
from audio.measure.source import SourceMeter
from audio.measure.verdict import verdict
from audio.reasons import AudioReason
from audio.recipe import MeasurementRules
from tests.audio.speech import Info, chunked, clean_speech, hear, mono, session

RULES = MeasurementRules()


@pytest.fixture(scope="module")
def voices(examples):
    return clean_speech(examples)


def found(samples, *, original=None, rate=RATE):
    """The codes of the verdict on 16 kHz samples, or on an original of another shape with those as its mono form."""
    measures = hear(samples, original=original, rate=rate).measures
    return {finding.code for finding in verdict(measures, RULES)}


def source_of(original, rate, sizes=(50_000,)):
    meter = SourceMeter(Info("pcm_s16le", rate, len(original)), RULES)
    for chunk in chunked(original, sizes):
        meter.feed(chunk)
    return meter.finish()


def gusts(length, generator):
    rumble = sosfilt(butter(2, 40, fs=RATE, output="sos"), generator.normal(size=length))
    swell = np.interp(
        np.arange(length) / RATE, np.arange(length // RATE + 2), generator.random(length // RATE + 2) ** 3
    )
    return rumble * swell / np.std(rumble)


def test_good_recordings_are_not_complained_about(voices):
    assert found(voices) == set()


def test_a_field_session_is_not_complained_about(examples):
    assert found(session(examples)[0]) <= {AudioReason.NARROW_BAND}


def torn(voices, generator):
    spoken = np.flatnonzero(np.abs(voices) > 0.1)
    for start in generator.choice(spoken, 25):
        voices[start : start + 800] = 0
    return voices


DEFECTS = {
    "clipped at full scale": (lambda v, g: np.clip(v * 8, -1, 1), AudioReason.CLIPPED),
    "clipped, then made softer": (lambda v, g: 0.2 * np.clip(v * 8, -1, 1), AudioReason.CLIPPED),
    "hum at 50 Hz": (
        lambda v, g: (
            v
            + 0.02 * np.sin(2 * np.pi * 50.05 * np.arange(v.size) / RATE)
            + 0.01 * np.sin(2 * np.pi * 150.15 * np.arange(v.size) / RATE)
        ),
        AudioReason.HUM,
    ),
    "hum at 60 Hz": (
        lambda v, g: (
            v
            + 0.02 * np.sin(2 * np.pi * 60 * np.arange(v.size) / RATE)
            + 0.01 * np.sin(2 * np.pi * 120 * np.arange(v.size) / RATE)
        ),
        AudioReason.HUM,
    ),
    "wind on the microphone": (lambda v, g: v + 0.1 * gusts(v.size, g), AudioReason.WIND),
    "holes torn into it": (torn, AudioReason.DROPOUTS),
    "up-sampled from 8 kHz": (
        lambda v, g: soxr.resample(soxr.resample(v, RATE, 8_000), 8_000, RATE),
        AudioReason.NARROW_BAND,
    ),
    "a constant offset": (lambda v, g: v + 0.05, AudioReason.DC_OFFSET),
    "far too quiet": (lambda v, g: v * 0.002, AudioReason.TOO_QUIET),
    "deep in noise": (lambda v, g: v + g.normal(0, 0.08, v.size), AudioReason.LOW_SNR),
    "nothing but noise": (lambda v, g: g.normal(0, 0.05, v.size), AudioReason.NO_SPEECH),
    "digital silence": (lambda v, g: np.zeros(v.size), AudioReason.NO_SPEECH),
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_each_defect_is_named(voices, defect):
    damage, code = DEFECTS[defect]

    damaged = np.asarray(damage(voices.copy(), np.random.default_rng(7)), np.float32)

    assert code in found(damaged)


@pytest.mark.parametrize("rate", [16_000, 44_100, 48_000])
def test_a_telephones_band_is_found_out_whatever_rate_it_is_stored_at(voices, rate):
    narrow = soxr.resample(soxr.resample(voices, RATE, 8_000), 8_000, rate)

    assert source_of(narrow[None], rate).bandwidth_hz == pytest.approx(3_800, abs=300)


def test_a_dead_channel_beside_a_live_one_is_named(voices):
    assert AudioReason.DEAD_CHANNEL in found(voices, original=np.stack([voices, np.zeros_like(voices)]))


@pytest.mark.parametrize("sign", [1, -1], ids=["the same", "inverted"])
def test_two_channels_that_are_one_are_named(voices, sign):
    pair = np.stack([voices, np.float32(sign) * voices])

    assert AudioReason.DUPLICATED_CHANNEL in found(voices, original=pair)
    assert source_of(pair, RATE).inverted is (sign < 0)


def test_two_true_channels_are_not_complained_about(voices):
    other = 0.7 * np.roll(voices, 9) + np.random.default_rng(8).normal(0, 1e-3, voices.size).astype(
        np.float32
    )

    assert found(voices, original=np.stack([voices, other])) == set()


def test_a_second_voice_is_noticed_and_a_single_one_is_not(examples, voices):
    """The same speaker raised by a sixth stands for a second one: no two of the examples differ so much in pitch."""
    higher = soxr.resample(voices, RATE, 10_000).astype(np.float32)

    assert AudioReason.SEVERAL_SPEAKERS in found(np.concatenate([voices, higher]))
    assert AudioReason.SEVERAL_SPEAKERS not in found(np.concatenate([voices, voices]))


def test_an_echoing_hall_is_told_from_a_dry_place(voices):
    generator = np.random.default_rng(9)
    tail = generator.normal(size=2 * RATE) * 10 ** (-3 * np.arange(2 * RATE) / (1.6 * RATE))
    tail[0] = 8.0
    hall = fftconvolve(voices, tail)[: voices.size].astype(np.float32)

    dry = hear(voices).measures.speech.reverb_s
    wet = hear(hall * np.float32(0.5 / np.abs(hall).max())).measures.speech.reverb_s

    assert dry < 0.4
    assert wet > 2 * dry


@pytest.mark.parametrize("snr", [0, 5, 10, 15, 20, 25, 30])
def test_the_ratio_of_speech_to_noise_is_right_to_3_db(voices, snr):
    speech = voices[np.abs(voices) > 0]
    power = np.mean([np.mean(voices[i.start : i.end] ** 2) for i in hear(voices).speech])
    noise = np.random.default_rng(snr).normal(0, np.sqrt(power / 10 ** (snr / 10)), voices.size)

    measured = hear((voices + noise).astype(np.float32)).measures.speech

    assert speech.size
    assert measured.snr_method == "pauses"
    assert measured.snr_db == pytest.approx(snr, abs=3)


@pytest.mark.parametrize("snr", [0, 10, 20])
def test_without_a_pause_the_ratio_is_estimated_from_the_speech_alone(voices, snr):
    speech = np.concatenate([voices[i.start : i.end] for i in hear(voices).speech])
    noise = np.random.default_rng(snr).normal(0, np.sqrt(np.mean(speech**2) / 10 ** (snr / 10)), speech.size)

    meter = SpeechAloneSnr()
    meter.feed((speech + noise).astype(np.float32))

    assert meter.finish() == pytest.approx(snr, abs=3)


@settings(max_examples=15)
@given(st.lists(st.integers(1, 60_000), min_size=1, max_size=5).filter(lambda sizes: sum(sizes) > 2_000))
def test_measures_do_not_depend_on_how_the_sound_arrived(voices, sizes):
    once = hear(voices, engine="webrtc", sizes=(len(voices),)).measures

    assert hear(voices, engine="webrtc", sizes=tuple(sizes)).measures == once


@settings(max_examples=30)
@given(st.integers(0, 30_000), st.sampled_from([0.0, 1e-4, 0.5, 1.0]), st.integers(1, 3))
def test_any_scrap_of_sound_can_be_measured(length, level, channels):
    original = np.random.default_rng(length).normal(0, level, (channels, length)).astype(np.float32)

    measured = source_of(original, 44_100)

    assert 0 <= measured.clipped_share <= 1
    assert 0 <= measured.bandwidth_hz <= 22_050
    assert measured.duration == pytest.approx(length / 44_100)


def test_thresholds_are_applied_to_stored_measures_without_the_sound(voices):
    measures = hear(voices).measures

    strict = verdict(measures, replace(RULES, low_snr_reject_db=90.0))

    assert [(f.code, f.severity, f.measure, f.threshold) for f in strict] == [
        (AudioReason.LOW_SNR, "reject", "snr_db", 90.0)
    ]
    assert strict[0].value == measures.speech.snr_db


def test_rejections_come_before_warnings(voices):
    damaged = np.clip(voices * 8, -1, 1) * np.float32(0.5) + np.float32(0.05)

    severities = [finding.severity for finding in verdict(hear(damaged).measures, RULES)]

    assert severities == sorted(severities)
    assert {"reject", "warn"} <= set(severities)


def test_a_shouting_file_from_the_examples_is_found_clipped(examples):
    samples = mono(examples / "recordings" / "te" / "te-01 too close.wav")

    assert AudioReason.CLIPPED in found(samples)


def test_a_short_loud_noise_before_the_speech_is_no_dropout_and_no_clipping(voices):
    knock = np.zeros(RATE, np.float32)
    knock[4_000:4_400] = 0.8 * np.hanning(400)

    assert found(np.concatenate([knock, voices])) == set()


def test_speech_share_counts_what_the_detector_heard(voices):
    heard = hear(voices)

    assert heard.measures.speech.speech_seconds == pytest.approx(sum(i.length for i in heard.speech) / RATE)
    assert all(isinstance(i, Interval) for i in heard.speech)
