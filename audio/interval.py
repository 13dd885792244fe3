"""A span of sound, counted in samples."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """Half-open span [start, end) of a recording, in samples of whichever time line the holder states."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise ValueError(
                f"an interval starts at 0 or later and ends after it starts, given: {self.start}..{self.end}"
            )

    @property
    def length(self) -> int:
        return self.end - self.start

    def shift(self, samples: int) -> "Interval":
        """The same span, later by `samples` (earlier if negative).

        >>> Interval(3, 5).shift(10)
        Interval(start=13, end=15)
        """
        return Interval(self.start + samples, self.end + samples)

    def at_rate(self, rate: int, new_rate: int) -> "Interval":
        """The same span of time on a time line of another sample rate, never empty.

        >>> Interval(16_000, 24_000).at_rate(16_000, 44_100)
        Interval(start=44100, end=66150)
        """
        start = _scale(self.start, rate, new_rate)
        return Interval(start, max(start + 1, _scale(self.end, rate, new_rate)))


def merge_close(intervals: Iterable[Interval], *, gap: int) -> Iterator[Interval]:
    """Join neighbours no more than `gap` samples apart.

    intervals: in time order, not overlapping
    gap:       samples; 0 joins only those that touch

    >>> list(merge_close([Interval(0, 5), Interval(7, 9), Interval(20, 21)], gap=2))
    [Interval(start=0, end=9), Interval(start=20, end=21)]
    """
    pending: Interval | None = None
    for interval in intervals:
        if pending and interval.start - pending.end <= gap:
            pending = Interval(pending.start, interval.end)
        else:
            if pending:
                yield pending
            pending = interval
    if pending:
        yield pending


def _scale(samples: int, rate: int, new_rate: int) -> int:
    return (samples * new_rate * 2 + rate) // (2 * rate)
