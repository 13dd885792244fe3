"""The cheapest way through a recording and its reference at once: dynamic time warping with pauses between words.

librosa.sequence.dtw knows no column that may be passed over for nothing (a pause that may or may not be made) and
holds the whole matrix; this one does what it does in a band, one row of audio at a time.
"""

import numpy as np
import numpy.typing as npt

from audio.align.features import Floats, Mask

Columns = npt.NDArray[np.int64]

STAY_COST = 0.3  # for each frame of audio that holds a reference frame already heard
SKIP_COST = 0.1  # for each reference frame passed over
_BLOCK = 256  # rows whose distances are found in one multiplication
_STAY, _NEXT, _SKIP = 0, 1, 2


def best_path(
    audio: Floats, reference: Floats, pause: Mask, pause_cost: Floats, lowest: Columns, highest: Columns
) -> Columns:
    """The reference column of every audio frame, never going back, at least cost.

    audio:      (frames, d)
    reference:  (columns, d); rows where `pause` is true are not looked at
    pause:      (columns,), true for an optional pause: costs nothing to stay in or to pass over. Never two in a row;
                the first and the last column are pauses
    pause_cost: (frames,), what it costs to call the frame a pause
    lowest, highest: (frames,), the band: columns lowest <= column < highest, neither ever falling

    Each frame moves on by 0, 1 or 2 columns, so a way needs about half as many frames as there are columns.
    Raises ValueError where there is no way from the first column to the last within the band.
    """
    frames, columns = len(audio), len(reference)
    width = int((highest - lowest).max())
    moves = np.zeros((frames, width), dtype=np.uint8)
    stay_cost = np.where(pause, 0, STAY_COST).astype(np.float32)
    # what it costs to come from two columns before: the column between is passed over
    skip_cost = np.concatenate([[0.0], np.where(pause, 0, SKIP_COST)[:-1]]).astype(np.float32)
    squares = (reference * reference).sum(axis=1)
    before, now = (np.full(columns + 2, np.inf, dtype=np.float32) for _ in range(2))  # column c at c + 2
    costs = np.empty((0, 0), dtype=np.float32)
    base = 0
    for frame in range(frames):
        low, high = int(lowest[frame]), int(highest[frame])
        if frame % _BLOCK == 0:
            block = slice(frame, min(frame + _BLOCK, frames))
            base, top = low, int(highest[block][-1])
            costs = _distances(audio[block], reference[base:top], squares[base:top])
            costs[:, pause[base:top]] = pause_cost[block, None]
        if frame == 0:
            best = np.full(high - low, np.inf, dtype=np.float32)
            best[:2] = 0
        else:
            best = before[low + 1 : high + 1].copy()
            choice = moves[frame, : high - low]
            choice[:] = _NEXT
            for move, cost in (
                (_SKIP, before[low:high] + skip_cost[low:high]),
                (_STAY, before[low + 2 : high + 2] + stay_cost[low:high]),
            ):
                better = cost < best
                choice[better] = move
                np.minimum(best, cost, out=best)
        best += costs[frame % _BLOCK, low - base : high - base]
        now[: low + 2] = np.inf  # below the band: what an earlier row left there
        now[low + 2 : high + 2] = best
        before, now = now, before
    return _trace(moves, lowest, before[2:])


def _distances(audio: Floats, reference: Floats, squares: Floats) -> Floats:
    squared = (audio * audio).sum(axis=1)[:, None] + squares[None] - 2 * (audio @ reference.T)
    return np.asarray(np.sqrt(np.maximum(squared, 0)), dtype=np.float32)


def _trace(moves: npt.NDArray[np.uint8], lowest: Columns, last_costs: Floats) -> Columns:
    columns = len(last_costs)
    column = columns - 1 if last_costs[-1] <= last_costs[-2] else columns - 2
    if not np.isfinite(last_costs[column]):
        raise ValueError(f"no way through {len(moves)} frames and {columns} columns")
    path = np.empty(len(moves), dtype=np.int64)
    for frame in range(len(moves) - 1, -1, -1):
        path[frame] = column
        column -= int(moves[frame, column - int(lowest[frame])])
    return path
