"""The best way through a row of states, some of which may be passed over (Viterbi 1967)."""

import numpy as np
import numpy.typing as npt

from audio.align.features import Floats, Mask

_NEXT, _SKIP = 1, 2


class NoWayError(ValueError):
    """There are fewer frames than states that none may pass over."""


def best_states(likelihood: Floats, optional: Mask, skip_cost: Floats) -> npt.NDArray[np.int64]:
    """The state of every frame, never going back.

    likelihood: (frames, states), logarithms; at least 2 states
    optional:   (states,), true where a state may be passed over; never two in a row
    skip_cost:  (states,), what passing over costs, as a logarithm

    The way begins in the first state, or in the second where the first is optional; so it ends. Raises NoWayError.
    """
    frames, states = likelihood.shape
    moves = np.zeros((frames, states), dtype=np.uint8)
    over = np.where(optional, skip_cost, np.inf).astype(np.float32)
    best = np.full(states, -np.inf, dtype=np.float32)
    best[0], best[1] = 0, -over[0]
    best += likelihood[0]
    for frame in range(1, frames):
        move = moves[frame]
        came = best.copy()
        better = best[:-1] > came[1:]
        move[1:][better] = _NEXT
        came[1:] = np.where(better, best[:-1], came[1:])
        jumped = best[:-2] - over[1:-1]
        better = jumped > came[2:]
        move[2:][better] = _SKIP
        came[2:] = np.where(better, jumped, came[2:])
        came += likelihood[frame]
        best = came
    last = states - 1
    if best[last - 1] - over[last] > best[last]:
        last -= 1
    if not np.isfinite(best[last]):
        raise NoWayError(f"there is no way through {states} states in {frames} frames")
    path = np.empty(frames, dtype=np.int64)
    state = last
    for frame in range(frames - 1, -1, -1):
        path[frame] = state
        state -= int(moves[frame, state])
    return path
