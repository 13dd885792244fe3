"""The sounds of a text as symbols: what espeak-ng would say, and which symbols are common enough to learn."""

from collections.abc import Mapping, Sequence

from audio.align.espeak import speak
from audio.align.words import spoken_forms

Word = tuple[str, ...]
"""The sounds of one word; empty where the voice can say nothing of it."""

UNKNOWN = "?"
"""Stands for a sound too rare to learn, and for a word that the voice can't read."""
SILENCE = "_"
"""All that is heard where nobody speaks."""
FEWEST_FRAMES = 40
"""Of a sound, for a model of its own: 0.4 s of it."""


def words_as_sounds(words: Sequence[str], voice: str) -> tuple[Word, ...]:
    """The mnemonics of espeak-ng for each word, said as one sentence. Raises UnknownVoiceError, SynthesisError."""
    reading = speak(spoken_forms(words, voice), voice)
    found: list[list[str]] = [[] for _ in words]
    for phone in reading.phones:
        found[phone.word].append(phone.name)
    return tuple(tuple(each) for each in found)


def tie_rare(frames: Mapping[str, float], fewest: float = FEWEST_FRAMES) -> dict[str, str]:
    """Each symbol to the one whose model it shares: its own where it is heard long enough, else its plainer form.

    frames: how many frames each symbol is heard for
    A mnemonic loses one sign after another from its end ("t#" is a kind of "t") until it is common enough.

    >>> tie_rare({"a": 90, "a:": 50, "t": 80, "t#2": 3, "q": 2})
    {'a': 'a', 'a:': 'a:', 'q': '?', 't': 't', 't#2': 't'}
    """
    tied: dict[str, str] = {}
    for symbol in sorted(frames):
        shorter = symbol
        while shorter and frames.get(shorter, 0) < fewest:
            shorter = shorter[:-1]
        tied[symbol] = shorter or UNKNOWN
    return tied
