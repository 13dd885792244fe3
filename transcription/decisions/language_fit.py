"""A language model: how well a text fits its language, from the words and letters of accepted texts.

A model of a few letters' memory (Witten and Bell 1991) needs no speech recognition and knows every dialect that the
project's own texts hold. It tells keys struck at random and another language in the same script from the language; it
can't tell a right sentence from a wrong one. Of two words that are alike it says which is more usual, and how far that
is to be believed the project's own reviewers have shown.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from rapidfuzz.distance import Levenshtein

MEMORY = 3
"""Letters before the one that is foretold."""
LEAST_TEXTS = 50
"""With fewer, nothing can be said of a language."""
NEW_WORDS = 100
"""Words of text that weigh as much as what the letters say of a word that was never accepted."""
TELLING = 5.0
"""So many times likelier, the model takes one of two words for the usual one."""
SHOWN_FIRST = (4, 1)
"""How often the usual word is credited with having been right and wrong before reviewers have decided anything."""
MOST_BELIEVED = 0.98
ALIKE = 2
"""Letters by which a slip of the pen differs from its word, at most."""
FAR = 4.0
"""Standard deviations from what is usual."""
_START, _END = "\x02", "\x03"
_UNSEEN = 64
"""Letters that no text held yet, but one could."""


@dataclass(frozen=True, slots=True)
class DecidedWord:
    """Where two texts of a clip differed and a reviewer took one of them. None: left out

    text: number of the accepted text that it stands in
    """

    text: int
    right: str | None
    wrong: str | None


@dataclass(frozen=True, slots=True)
class LanguageFit:
    """counts:  by the letters before: how often each letter followed
    letters: how many different ones there are
    usual:   bits a letter of texts that the model hadn't seen, on average
    spread:  their standard deviation, of a text of one letter: it shrinks as the root of the length
    words:   how often each word stands in the texts
    believed: how likely the usual one of two words that are alike is right, 0.5 to 1
    spoken:  how likely a word was said that one wrote and another left out, 0.5 to 1
    """

    counts: Mapping[str, Mapping[str, int]]
    letters: int
    usual: float
    spread: float
    words: Mapping[str, int] = field(default_factory=dict)
    believed: float = SHOWN_FIRST[0] / sum(SHOWN_FIRST)
    spoken: float = 0.5

    def odds(self, words: Sequence[str]) -> list[float]:
        """How many times likelier each is than the least likely of them, as far as that is believed.

        words: one, or several with spaces between
        """
        chances = [math.prod(self.word_chance(each) for each in word.split()) for word in words]
        least, most = min(chances), self.believed / (1 - self.believed)
        return [min(chance / least, most) for chance in chances]

    def word_chance(self, word: str) -> float:
        """How likely the next word of a text is this one: as often as it was accepted, a new one by its letters."""
        spelt = 2 ** -(self.bits(word) * (len(word) + 1))
        return (self.words.get(word, 0) + NEW_WORDS * spelt) / (sum(self.words.values()) + NEW_WORDS)

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


def learn(texts: Sequence[str], decided: Sequence[DecidedWord] = ()) -> LanguageFit | None:
    """A model of accepted texts in their comparison form; None of too few.

    decided: what reviewers took in these texts, where two people had written different words
    What is usual and what is believed are measured on one half with a model of the other, so that they hold for new
    texts.
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
    judged_by = {text: models[place % 2] for place, text in enumerate(known)}
    found = _model(known, usual, spread)
    unseen_words = [(judged_by[texts[each.text]], each) for each in decided if texts[each.text] in judged_by]
    return replace(found, believed=_believed(unseen_words), spoken=_spoken(decided))


def _believed(decided: Sequence[tuple[LanguageFit, DecidedWord]]) -> float:
    """How often the usual word of two that are alike was the one that a reviewer took."""
    right, wrong = SHOWN_FIRST
    for model, each in decided:
        if each.right is None or each.wrong is None or not alike(each.right, each.wrong):
            continue
        taken, left = model.word_chance(each.right), model.word_chance(each.wrong)
        right += taken >= TELLING * left
        wrong += left >= TELLING * taken
    return min(max(right / (right + wrong), 0.5), MOST_BELIEVED)


def _spoken(decided: Sequence[DecidedWord]) -> float:
    """How often a word was kept that one of two had left out."""
    kept = sum(each.wrong is None for each in decided)
    dropped = sum(each.right is None for each in decided)
    return min(max((kept + 1) / (kept + dropped + 2), 0.5), MOST_BELIEVED)


def alike(one: str, other: str) -> bool:
    """Whether one may be a slip of the pen for the other. Who mishears writes another word of the language instead:
    how usual that is says nothing of whether it was said."""
    return Levenshtein.distance(one, other, score_cutoff=ALIKE) <= ALIKE


def _model(texts: Sequence[str], usual: float, spread: float) -> LanguageFit:
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for text in texts:
        marked = _marked(text)
        for at in range(MEMORY, len(marked)):
            for start in range(at - MEMORY, at + 1):
                counts[marked[start:at]][marked[at]] += 1
    by_context = {context: dict(after) for context, after in counts.items()}
    words = Counter(word for text in texts for word in text.split())
    return LanguageFit(by_context, len(counts[""]), usual, spread, words)


def _marked(text: str) -> str:
    return _START * MEMORY + text + _END
