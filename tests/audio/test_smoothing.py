"""Running means are those that scipy computes, for every shape and width."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.ndimage import uniform_filter

from audio.smoothing import smoothed

ODD = st.integers(0, 6).map(lambda half: 2 * half + 1)


@given(n=st.integers(1, 30), m=st.integers(1, 30), rows=ODD, columns=ODD, seed=st.integers(0, 2**32 - 1))
def test_means_are_scipys_up_to_rounding(n: int, m: int, rows: int, columns: int, seed: int) -> None:
    points = np.random.default_rng(seed).random((n, m), np.float32)
    before = points.copy()

    means = smoothed(points, rows, columns)

    assert means.dtype == np.float32
    assert means == pytest.approx(uniform_filter(points, (rows, columns)), abs=1e-5)
    assert np.array_equal(points, before)
