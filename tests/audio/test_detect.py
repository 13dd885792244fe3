import hashlib
import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audio.detect.engine import open_detector
from audio.detect.interface import RATE
from audio.detect.network import WEIGHTS, SileroScores
from audio.interval import Interval, merge_close
from audio.recipe import DetectionRules
from tests.audio.speech import chunked, clean_speech, frames, from_seconds, hear, session

ENGINES = ("default", "silero", "webrtc")
SIZES = st.lists(st.integers(1, 50_000), min_size=1, max_size=6).filter(lambda sizes: sum(sizes) > 2_000)

PUBLISHED = [0.129174, 0.096368, 0.060589, 0.075906, 0.063651, 0.071828, 0.081159, 0.064582]


@pytest.fixture(scope="module")
def voices(examples):
    return clean_speech(examples)


@pytest.fixture(scope="module")
def whole(voices):
    return {engine: detect(voices, engine, [len(voices)]) for engine in ENGINES}


def detect(samples, engine, sizes):
    detector = open_detector(DetectionRules(engine=engine))
    return [i for chunk in chunked(samples, sizes) for i in detector.feed(chunk)] + detector.finish()


@pytest.mark.parametrize("engine", ENGINES)
@settings(max_examples=8)
@given(sizes=SIZES)
def test_what_is_heard_does_not_depend_on_how_the_sound_arrived(voices, whole, engine, sizes):
    assert detect(voices, engine, sizes) == whole[engine]


@pytest.mark.parametrize("engine", ENGINES)
def test_intervals_are_whole_samples_in_order_inside_the_recording(voices, whole, engine):
    speech = whole[engine]

    assert speech
    assert all(type(i.start) is int and type(i.end) is int for i in speech)
    assert all(a.end <= b.start for a, b in itertools.pairwise(speech))
    assert speech[0].start >= 0
    assert speech[-1].end <= len(voices)


@pytest.mark.parametrize("engine", ENGINES)
def test_no_speech_begins_before_what_was_said_to_be_settled(voices, engine):
    detector = open_detector(DetectionRules(engine=engine))

    settled = 0
    for chunk in chunked(voices, [7_001]):
        speech = detector.feed(chunk)
        assert all(interval.start >= settled for interval in speech)
        assert detector.settled >= settled
        settled = detector.settled
    assert all(interval.start >= settled for interval in detector.finish())


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("length", [0, 1, 159, 511, 513, 5_000])
def test_a_recording_shorter_than_a_word_is_heard_to_its_last_sample(engine, length):
    samples = np.random.default_rng(1).normal(0, 0.1, length).astype(np.float32)

    for interval in detect(samples, engine, [1_000]):
        assert interval.end <= length


@pytest.mark.parametrize("engine", ENGINES)
def test_silence_holds_no_speech(engine):
    assert detect(np.zeros(20 * RATE, np.float32), engine, [9_999]) == []


def test_noise_alone_holds_no_speech_for_the_default_engine():
    noise = np.random.default_rng(2).normal(0, 0.05, 30 * RATE).astype(np.float32)

    assert detect(noise, "default", [16_000]) == []


@pytest.mark.slow
def test_the_default_engine_hears_a_field_session_better_than_silero_does(examples):
    samples, spoken = session(examples)
    truth = frames(from_seconds(spoken), len(samples))

    errors = {
        engine: np.mean(frames(hear(samples, engine=engine).speech, len(samples)) != truth)
        for engine in ("default", "silero")
    }

    assert errors["default"] < 0.12
    assert errors["default"] <= errors["silero"] * 1.02


def test_a_faint_recording_is_heard_as_well_as_a_loud_one(voices):
    loud = frames(detect(voices, "default", [80_000]), len(voices))
    faint = frames(detect(voices * np.float32(0.02), "default", [80_000]), len(voices))

    assert np.mean(loud != faint) < 0.01


def test_long_speech_comes_in_pieces_that_touch(voices):
    speaking = np.concatenate(
        [voices[i.start : i.end] for i in merge_close(detect(voices, "silero", [80_000]), gap=0)]
    )
    forever = np.resize(speaking, 60 * RATE)

    speech = detect(forever, "silero", [80_000])

    assert max(i.length for i in speech) <= 12 * RATE
    assert any(a.end == b.start for a, b in itertools.pairwise(speech))


def test_a_cut_is_placed_in_the_quietest_spot():
    samples = np.random.default_rng(3).normal(0, 0.1, 3 * RATE).astype(np.float32)
    samples[20_000:23_200] *= 0.01
    detector = open_detector(DetectionRules(engine="webrtc"))
    detector.feed(samples)

    cut = detector.quietest(Interval(8_000, 40_000))

    assert 20_000 < cut < 23_200


def test_the_network_gives_the_scores_of_the_published_model(voices):
    """The figures are silero_vad_16k_sequence.onnx's (silero-vad 6.2.3, onnxruntime) on the same samples."""
    tone = (0.3 * np.sin(2 * np.pi * 220 * np.arange(512 * 8) / RATE)).astype(np.float32)
    tone *= np.linspace(0, 1, tone.size, dtype=np.float32)

    scores = SileroScores()
    likelihood = 1 / (1 + np.exp(-np.concatenate([scores.feed(tone), scores.finish()])))

    assert likelihood == pytest.approx(PUBLISHED, abs=1e-5)


def test_the_weights_are_the_ones_that_were_measured():
    assert hashlib.sha256(WEIGHTS.read_bytes()).hexdigest().startswith("eeda6e919402f2ba")
