"""Digits that somebody says or writes one after another, in figures of any script and in number words."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

import regex

from transcription.personal_data.spoken_words import SpokenWords, folded

_TOKEN = regex.compile(r"(?P<figures>\p{Nd}+)|(?P<word>[\p{L}\p{M}\u200c\u200d'’]+)")
# What may stand within one number. Commas, slashes, colons and dots between figures make prices, dates and times.
# Long stretches of spaces are tags that were taken out.
_WITHIN_FIGURES = regex.compile(r"[\s()\-‐-―]{1,80}")
_WITHIN_WORDS = regex.compile(r"[\s()\-‐-―,.;…،।]{1,80}")


@dataclass(frozen=True, slots=True)
class DigitGroup:
    """Digits that stand together: figures without a gap, or what one number word says.

    start, end: code points of the text; plus: whether a plus sign stands before it
    """

    start: int
    end: int
    digits: tuple[int, ...]
    spoken: bool
    plus: bool = False


DigitRun = tuple[DigitGroup, ...]
"""Groups with nothing between them that would end a number."""


def digit_runs(text: str, words: SpokenWords) -> Iterator[DigitRun]:
    """Every run of digits in a text, longest first possible, in order.

    >>> from transcription.personal_data.spoken_words import spoken_words
    >>> [[group.digits for group in run] for run in digit_runs("double nine, चार 80 on 21/11", spoken_words("hi"))]
    [[(9, 9), (4,), (8, 0)], [(2, 1)], [(1, 1)]]
    """
    pending: list[DigitGroup] = []
    for group in _groups(text, words):
        if pending and not _goes_on(pending[-1], group, text):
            yield tuple(pending)
            pending = []
        pending.append(group)
    if pending:
        yield tuple(pending)


def _groups(text: str, words: SpokenWords) -> Iterator[DigitGroup]:
    times, times_start, times_end = 1, 0, 0
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        if match["figures"]:
            digits = tuple(
                value for each in match["figures"] if (value := unicodedata.decimal(each, None)) is not None
            )
            if digits:
                yield DigitGroup(start, end, digits, spoken=False, plus=text[:start].endswith("+"))
            times = 1
            continue
        word = folded(match["word"])
        if word in words.times:
            times, times_start, times_end = words.times[word], start, end
        elif word in words.digits:
            joined = times > 1 and not text[times_end:start].strip(" -")
            repeated = times if joined else 1
            yield DigitGroup(
                times_start if joined else start, end, (words.digits[word],) * repeated, spoken=True
            )
            times = 1
        else:
            times = 1


def _goes_on(before: DigitGroup, after: DigitGroup, text: str) -> bool:
    gap = text[before.end : after.start]
    within = _WITHIN_WORDS if before.spoken or after.spoken else _WITHIN_FIGURES
    return within.fullmatch(gap) is not None
