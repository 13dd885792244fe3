"""A language model: how well a text fits its language, from the letters that follow each other in accepted texts.

A model of a few letters' memory (Witten and Bell 1991) needs no speech recognition and knows every dialect that the
project's own texts hold. It tells keys struck at random and another language in the same script from the language; it
can't tell a right sentence from a wrong one.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

MEMORY = 3
"""Letters before the one that is foretold."""
LEAST_TEXTS = 50
"""With fewer, nothing can be said of a language."""
FAR = 4.0
"""Standard deviations from what is usual."""
_START, _END = "\x02", "\x03"
_UNSEEN = 64
"""Letters that no text held yet, but one could."""


@dataclass(frozen=True, slots=True)
class LanguageFit:
    """counts:  by the letters before: how often each letter followed
    letters: how many different ones there are
    usual:   bits a letter of texts that the model hadn't seen, on average
    spread:  their standard deviation, of a text of one letter: it shrinks as the root of the length
    """

    counts: Mapping[str, Mapping[str, int]]
    letters: int
    usual: float
    spread: float

    def bits(self, text: str) -> float:
        """Bits a letter that it takes to write `text`: few where it is like the language's."""
        marked = _marked(text)
        total = 0.0
        for at in range(MEMORY, len(marked)):
            total -= math.log2(self._chance(marked[at - MEMORY : at], marked[at]))
        return total / (len(marked) - MEMORY)

    def strange(self, text: str) -> bool:
        """Whether `text` is hardly of this language. The shorter, the further from the usual it may be."""
        if not text.strip():
            return False
        return self.bits(text) > self.usual + FAR * self.spread / math.sqrt(len(text) + 1)

    def _chance(self, before: str, letter: str) -> float:
        chance = 1 / (self.letters + _UNSEEN)
        for start in range(len(before), -1, -1):
            seen = self.counts.get(before[start:])
            if seen is None:
                break
            total, kinds = sum(seen.values()), len(seen)
            chance = (seen.get(letter, 0) + kinds * chance) / (total + kinds)
        return chance


def learn(texts: Sequence[str]) -> LanguageFit | None:
    """A model of accepted texts in their comparison form; None of too few.

    What is usual is measured on one half with a model of the other, so that it holds for new texts.
    """
    known = [text for text in dict.fromkeys(texts) if text.strip()]
    if len(known) < LEAST_TEXTS:
        return None
    halves = known[::2], known[1::2]
    models = [_model(half, 0.0, 0.0) for half in halves[::-1]]
    unseen = [
        (model.bits(text), len(text) + 1) for model, half in zip(models, halves, strict=True) for text in half
    ]
    letters = sum(length for _, length in unseen)
    usual = sum(bits * length for bits, length in unseen) / letters
    spread = math.sqrt(sum((bits - usual) ** 2 * length for bits, length in unseen) / len(unseen))
    return _model(known, usual, spread)


def _model(texts: Sequence[str], usual: float, spread: float) -> LanguageFit:
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for text in texts:
        marked = _marked(text)
        for at in range(MEMORY, len(marked)):
            for start in range(at - MEMORY, at + 1):
                counts[marked[start:at]][marked[at]] += 1
    by_context = {context: dict(after) for context, after in counts.items()}
    return LanguageFit(by_context, len(counts[""]), usual, spread)


def _marked(text: str) -> str:
    return _START * MEMORY + text + _END
