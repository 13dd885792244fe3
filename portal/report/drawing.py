"""Where lines and labels go in the report's waveforms. Numbers in, strings and shares out: no HTML but SVG paths."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Protocol
from unicodedata import category

HEIGHT = 100.0  # of a waveform's box, which is stretched to the page's width
WIDTH = 1000.0
LETTER_PIXELS = 11.5  # width of a letter at the size of the labels; marks that stand on a letter don't count
LANES = 2  # rows of labels under a waveform, taken in turn
PIXELS_A_SECOND = (70.0, 260.0)  # the least and the most that labels may ask for
NATURAL_PIXELS = 150.0  # a second of an utterance among others


class Timed(Protocol):
    """A word or an utterance with its time, in seconds."""

    @property
    def text(self) -> str: ...
    @property
    def start(self) -> float: ...
    @property
    def end(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Label:
    """A word under a waveform; places are shares of the width, 0..1."""

    text: str
    left: float
    right: float
    width: int  # pixels, about
    lane: int
    start: float  # seconds from the drawing's start
    end: float


def bars(peaks: Sequence[float], count: int, loudest: float | None = None) -> str:
    """An SVG path of `count` upright strokes (fewer where there are fewer peaks), in a box of WIDTH x HEIGHT.

    peaks:   0..1, evenly spaced in time
    loudest: the peak that fills the height; by default the loudest of these. A softer sound is drawn taller than
             in proportion (power 0.7), so that quiet speech is seen.
    """
    columns = pooled(peaks, count)
    top = max(max(columns) if loudest is None else loudest, 1e-6)
    step = WIDTH / len(columns)
    middle = HEIGHT / 2
    strokes = []
    for number, peak in enumerate(columns):
        half = max(0.6, (middle - 3) * min(1.0, peak / top) ** 0.7)
        strokes.append(f"M{step * (number + 0.5):.1f} {middle - half:.1f}V{middle + half:.1f}")
    return "".join(strokes)


def pooled(peaks: Sequence[float], count: int) -> list[float]:
    """The loudest peak of each of `count` equal stretches.

    >>> pooled([0.1, 0.4, 0.2, 0.3], 2)
    [0.4, 0.3]
    """
    columns = min(count, len(peaks))
    edges = [round(number * len(peaks) / columns) for number in range(columns + 1)]
    return [max(peaks[start:end]) for start, end in pairwise(edges)]


def part(peaks: Sequence[float], duration: float, start: float, end: float) -> list[float]:
    """The peaks between two times, at least one."""
    first = min(len(peaks) - 1, int(start / duration * len(peaks)))
    last = max(first + 1, round(end / duration * len(peaks)))
    return list(peaks[first:last])


def labels(words: Sequence[Timed], start: float, end: float) -> list[Label]:
    """The words of [start, end] in lanes taken in turn, so that neighbours don't write over each other."""
    length = end - start
    return [
        Label(
            text=word.text,
            left=(word.start - start) / length,
            right=(word.end - start) / length,
            width=label_width(word.text),
            lane=number % LANES,
            start=word.start - start,
            end=word.end - start,
        )
        for number, word in enumerate(words)
    ]


def least_width(words: Sequence[Timed], start: float, end: float) -> int:
    """Pixels that a drawing of [start, end] needs for its labels to stand apart; narrower pages scroll it."""
    slowest, fastest = PIXELS_A_SECOND
    scale = slowest
    for word, same_lane in zip(
        words, words[LANES:], strict=False
    ):  # the last of each lane may lean to the left
        scale = max(scale, label_width(word.text) / max(1e-3, same_lane.start - word.start))
    widest = max((label_width(word.text) for word in words), default=0)
    return max(widest, round(min(scale, fastest) * (end - start)))


def natural_width(words: Sequence[Timed], start: float, end: float) -> int:
    """Pixels at which drawings of different lengths share one scale, as far as their labels allow."""
    return max(least_width(words, start, end), round(NATURAL_PIXELS * (end - start)))


def label_width(text: str) -> int:
    """Pixels that a word takes under a waveform, about."""
    return round(letters(text) * LETTER_PIXELS) + 14


def letters(text: str) -> int:
    """Letters that take width: vowel signs above and below, joiners and viramas do not.

    >>> letters("నీరు"), letters("maji")
    (3, 4)
    """
    return sum(category(letter) not in ("Mn", "Cf") for letter in text)


def marked_words(words: Sequence[str], others: Sequence[str]) -> list[tuple[str, bool]]:
    """Runs of `words`, each with whether `others` differs there."""
    runs = []
    for kind, first, last, _, _ in SequenceMatcher(None, words, others, autojunk=False).get_opcodes():
        if first < last:
            runs.append((" ".join(words[first:last]), kind != "equal"))
    return runs
