"""Scores of frames to intervals of speech: hysteresis, shortest silence, shortest speech, edges."""

from collections.abc import Iterable
from dataclasses import dataclass

from audio.interval import Interval

PIECE = 160_000
"""Speech without a break is given out in touching pieces of this many samples, so that nobody waits for its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StateRules:
    """hop:         samples from one frame to the next
    enter, leave:   score from which on speech begins, and below which it may end
    min_silence:    samples; a shorter dip does not end speech
    min_speech:     samples; speech that is not longer than this is dropped
    before, after:  samples added to the two ends (or taken away); neighbours share a short silence
    """

    hop: int
    enter: float
    leave: float
    min_silence: int
    min_speech: int
    before: int = 0
    after: int = 0


class SpeechStates:
    """Push scores frame by frame, get final intervals."""

    def __init__(self, rules: StateRules) -> None:
        self._rules = rules
        self._now = 0  # sample at which the next frame begins
        self._start: int | None = None  # of the speech that is going on
        self._dip: int | None = None  # where it may have ended
        self._continues = False  # a piece of it was given out already
        self._held: Interval | None = None  # waits for its neighbour; its start is final
        self._length: int | None = None  # of the whole sound, once known

    @property
    def settled(self) -> int:
        """No interval still to come begins before this sample."""
        if self._held is not None:
            return self._held.start
        begin = self._now if self._start is None else self._start
        return begin if self._continues else max(0, begin - self._rules.before)

    def push(self, scores: Iterable[float]) -> list[Interval]:
        """Scores of the next frames, in order."""
        rules, out = self._rules, list[Interval]()
        for score in scores:
            now = self._now
            if score >= rules.enter:
                self._dip = None
                if self._start is None:
                    self._start = now
                elif now - self._start >= PIECE:
                    self._close(now, out)
                    self._start, self._continues = now, True
            elif self._start is not None and score < rules.leave:
                if self._dip is None:
                    self._dip = now
                if now - self._dip >= rules.min_silence:
                    self._close(self._dip, out)
                    self._start, self._dip, self._continues = None, None, False
            self._now = now + rules.hop
        if (
            self._held is not None
            and self._start is None
            and self._now - self._held.end >= rules.before + rules.after
        ):
            self._release(None, out)
        return out

    def finish(self, length: int) -> list[Interval]:
        """`length` samples were heard in all."""
        out: list[Interval] = []
        self._length = length
        self._now = length
        if self._start is not None and self._start < length:
            self._close(length, out)
        self._start, self._dip, self._continues = None, None, False
        self._release(None, out)
        return out

    def _close(self, end: int, out: list[Interval]) -> None:
        start = self._start
        if start is None or (end - start <= self._rules.min_speech and not self._continues):
            return
        if end <= start:
            return
        if not self._continues:
            start = self._release(start, out)
        elif self._held is not None:
            out.append(self._held)
        self._held = Interval(start, max(end, start + 1))

    def _release(self, next_start: int | None, out: list[Interval]) -> int:
        """Give out the held interval, now that its neighbour is known; the neighbour's start."""
        before, after = self._rules.before, self._rules.after
        held, self._held = self._held, None
        if held is None:
            return max(0, (next_start or 0) - before)
        if next_start is None:
            end, start = held.end + after, 0
        elif next_start - held.end < before + after:
            end = start = held.end + (next_start - held.end) * after // (before + after)
        else:
            end, start = held.end + after, next_start - before
        if self._length is not None and (end > self._length or held.end == self._length):
            end = self._length  # the recording ends in the middle of speech, or soon after
        out.append(Interval(held.start, max(end, held.start + 1)))
        return start
