import hashlib
import itertools

import librosa
import numpy as np
import pytest

from audio.detect.interface import RATE
from audio.interval import Interval
from audio.voices import embedding as voices
from audio.voices.embedding import SHORTEST, SIZE, WEIGHTS, centre, distinct, embed, likeness
from tests.audio.speech import hear, mono

SPEAKERS = {"te": "te/te-01_0??.mp3", "sw": "sw/sw-01_session_1.mp3", "kn": "kn/kn-01_session_1.wav"}
CLIPS = 4


def five_seconds(examples, speaker):
    """Clips of a speaker, of five seconds of speech each."""
    sound = np.concatenate([mono(p) for p in sorted((examples / "recordings").glob(SPEAKERS[speaker]))])
    sound = sound[: 60 * RATE]
    spoken = np.concatenate([sound[s.start : s.end] for s in hear(sound).speech])
    return [spoken[at : at + 5 * RATE] for at in range(0, len(spoken) - 5 * RATE, 5 * RATE)][:CLIPS]


@pytest.fixture(scope="module")
def heard(examples):
    """By speaker, the voice embeddings of four clips."""
    found = {
        speaker: [embed(clip, [Interval(0, len(clip))]) for clip in five_seconds(examples, speaker)]
        for speaker in SPEAKERS
    }
    assert all(len(each) == CLIPS for each in found.values())
    return found


def test_clips_of_one_speaker_are_more_alike_than_clips_of_two(heard):
    same = [likeness(a, b) for each in heard.values() for a, b in itertools.combinations(each, 2)]
    other = [
        likeness(a, b)
        for first, second in itertools.combinations(heard.values(), 2)
        for a, b in itertools.product(first, second)
    ]

    assert np.median(same) > np.median(other) + 0.1
    assert np.mean([value > np.max(other) for value in same]) > 0.6


def test_what_voices_have_in_common_says_nothing_of_whose_they_are(heard):
    common = np.mean([each for speaker in heard.values() for each in speaker], axis=0)
    apart = {name: [distinct(each, common) for each in found] for name, found in heard.items()}

    for name, found in apart.items():
        for at, each in enumerate(found):
            rest = {
                other: centre([v for i, v in enumerate(those) if (other, i) != (name, at)])
                for other, those in apart.items()
            }
            alike = {other: likeness(each, those) for other, those in rest.items()}
            assert max(alike, key=alike.__getitem__) == name


def test_an_embedding_has_length_one_however_loud_the_voice_is(heard, examples):
    sound = five_seconds(examples, "te")[0]

    loud, faint = (embed(sound * np.float32(gain), [Interval(0, len(sound))]) for gain in (1.0, 0.01))

    assert loud.shape == (SIZE,)
    assert np.linalg.norm(loud) == pytest.approx(1, abs=1e-5)
    assert likeness(loud, faint) > 0.999


@pytest.mark.parametrize(
    "speech", [[], [Interval(0, SHORTEST - 1)], [Interval(0, 500), Interval(900, 1_400)]]
)
def test_less_than_a_second_of_speech_is_nobodys_voice(speech):
    noise = np.random.default_rng(0).normal(0, 0.1, 2 * RATE).astype(np.float32)

    assert embed(noise, speech) is None


def test_digital_silence_is_nobodys_voice():
    assert embed(np.zeros(2 * RATE, np.float32), [Interval(0, 2 * RATE)]) is None


def test_the_bands_are_those_that_the_network_was_taught_on():
    sound = np.random.default_rng(1).normal(0, 0.1, RATE).astype(np.float32)
    expected = librosa.feature.melspectrogram(y=sound, sr=RATE, n_fft=400, hop_length=160, n_mels=40).T

    assert voices._mel_powers(sound) == pytest.approx(expected, rel=1e-3, abs=1e-6)


def test_the_weights_are_the_ones_that_were_measured():
    assert hashlib.sha256(WEIGHTS.read_bytes()).hexdigest().startswith("ebc792aa475f20c4")
