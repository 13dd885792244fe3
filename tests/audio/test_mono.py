"""Mono at 16 kHz: aligned with the original, whatever its rate, its channels and how it was fed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audio.mono import Mono16k
from tests.audio.sounds import babble, tone


def convert(block, rate, cuts=(), **options):
    mono = Mono16k(rate, len(block), **options)
    parts = [mono.feed(part) for part in np.split(block, sorted(cuts), axis=1)]
    return np.concatenate([*parts, mono.finish()])


@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000, 96_000])
def test_a_click_stays_where_it_was(rate):
    block = np.zeros((1, rate * 2), np.float32)
    time = np.arange(rate * 2) / rate
    block[0] = np.exp(-(((time - 1.25) / 0.001) ** 2))

    out = convert(block, rate)

    centre = float((out * np.arange(len(out))).sum() / out.sum())
    assert centre == pytest.approx(1.25 * 16_000, abs=0.02)


@given(
    rate=st.sampled_from([8_000, 11_025, 16_000, 32_000, 44_100, 48_000]),
    channels=st.integers(1, 3),
    length=st.integers(1, 60_000),
    cuts=st.lists(st.integers(0, 60_000), max_size=6),
)
@settings(max_examples=60)
def test_length_and_samples_do_not_depend_on_how_it_was_fed(rate, channels, length, cuts):
    block = np.random.default_rng(length).standard_normal((channels, length)).astype(np.float32) / 10

    whole, pieces = convert(block, rate), convert(block, rate, cuts)

    assert np.array_equal(whole, pieces)
    assert abs(len(whole) - round(length * 16_000 / rate)) <= 1


def test_a_dead_channel_neither_halves_the_level_nor_adds_its_noise():
    voice = babble(3, 44_100)
    hiss = 1e-4 * np.random.default_rng(1).standard_normal(len(voice)).astype(np.float32)

    out = convert(np.stack([voice, hiss]), 44_100)

    assert np.allclose(out, convert(voice[None], 44_100), atol=1e-6)


def test_a_mirrored_channel_does_not_cancel_the_voice():
    voice = babble(3, 44_100)

    out = convert(np.stack([voice, -0.8 * voice]), 44_100)

    assert np.allclose(out, 0.9 * convert(voice[None], 44_100), atol=1e-5)


def test_an_offset_does_not_make_a_dead_channel_alive():
    voice = babble(3, 16_000)

    out = convert(np.stack([voice, np.full_like(voice, 0.2)]), 16_000)

    assert np.allclose(out, voice, atol=1e-6)


def test_a_channel_that_comes_alive_later_glides_in():
    left, right = tone(6, 16_000), tone(6, 16_000, hertz=300)
    right[: 3 * 16_000] = 0

    out = convert(np.stack([left, right]), 16_000)

    assert np.allclose(out[: 3 * 16_000], left[: 3 * 16_000], atol=1e-6)
    assert np.allclose(out[4 * 16_000 :], (left + right)[4 * 16_000 :] / 2, atol=1e-6)
    assert np.abs(np.diff(out)).max() < 0.08  # no click


def test_two_voices_on_two_microphones_are_both_heard():
    left, right = babble(3, 16_000, seed=1), babble(3, 16_000, seed=2)

    out = convert(np.stack([left, right]), 16_000)

    assert np.allclose(out, (left + right) / 2, atol=1e-6)


def test_silence_in_all_channels_is_silence():
    assert not convert(np.zeros((2, 44_100), np.float32), 44_100).any()


def test_a_change_of_channels_half_way_is_a_mistake_of_the_caller():
    mono = Mono16k(16_000, 2)

    with pytest.raises(ValueError, match="2 channels from first to last, given 1"):
        mono.feed(np.zeros((1, 10), np.float32))
