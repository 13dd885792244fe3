"""The Beta distribution, held to scipy's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import betainc, betaincinv

from transcription.decisions.beta import beta_cdf, beta_quantile

counts = st.integers(1, 80)


@given(counts, counts, st.floats(0, 1))
def test_the_chance_of_a_smaller_share_is_scipys(a: int, b: int, share: float) -> None:
    assert beta_cdf(a, b, share) == pytest.approx(float(betainc(a, b, share)), rel=1e-9, abs=1e-15)


@given(counts, counts, st.floats(0.001, 0.999))
def test_the_share_at_a_level_is_scipys(a: int, b: int, level: float) -> None:
    assert beta_quantile(a, b, level) == pytest.approx(float(betaincinv(a, b, level)), rel=1e-9)
