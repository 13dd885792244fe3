"""The weighting of BS.1770: the standard's own coefficients, and the filters that they describe."""

import numpy as np
import numpy.typing as npt
import pyloudnorm
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import sosfilt

from audio.k_weighting import KWeighting, biquads, response

RATES = (8_000, 11_025, 16_000, 22_050, 44_100, 48_000)
SINGLE = 3e-6  # of noise at full scale: what single precision leaves of it is 130 dB below, and 110 at the worst sample


def noise(seconds: float, rate: int) -> npt.NDArray[np.float32]:
    return np.random.default_rng(7).standard_normal(round(seconds * rate)).astype(np.float32)


def recursive(samples: npt.NDArray[np.float32], rate: int) -> npt.NDArray[np.float64]:
    """The same filters, a sample at a time."""
    sections = np.asarray([[*over, *under] for over, under in biquads(rate)])
    return np.asarray(sosfilt(sections, samples.astype(np.float64)))


def test_at_48_khz_the_coefficients_are_those_that_the_standard_prints() -> None:
    (over, under), low = biquads(48_000)

    # ITU-R BS.1770-4, annex 1, tables 1 and 2
    assert over == pytest.approx((1.53512485958697, -2.69169618940638, 1.19839281085285), abs=1e-13)
    assert under == pytest.approx((1, -1.69065929318241, 0.73248077421585), abs=1e-13)
    assert low[0] == pytest.approx((1, -2, 1), abs=1e-13)
    assert low[1] == pytest.approx((1, -1.99004745483398, 0.99007225036621), abs=1e-13)


def test_at_48_khz_they_are_pyloudnorms() -> None:
    theirs = pyloudnorm.Meter(48_000, filter_class="DeMan")._filters.values()

    for (over, under), stage in zip(biquads(48_000), theirs, strict=True):
        assert over == pytest.approx(stage.b)
        assert under == pytest.approx(stage.a)


@pytest.mark.parametrize(("rate", "db"), [(16_000, 0.07), (22_050, 0.04), (44_100, 0.005)])
def test_other_rates_respond_as_48_khz_does(rate: int, db: float) -> None:
    at_rate, at_48 = (np.abs(response(each, each // 2 + 1)) for each in (rate, 48_000))

    speech = slice(20, rate * 7 // 16)
    assert 20 * np.log10(at_rate[speech]) == pytest.approx(20 * np.log10(at_48[speech]), abs=db)


@pytest.mark.parametrize("rate", RATES)
def test_a_second_at_a_time_is_what_a_sample_at_a_time_is(rate: int) -> None:
    samples = noise(3.3, rate)

    assert KWeighting(rate).feed(samples) == pytest.approx(recursive(samples, rate), abs=SINGLE)


@settings(max_examples=20)
@given(st.lists(st.integers(0, 20_000), min_size=1, max_size=6))
def test_what_comes_out_does_not_depend_on_how_it_came_in(sizes: list[int]) -> None:
    samples, weighting, start = noise(3, 16_000), KWeighting(16_000), 0
    parts = []
    for size in sizes:
        parts.append(weighting.feed(samples[start : start + size]))
        start += size
    parts.append(weighting.feed(samples[start:]))

    assert np.concatenate(parts) == pytest.approx(recursive(samples, 16_000), abs=SINGLE)


def test_what_has_died_away_is_less_than_rounding() -> None:
    click = np.zeros(4_000, np.float32)
    click[0] = 1

    assert np.abs(recursive(click, 16_000)[3_200:]).max() < 1e-15
