"""What is said in the example recordings, and so what a careful listener would write for a clip of one."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_NUMBERS_AS_SAID = {"sw": {"5": "tano", "9": "tisa", "13": "kumi na tatu", "14": "kumi na nne"}}
"""The Swahili texts were read from a page with digits; the guideline wants numbers as they are said."""


@dataclass(frozen=True, slots=True)
class KnownWord:
    """A word with its time in the recording, in seconds."""

    text: str
    start: float
    end: float

    @property
    def middle(self) -> float:
        return (self.start + self.end) / 2


def known_words(truth: Path) -> tuple[KnownWord, ...]:
    """Every word of one truth file, in order of time.

    Where only the utterance's times are known, its words share them by their length.
    """
    document = json.loads(truth.read_text("utf-8"))
    said = _NUMBERS_AS_SAID.get(document["language"], {})
    return tuple(
        KnownWord(said.get(word.text, word.text), word.start, word.end)
        for utterance in document["utterances"]
        for word in _words(utterance)
    )


def text_between(words: tuple[KnownWord, ...], start: float, end: float) -> str:
    """What is said from `start` to `end` (seconds): the words whose middle lies there."""
    return " ".join(word.text for word in words if start <= word.middle < end)


def _words(utterance: dict[str, object]) -> Iterator[KnownWord]:
    timed = utterance["words"]
    assert isinstance(timed, list)
    if timed:
        yield from (KnownWord(each["word"], each["start"], each["end"]) for each in timed)
        return
    start, end = float(str(utterance["start"])), float(str(utterance["end"]))
    texts = str(utterance["text"]).split()
    letters = sum(len(text) for text in texts)
    position = start
    for text in texts:
        length = (end - start) * len(text) / letters
        yield KnownWord(text, position, position + length)
        position += length
