"""Chunks of any size in, blocks of one size out: why results don't depend on how sound arrived."""

from collections import deque
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt


class Blocks:
    """Gathers sound of shape (..., n) along its last axis into blocks of exactly `size` samples.

    >>> blocks = Blocks(3)
    >>> [block.tolist() for block in blocks.feed(np.arange(4, dtype=np.float32))]
    [[0.0, 1.0, 2.0]]
    >>> blocks.rest().tolist()
    [3.0]
    """

    def __init__(self, size: int) -> None:
        if size < 1:
            raise ValueError(f"a block holds at least one sample, given: {size}")
        self.size = size
        self._waiting: list[npt.NDArray[np.float32]] = []
        self._length = 0

    def feed(self, samples: npt.NDArray[np.float32]) -> Iterator[npt.NDArray[np.float32]]:
        """Every block that is now whole. Must be iterated to the end before the next feed."""
        joined = self.whole(samples)
        for start in range(0, joined.shape[-1], self.size):
            yield joined[..., start : start + self.size]

    def whole(self, samples: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """All whole blocks in one piece: a multiple of `size` long, maybe 0."""
        self._waiting.append(samples)
        self._length += samples.shape[-1]
        if self._length < self.size:
            return samples[..., :0]
        joined = self._joined()
        whole = self._length - self._length % self.size
        self._waiting = [joined[..., whole:].copy()] if whole < self._length else []
        self._length -= whole
        return joined[..., :whole]

    def rest(self) -> npt.NDArray[np.float32]:
        """What is left over, shorter than a block, and maybe empty; the store is empty after."""
        joined = self._joined()
        self._waiting, self._length = [], 0
        return joined

    def _joined(self) -> npt.NDArray[np.float32]:
        if not self._waiting:
            return np.zeros(0, np.float32)
        return self._waiting[0] if len(self._waiting) == 1 else np.concatenate(self._waiting, axis=-1)


def windows(samples: npt.NDArray[np.float32], size: int, hop: int) -> npt.NDArray[np.float32]:
    """Windows (n, size) on contiguous sound (m,), `hop` apart: a view. numpy's own takes 30 times as long to make.

    >>> windows(np.arange(5, dtype=np.float32), 3, 2).tolist()
    [[0.0, 1.0, 2.0], [2.0, 3.0, 4.0]]
    """
    count = max(0, (len(samples) - size) // hop + 1)
    step = samples.itemsize
    return np.ndarray((count, size), samples.dtype, samples.data, strides=(hop * step, step))


class Backlog:
    """Sound that waits until it is known what it is: add at one end, take from the other, copy once.

    >>> backlog = Backlog()
    >>> backlog.add(np.arange(3, dtype=np.float32)); backlog.add(np.arange(3, 6, dtype=np.float32))
    >>> backlog.take(4).tolist(), len(backlog)
    ([0.0, 1.0, 2.0, 3.0], 2)
    """

    def __init__(self) -> None:
        self._parts: deque[npt.NDArray[np.float32]] = deque()
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def add(self, samples: npt.NDArray[np.float32]) -> None:
        """samples: (n,); not copied, so nobody may change them later"""
        if samples.size:
            self._parts.append(samples)
            self._length += len(samples)

    def take(self, count: int) -> npt.NDArray[np.float32]:
        """The oldest `count` samples; all of them where there are fewer."""
        taken = [np.zeros(0, np.float32)]
        while count > 0 and self._parts:
            part = self._parts.popleft()
            if len(part) > count:
                self._parts.appendleft(part[count:])
                part = part[:count]
            taken.append(part)
            count -= len(part)
            self._length -= len(part)
        return np.concatenate(taken)
