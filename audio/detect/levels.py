"""The level of the last minute, in 10 ms frames: where a cut would harm least."""

import numpy as np
import numpy.typing as npt

from audio.blocks import Blocks
from audio.detect.interface import RATE, Samples
from audio.interval import Interval

FRAME = RATE // 100
KEPT = 120 * 100
CUT_FRAMES = 14  # longer than the closure of a p, t or k, which is no place to cut


class Levels:
    """Energy of each 10 ms frame heard; the last two minutes of it are kept."""

    def __init__(self) -> None:
        self.heard = 0
        self._blocks = Blocks(FRAME)
        self._energy = np.zeros(KEPT, np.float32)
        self._frames = 0

    def feed(self, samples: Samples) -> npt.NDArray[np.float32]:
        """Mean square (frames,) of the frames that became whole."""
        self.heard += len(samples)
        return self._keep(_energy(self._blocks.whole(samples)))

    def finish(self) -> npt.NDArray[np.float32]:
        """Mean square of the rest; the last frame may be shorter than the others."""
        rest = self._blocks.rest()
        if not rest.size:
            return rest
        whole = rest.size - rest.size % FRAME
        energy = _energy(rest[:whole])
        if whole < rest.size:
            energy = np.append(energy, np.float32(np.mean(np.square(rest[whole:]))))
        return self._keep(energy)

    def quietest(self, span: Interval) -> int:
        """The middle of the weakest 140 ms inside `span`, by mean level; of equals, the one nearest its middle."""
        first = max(-(-span.start // FRAME), self._frames - KEPT, 0)
        last = min(span.end // FRAME, self._frames)
        if last - first < 1:
            return (span.start + span.end) // 2
        level = np.log(self._energy[np.arange(first, last) % KEPT].astype(np.float64) + 1e-9)
        width = min(CUT_FRAMES, len(level))
        sums = np.convolve(level, np.ones(width), mode="valid")
        middle = (len(sums) - 1) / 2
        weakest = np.flatnonzero(sums <= sums.min() + 1e-9)
        best = int(weakest[np.argmin(np.abs(weakest - middle))])
        return min(max((first + best) * FRAME + width * FRAME // 2, span.start), span.end - 1)

    def _keep(self, energy: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        for start in range(0, len(energy), KEPT):
            part = energy[start : start + KEPT]
            self._energy[np.arange(self._frames, self._frames + len(part)) % KEPT] = part
            self._frames += len(part)
        return energy


def _energy(samples: Samples) -> npt.NDArray[np.float32]:
    frames = samples.reshape(-1, FRAME)
    return np.asarray(np.einsum("ij,ij->i", frames, frames) / FRAME, np.float32)
