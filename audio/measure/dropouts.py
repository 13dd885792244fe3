"""Holes: stretches of digital silence torn into sound, as a starved phone or a lost packet leaves them."""

import numpy as np
import numpy.typing as npt

QUIET = 2 / 32768  # a hole's samples are no larger: zeros, as a lossy codec leaves them
SHORTEST = 3  # ms
LONGEST = 1_000  # ms; longer is a pause of the recorder, not a hole
EDGE = 10**-2.25  # root mean square (-45 dBFS) right before and after: a pause fades, a hole is torn
EDGE_MS = 4


class Dropouts:
    """Push-style over seconds of sound; `count` and `lost` samples so far."""

    def __init__(self, sample_rate: int) -> None:
        self.count = 0
        self.lost = 0
        self._frame = max(1, sample_rate // 1000)
        self._before = [0.0] * EDGE_MS  # mean squares of the last milliseconds that had sound
        self._run = 0  # milliseconds of silence so far; -1 while waiting for the edge after it
        self._torn = False
        self._after: list[float] = []

    def feed(self, seconds: npt.NDArray[np.float32]) -> None:
        """seconds: (n, samples of each); the very last may be shorter"""
        whole = seconds.shape[1] - seconds.shape[1] % self._frame
        edge = EDGE_MS * self._frame
        # most seconds have no hole, which a few of their samples tell: one of 3 ms holds at least ten quarters of 1 ms
        seen = np.abs(seconds[:, : whole : max(1, self._frame // 4)]) <= QUIET
        pairs = seen[:, :-1] & seen[:, 1:]
        long = np.any(pairs[:, :-3] & pairs[:, 2:-1] & seen[:, 4:], axis=1)
        if not self._run and not long.any() and whole >= edge:
            self._remember(seconds[-1, whole - edge : whole].reshape(-1, self._frame))
            return
        for second, has_one in zip(seconds, long, strict=True):
            if self._run or has_one or whole < edge:
                self._listen(second[:whole].reshape(-1, self._frame))
            else:
                self._remember(second[whole - edge : whole].reshape(-1, self._frame))

    def _listen(self, frames: npt.NDArray[np.float32]) -> None:
        peaks = np.maximum(frames.max(axis=1, initial=0.0), -frames.min(axis=1, initial=0.0))
        quiet = peaks <= QUIET
        squares = np.einsum("ij,ij->i", frames, frames) / self._frame
        for is_quiet, square in zip(quiet.tolist(), squares.tolist(), strict=True):
            self._step(is_quiet, square)

    def _step(self, quiet: bool, square: float) -> None:
        if quiet and not self._after:
            if not self._run:
                self._torn = sum(self._before) / EDGE_MS > EDGE**2
            self._run += 1
            return
        if self._run:
            self._after.append(square)
            if len(self._after) == EDGE_MS:
                if self._torn and SHORTEST <= self._run <= LONGEST and sum(self._after) / EDGE_MS > EDGE**2:
                    self.count += 1
                    self.lost += self._run * self._frame
                self._run = 0
                self._before, self._after = self._after, []
            return
        self._before = [*self._before[1:], square]

    def _remember(self, frames: npt.NDArray[np.float32]) -> None:
        last = frames[-EDGE_MS:]
        squares = np.einsum("ij,ij->i", last, last) / self._frame
        self._before = [*self._before, *squares.tolist()][-EDGE_MS:]
