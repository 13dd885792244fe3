"""The same sound in other clothes is found; another sound is not."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audio.decode import open_recording
from audio.fingerprint import LANDMARKS, Fingerprinter, covered, is_near_duplicate, landmarks, likeness
from audio.limits import Limits
from audio.mono import Mono16k
from tests.audio.sounds import babble, encode


def fingerprint(samples, cuts=()):
    maker = Fingerprinter()
    for part in np.split(samples, sorted(cuts)):
        maker.feed(part)
    return maker.finish()


def as_mono(path):
    with open_recording(path, Limits()) as recording:
        mono = Mono16k(recording.info.sample_rate, recording.info.channels)
        return np.concatenate([*(mono.feed(block) for block in recording), mono.finish()])


@pytest.fixture(scope="module")
def speech(examples):
    """Twenty seconds of a real session."""
    return as_mono(examples / "recordings" / "te" / "te-01_session_1.m4a")[16_000 * 5 : 16_000 * 25]


@pytest.mark.parametrize("kind", ["mp3", "m4a", "ogg", "amr", "webm"])
def test_a_copy_in_another_codec_is_found(speech, tmp_path, kind):
    copy = as_mono(encode(tmp_path / f"copy.{kind}", speech, 16_000))

    found = likeness(fingerprint(speech), fingerprint(copy))

    assert is_near_duplicate(found)
    assert abs(found.offset_seconds) < 0.1


def test_a_trimmed_quieter_copy_is_found_where_it_lies(speech):
    copy = 0.2 * speech[16_000 * 6 + 333 : 16_000 * 13]

    found = likeness(fingerprint(speech), fingerprint(copy))

    assert is_near_duplicate(found)
    assert found.offset_seconds == pytest.approx(6.02, abs=0.04)


def test_a_clip_inside_a_noisier_recording_is_found(speech):
    noise = 0.003 * np.random.default_rng(0).standard_normal(len(speech)).astype(np.float32)

    found = likeness(fingerprint(speech + noise), fingerprint(speech[16_000 * 3 : 16_000 * 9]))

    assert is_near_duplicate(found)


def test_a_copy_is_found_by_the_landmarks_it_shares_and_a_stranger_is_not(speech, tmp_path):
    one, other = speech[: 16_000 * 10], speech[16_000 * 10 :]
    copy = as_mono(encode(tmp_path / "copy.ogg", one[16_000 * 2 :], 16_000))

    known, again, stranger = (set(landmarks(fingerprint(sound))) for sound in (one, copy, other))

    assert len(known) == LANDMARKS
    assert len(known & again) >= 4
    assert len(known & stranger) <= 1


def test_how_much_of_a_recording_another_covers_is_told(speech):
    whole, half = fingerprint(speech), fingerprint(speech[16_000 * 5 : 16_000 * 15])

    assert covered(likeness(whole, half), whole, half) == pytest.approx(1, abs=0.01)
    assert covered(likeness(half, whole), half, whole) == pytest.approx(0.5, abs=0.01)


def test_two_stretches_of_one_voice_are_strangers(speech):
    found = likeness(fingerprint(speech[: 16_000 * 9]), fingerprint(speech[16_000 * 10 :]))

    assert not is_near_duplicate(found)


def test_silence_is_like_nothing(speech):
    silence = fingerprint(np.zeros(16_000 * 5, np.float32))

    assert not is_near_duplicate(likeness(silence, silence))
    assert not is_near_duplicate(likeness(silence, fingerprint(speech)))
    assert likeness(fingerprint(speech), fingerprint(np.zeros(0, np.float32))) is None


@given(cuts=st.lists(st.integers(0, 48_000), max_size=10))
@settings(max_examples=30)
def test_a_fingerprint_does_not_depend_on_how_the_sound_was_fed(cuts):
    sound = babble(3, 16_000)

    assert fingerprint(sound, cuts) == fingerprint(sound)


def test_a_fingerprint_takes_156_bytes_a_second(speech):
    made = fingerprint(speech)

    assert len(made.words) + len(made.levels) == pytest.approx(156 * 20, abs=10)
    assert made.seconds == pytest.approx(20, abs=0.05)


@pytest.mark.slow
def test_no_two_strangers_among_real_clips_are_taken_for_copies(shared_data):
    paths = sorted((shared_data / "transcribed").rglob("*.webm"))[:80]
    prints = [fingerprint(as_mono(path)) for path in paths]

    taken = [
        (one, other)
        for one, other in itertools.combinations(range(len(prints)), 2)
        if is_near_duplicate(likeness(prints[one], prints[other]))
    ]

    assert taken == []
