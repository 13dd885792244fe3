"""Features are those of the libraries that models are trained with, and a model that takes them hears by them."""

from dataclasses import replace

import librosa
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.limits import Limits
from audio.recognise.ctc import align_outputs, recognised
from audio.recognise.features import FeatureRules, log_mel
from audio.recognise.file import ModelFiles, RecognitionJob, recognise_file
from audio.recognise.network import BadRecogniserError, CtcNetwork
from audio.recognise.vocabulary import Vocabulary, read_vocabulary
from tests.audio.brought import sentences
from tests.audio.brought_features import RULES, model

RATE = 16_000
KALDI = FeatureRules(framing="kaldi", lowest_hz=20.0, log_guard=1.1920929e-07, stride=2, layout="frames_mels")
"""Wav2Vec2-BERT's."""


def by_librosa(samples, rules):
    heard = np.append(samples[0], samples[1:] - rules.pre_emphasis * samples[:-1])
    energies = librosa.feature.melspectrogram(
        y=heard,
        sr=rules.sample_rate,
        n_fft=rules.fft,
        hop_length=rules.hop,
        win_length=rules.window,
        window=np.hanning(rules.window),
        pad_mode="constant",
        n_mels=rules.mels,
        fmin=rules.lowest_hz,
        fmax=rules.top_hz,
    )
    levels = np.log(energies + rules.log_guard).T
    return (levels - levels.mean(axis=0)) / (levels.std(axis=0, ddof=1) + 1e-5)


@pytest.mark.parametrize(
    "rules",
    [
        FeatureRules(),
        FeatureRules(mels=64, window_ms=20.0, hop_ms=8.0, fft=1024, lowest_hz=60.0, highest_hz=7600.0),
        FeatureRules(pre_emphasis=0.0, mels=128),
    ],
)
def test_features_of_real_speech_are_those_of_librosa(examples, rules):
    samples = sentences(examples)[0].samples

    found = log_mel(samples, rules)

    assert found.shape == (1 + len(samples) // rules.hop, rules.mels)
    np.testing.assert_allclose(found, by_librosa(samples, rules), atol=2e-3)


def test_a_model_of_8_khz_hears_what_is_below_4_khz_as_one_of_16_khz_does(examples):
    samples = sentences(examples)[0].samples
    wide = FeatureRules(fft=512, highest_hz=3400.0, mels=40, normalise="no", pre_emphasis=0.0)
    narrow = replace(wide, sample_rate=8_000, fft=256)

    one, other = log_mel(samples, wide), log_mel(samples, narrow)

    frames = min(len(one), len(other))
    apart = one[:frames] - other[:frames]
    assert np.corrcoef(one[:frames].ravel(), other[:frames].ravel())[0, 1] > 0.98
    assert np.median(np.abs(apart - np.median(apart))) < 0.35


@given(st.integers(400, 9_000), st.floats(-0.4, 0.4), st.integers(1, 8))
def test_kaldi_frames_are_whole_ones_that_no_offset_of_the_sound_changes(length, offset, stride):
    sound = np.random.default_rng(length).normal(0, 0.1, length).astype(np.float32)
    rules = replace(KALDI, stride=stride, normalise="no")

    plain, shifted = log_mel(sound, rules), log_mel(sound + np.float32(offset), rules)

    assert plain.shape == ((1 + (length - 400) // 160) // stride, 80 * stride)
    np.testing.assert_allclose(plain, shifted, atol=0.05)


@pytest.mark.parametrize("hertz", [200.0, 440.0, 1000.0, 2500.0, 6000.0])
def test_a_tone_is_heard_by_the_filter_of_its_pitch_on_kaldis_scale(hertz):
    tone = 0.3 * np.sin(2 * np.pi * hertz * np.arange(RATE) / RATE).astype(np.float32)
    rules = replace(KALDI, stride=1, normalise="no")
    edges = 1127 * np.log1p(np.array([20.0, 8000.0]) / 700)
    step = (edges[1] - edges[0]) / 81
    nearest = (1127 * np.log1p(hertz / 700) - edges[0]) / step - 1

    loudest = log_mel(tone, rules).mean(axis=0).argmax()

    assert abs(loudest - nearest) <= 1


def test_what_is_shorter_than_a_frame_has_no_features_and_silence_has_finite_ones():
    assert log_mel(np.zeros(399, np.float32), KALDI).shape == (0, 160)
    assert np.isfinite(log_mel(np.zeros(8_000, np.float32), KALDI)).all()
    assert np.isfinite(log_mel(np.zeros(8_000, np.float32), FeatureRules())).all()


@pytest.mark.parametrize(
    ("wrong", "rule"),
    [
        ({"mels": 0}, "mels is 1 to 256"),
        ({"window_ms": 40.0}, "window_ms has 2 samples at least and fft"),
        ({"hop_ms": 30.0}, "hop_ms is at most window_ms"),
        ({"sample_rate": 96_000}, "sample_rate is 8000 to 48000"),
        ({"highest_hz": 9_000.0}, "half of sample_rate"),
        ({"log_guard": 0.0}, "log_guard is above 0"),
        ({"stride": 9}, "stride is 1 to 8"),
    ],
)
def test_a_description_that_can_not_be_is_refused_with_the_rule(wrong, rule):
    with pytest.raises(ValueError, match=rule):
        FeatureRules(**wrong)


def test_a_trained_model_of_features_writes_down_what_it_has_learnt_and_says_when(examples):
    from rapidfuzz.distance import Levenshtein

    brought, said = model(examples), sentences(examples)
    tokens = read_vocabulary(brought.vocabulary)
    network = CtcNetwork(brought.onnx, tokens, RULES)

    wrong = [
        Levenshtein.distance(each.text, recognised(network.outputs(each.samples), tokens).text)
        / len(each.text)
        for each in said
    ]
    words = said[0].text.split()
    outputs = network.outputs(said[0].samples)
    aligned = align_outputs(outputs, words, tokens, len(said[0].samples), "te")

    assert max(wrong[:6]) < 0.15
    assert min(wrong[6:]) > 0.5
    assert [each.word for each in aligned] == words
    assert abs(aligned[0].start / RATE - said[0].start) < 0.25


def test_a_clip_on_disk_is_heard_by_the_features_that_its_model_names(examples, tmp_path):
    brought, said = model(examples), sentences(examples)[1]
    onnx, vocabulary = tmp_path / "te.onnx", tmp_path / "tokens.txt"
    onnx.write_bytes(brought.onnx)
    vocabulary.write_bytes(brought.vocabulary)

    by_features = recognise_file(RecognitionJob(said.path, ModelFiles(onnx, vocabulary, RULES)), Limits())
    undescribed = recognise_file(RecognitionJob(said.path, ModelFiles(onnx, vocabulary)), Limits())

    assert by_features.heard is not None and by_features.heard.text
    assert undescribed.heard is None and "takes features" in str(undescribed.fault)


@pytest.mark.parametrize(
    ("rules", "mend"),
    [
        (replace(RULES, mels=80), "takes 40 values a frame"),
        (replace(RULES, stride=2), "40 mels of 2 frames"),
        (replace(RULES, layout="frames_mels"), "Write `layout: mels_frames`"),
    ],
)
def test_features_of_another_shape_than_the_models_are_named_with_the_mend(examples, rules, mend):
    brought = model(examples)

    with pytest.raises(BadRecogniserError, match=mend):
        CtcNetwork(brought.onnx, read_vocabulary(brought.vocabulary), rules)


def test_the_vocabulary_of_another_model_is_named(examples):
    brought = model(examples)

    with pytest.raises(BadRecogniserError, match="vocabulary of another model"):
        CtcNetwork(brought.onnx, Vocabulary(("<blk>", "a"), 0), RULES).outputs(sentences(examples)[0].samples)
