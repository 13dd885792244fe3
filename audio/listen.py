"""One pass over a recording: every block once, with the speech and the utterances that became certain with it."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from audio.decode import OpenRecording
from audio.detect.engine import open_detector
from audio.detect.interface import RATE, SpeechDetector
from audio.frames import Block
from audio.interval import Interval
from audio.mono import Mono16k, Samples
from audio.recipe import Recipe
from audio.segment import Segmenter


@dataclass(frozen=True, slots=True)
class HeardBlock:
    """What one block of the original brought. All times in 16 kHz samples.

    block:      (channels, n) at the original's rate; no samples at the very end
    mono:       the 16 kHz samples that follow the ones heard before
    speech:     final, unpadded
    settled:    all speech before this is known
    utterances: final, padded: the clips to cut
    horizon:    no later utterance begins before this
    """

    block: Block
    mono: Samples
    speech: tuple[Interval, ...]
    settled: int
    utterances: tuple[Interval, ...]
    horizon: int


def listen(recording: OpenRecording, recipe: Recipe) -> Iterator[HeardBlock]:
    """Decode, mix down, detect and segment, in step. Raises UnusableRecording as `Recording` does."""
    info = recording.info
    mixer = Mono16k(info.sample_rate, info.channels)
    detector = open_detector(recipe.detection)
    segmenter = Segmenter(recipe.segmentation, detector.quietest)
    length = 0
    for block in recording:
        mono = mixer.feed(block)
        length += len(mono)
        speech = detector.feed(mono)
        settled = detector.settled
        utterances = segmenter.feed(speech, settled)
        yield HeardBlock(block, mono, tuple(speech), settled, tuple(utterances), segmenter.horizon)
    yield _end(mixer, detector, segmenter, length, np.empty((info.channels, 0), np.float32))


def _end(
    mixer: Mono16k, detector: SpeechDetector, segmenter: Segmenter, length: int, no_block: Block
) -> HeardBlock:
    mono = mixer.finish()
    length += len(mono)
    speech = [*detector.feed(mono), *detector.finish()]
    utterances = [*segmenter.feed(speech, length), *segmenter.finish(length)]
    return HeardBlock(no_block, mono, tuple(speech), length, tuple(utterances), length)


class Past:
    """The last samples of a stream, as far back as somebody may still ask for them."""

    def __init__(self) -> None:
        self._blocks: deque[Samples] = deque()
        self._start = 0
        self._end = 0

    @property
    def heard(self) -> int:
        """Samples so far."""
        return self._end

    def add(self, samples: Samples) -> None:
        """The next ones."""
        if len(samples):
            self._blocks.append(samples)
            self._end += len(samples)

    def cut(self, span: Interval) -> Samples:
        """A copy of the samples of `span`. Raises ValueError where they are forgotten or yet to come."""
        if span.start < self._start or span.end > self._end:
            raise ValueError(
                f"samples {self._start} to {self._end} are held, asked for {span.start} to {span.end}"
            )
        parts = []
        at = self._start
        for block in self._blocks:
            if at + len(block) > span.start and at < span.end:
                parts.append(block[max(span.start - at, 0) : span.end - at])
            at += len(block)
        return np.concatenate(parts)

    def forget(self, before: int) -> None:
        """Let go of blocks that end at or before this sample."""
        while self._blocks and self._start + len(self._blocks[0]) <= before:
            self._start += len(self._blocks.popleft())


def seconds(samples: int) -> float:
    """Of the 16 kHz time line.

    >>> seconds(24_000)
    1.5
    """
    return samples / RATE
