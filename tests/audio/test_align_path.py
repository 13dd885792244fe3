"""The cheapest path, against one found by trying all."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.align.path import SKIP_COST, STAY_COST, best_path


def _full_band(frames: int, columns: int):
    return np.zeros(frames, np.int64), np.full(frames, columns, np.int64)


def _cheapest(distance, pause) -> float:
    """The textbook recursion, without band, blocks or back pointers."""
    frames, columns = distance.shape
    cost = np.full((frames, columns), np.inf)
    cost[0, :2] = distance[0, :2]
    for frame in range(1, frames):
        for column in range(columns):
            ways = [cost[frame - 1, column] + (0 if pause[column] else STAY_COST)]
            if column >= 1:
                ways.append(cost[frame - 1, column - 1])
            if column >= 2:
                ways.append(cost[frame - 1, column - 2] + (0 if pause[column - 1] else SKIP_COST))
            cost[frame, column] = min(ways) + distance[frame, column]
    return float(min(cost[-1, -1], cost[-1, -2]))


def _cost_of(path, distance, pause) -> float:
    total = distance[0, path[0]]
    for frame in range(1, len(path)):
        column, step = path[frame], path[frame] - path[frame - 1]
        total += distance[frame, column]
        if step == 0 and not pause[column]:
            total += STAY_COST
        if step == 2 and not pause[column - 1]:
            total += SKIP_COST
    return float(total)


@given(
    words=st.lists(st.integers(min_value=2, max_value=5), min_size=1, max_size=4),
    frames=st.integers(min_value=12, max_value=30),
    seed=st.integers(min_value=0, max_value=10_000),
)
def test_no_way_is_cheaper_than_the_one_found(words, frames, seed):
    rng = np.random.default_rng(seed)
    pause = np.concatenate([[True, *[False] * length] for length in words] + [[True]])
    audio = rng.standard_normal((frames, 3)).astype(np.float32)
    reference = rng.standard_normal((len(pause), 3)).astype(np.float32)
    pause_cost = rng.random(frames).astype(np.float32)
    distance = np.linalg.norm(audio[:, None] - reference[None], axis=2)
    distance[:, pause] = pause_cost[:, None]

    path = best_path(audio, reference, pause, pause_cost, *_full_band(frames, len(pause)))

    assert np.all((np.diff(path) >= 0) & (np.diff(path) <= 2))
    assert path[0] <= 1
    assert path[-1] >= len(pause) - 2
    assert _cost_of(path, distance, pause) == pytest.approx(_cheapest(distance, pause), abs=1e-3)


def test_a_band_around_the_best_path_finds_the_same_path():
    rng = np.random.default_rng(5)
    pause = np.array([True, *[False] * 300, True, *[False] * 300, True])
    reference = rng.standard_normal((len(pause), 4)).astype(np.float32)
    audio = np.repeat(reference[~pause], rng.integers(1, 3, (~pause).sum()), axis=0)
    pause_cost = np.ones(len(audio), np.float32)
    free = best_path(audio, reference, pause, pause_cost, *_full_band(len(audio), len(pause)))

    lowest = np.maximum(free - 5, 0)
    highest = np.minimum(free + 6, len(pause))
    banded = best_path(audio, reference, pause, pause_cost, lowest, highest)

    assert np.array_equal(free, banded)


def test_too_few_frames_have_no_way_through():
    pause = np.array([True, *[False] * 20, True])
    reference = np.zeros((len(pause), 2), np.float32)
    audio = np.zeros((5, 2), np.float32)

    with pytest.raises(ValueError, match="no way"):
        best_path(audio, reference, pause, np.ones(5, np.float32), *_full_band(5, len(pause)))
