"""Speech to utterances: the clips that a transcriber gets.

Pauses decide. Speech whose pauses are short stays together, a stretch that is too long is split at its best
pause, a word all alone keeps silence around it, and nothing is cut where the signal says that somebody speaks.
"""

from collections.abc import Callable, Iterable

from audio.detect.interface import RATE
from audio.interval import Interval
from audio.recipe import SegmentationRules

Quietest = Callable[[Interval], int]
"""The sample inside a span where a cut harms least: a detector's `quietest`."""


class Segmenter:
    """Push-style: feed the detector's speech, get utterances as soon as nothing can change them.

    All times are 16 kHz samples. Utterances come in order and never overlap; neighbours may touch. What is given
    out does not depend on how the input was chunked. At most a few `max_length_ms` are looked back upon.
    """

    def __init__(self, rules: SegmentationRules, quietest: Quietest | None = None) -> None:
        """quietest: places cuts inside speech that has no pause; without it they fall in the middle"""
        self._quietest = quietest or _middle
        self._merge_gap = _samples(rules.merge_gap_ms)
        self._min_length = _samples(rules.min_length_ms)
        self._join_gap = max(_samples(rules.join_gap_ms), self._merge_gap)
        self._padding = _samples(rules.padding_ms)
        self._max_length = _samples(rules.max_length_ms) - 2 * self._padding
        self._good_pause = max(1, _samples(rules.split_pause_ms))
        self._min_speech = _samples(rules.min_speech_ms)
        self._stretch: list[Interval] = []  # speech of the utterance that is growing
        self._ready: list[
            Interval
        ] = []  # unpadded utterances: at most one waits to be joined, one for its neighbour
        self._settled = 0
        self._floor = 0  # end of the last utterance given out

    @property
    def horizon(self) -> int:
        """The first sample that may still be needed; everything before it can be forgotten."""
        waiting = [*self._ready, *self._stretch]
        first = min(waiting[0].start if waiting else self._settled, self._settled)
        return max(self._floor, first - max(self._padding, self._min_length), 0)

    def feed(self, speech: Iterable[Interval], settled: int) -> list[Interval]:
        """Speech that became certain, and how far the detector has decided (its `settled`)."""
        out: list[Interval] = []
        for interval in speech:
            self._add(interval, out)
        self._settled = max(self._settled, settled)
        if self._stretch and self._settled - self._stretch[-1].end > self._merge_gap:
            self._close(out)
        self._release(out, None)
        return out

    def finish(self, length: int) -> list[Interval]:
        """The recording ended after `length` samples."""
        out: list[Interval] = []
        self._settled = length
        if self._stretch:
            self._close(out)
        self._release(out, length)
        return out

    def _add(self, interval: Interval, out: list[Interval]) -> None:
        if self._stretch and interval.start - self._stretch[-1].end > self._merge_gap:
            self._close(out)
        if self._stretch and interval.start == self._stretch[-1].end:
            interval = Interval(self._stretch.pop().start, interval.end)
        self._stretch.append(interval)
        while self._stretch[-1].end - self._stretch[0].start > self._max_length:
            self._split(out)

    def _split(self, out: list[Interval]) -> None:
        """Take the head off a stretch that is too long, at the best pause that leaves it a fair length."""
        first = self._stretch[0].start
        earliest, latest = first + self._max_length // 3, first + self._max_length
        best, best_score = -1, 0.0
        for i in range(1, len(self._stretch)):
            left, right = self._stretch[i - 1].end, self._stretch[i].start
            if earliest <= left <= latest:
                # a longer pause is a better one, up to a point; of like pauses the later leaves fewer clips
                score = min((right - left) / self._good_pause, 1.0) * (
                    0.5 + 0.5 * (left - first) / self._max_length
                )
                if score > best_score:
                    best, best_score = i, score
        if best > 0:
            head, self._stretch = self._stretch[:best], self._stretch[best:]
            self._utter(Interval(head[0].start, head[-1].end), out)
            return
        cut = self._quietest(Interval(earliest, latest))
        cut = min(max(cut, earliest), latest - 1)
        head = [Interval(s.start, min(s.end, cut)) for s in self._stretch if s.start < cut]
        self._stretch = [Interval(max(s.start, cut), s.end) for s in self._stretch if s.end > cut]
        self._utter(Interval(head[0].start, head[-1].end), out)

    def _close(self, out: list[Interval]) -> None:
        """The stretch is over: a pause longer than `merge_gap` follows it."""
        whole = Interval(self._stretch[0].start, self._stretch[-1].end)
        spoken = sum(s.length for s in self._stretch)
        self._stretch = []
        if spoken >= self._min_speech or (
            self._ready and whole.start - self._ready[-1].end <= self._merge_gap
        ):
            self._utter(whole, out)

    def _utter(self, utterance: Interval, out: list[Interval]) -> None:
        """Join with the waiting utterance if one of them is short, they are near, and the two together fit."""
        if self._ready:
            waiting = self._ready[-1]
            short = min(waiting.length, utterance.length) < self._min_length
            near = utterance.start - waiting.end <= self._join_gap
            if short and near and utterance.end - waiting.start <= self._max_length:
                self._ready[-1] = Interval(waiting.start, utterance.end)
                return
        self._ready.append(utterance)
        while len(self._ready) > 1:
            out.append(self._padded(self._ready.pop(0), self._ready[0].start, None))

    def _release(self, out: list[Interval], length: int | None) -> None:
        """Give out the waiting utterance where nothing that is still to come can join it or share its silence."""
        if not self._ready:
            return
        waiting = self._ready[0]
        reach = max(self._join_gap, 2 * max(self._padding, self._min_length))
        if length is not None:
            out.append(self._padded(self._ready.pop(0), None, length))
        elif not self._stretch and self._settled - waiting.end > reach:
            out.append(self._padded(self._ready.pop(0), None, None))

    def _padded(self, utterance: Interval, next_start: int | None, length: int | None) -> Interval:
        """With silence on both sides, more where it is short, never past halfway to a neighbour."""
        wanted = max(self._padding, -(-(self._min_length - utterance.length) // 2))
        start = max(utterance.start - wanted, self._floor, 0)
        end = utterance.end + wanted
        if next_start is not None:
            end = min(end, (utterance.end + next_start + 1) // 2)
        if length is not None:
            end = max(min(end, length), start + 1)
        self._floor = end
        return Interval(start, end)


def _middle(span: Interval) -> int:
    return (span.start + span.end) // 2


def _samples(milliseconds: int) -> int:
    return milliseconds * RATE // 1000
