"""What a CTC model's outputs say, and when it says the words of a given text (Graves et al. 2006)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from audio.align.align import AlignedWord, AlignmentError
from audio.align.corpus.viterbi import NoWayError, best_states
from audio.align.features import RATE, Floats
from audio.align.words import is_spoken, spoken_forms
from audio.recognise.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Recognised:
    """The likeliest text. confidence: geometric mean of the outputs' probabilities, 0 to 1"""

    text: str
    confidence: float


def recognised(outputs: Floats, vocabulary: Vocabulary) -> Recognised:
    """The best path: the likeliest output of every frame, repetitions and blanks taken out.

    outputs: (frames, tokens), logarithms of probabilities

    >>> spoken = np.log(np.array([[0.1, 0.8, 0.1], [0.1, 0.8, 0.1], [0.8, 0.1, 0.1], [0.1, 0.8, 0.1]], np.float32))
    >>> recognised(spoken, Vocabulary(("<pad>", "अ", "आ"), 0))
    Recognised(text='अअ', confidence=0.8)
    """
    best = outputs.argmax(axis=1)
    changed = np.concatenate([[True], best[1:] != best[:-1]])
    ids = best[changed & (best != vocabulary.blank)]
    return Recognised(vocabulary.text_of(ids.tolist()), round(float(np.exp(outputs.max(axis=1).mean())), 4))


def align_outputs(
    outputs: Floats, words: Sequence[str], vocabulary: Vocabulary, length: int, voice: str
) -> tuple[AlignedWord, ...]:
    """Find when each word is said, as `align_words` does, on the best path through the text.

    outputs: (frames, tokens), logarithms of probabilities, evenly over `length` samples at 16 kHz
    voice:   of espeak-ng, whose letters words are brought to where they have others

    A word's score is how probable its path is beside the likeliest of the same frames (goodness of pronunciation,
    Witt and Young 2000). A word that the model can't write is placed by its neighbours and scores 0.
    Raises AlignmentError.
    """
    spoken = [word for word in words if is_spoken(word)]
    spelt = vocabulary.ids_of(spoken_forms(spoken, voice))
    if not spelt:
        raise AlignmentError(f"a word to align is in the model's letters, given: {' '.join(words)[:80]!r}.")
    tokens = np.array([token for token, _ in spelt])
    owner = np.array([number for _, number in spelt])
    states = np.full(2 * len(tokens) + 1, vocabulary.blank)
    states[1::2] = tokens
    may_skip = np.zeros(len(states), dtype=bool)
    may_skip[0::2] = True
    may_skip[2:-1:2] = tokens[1:] != tokens[:-1]  # between two of the same a blank must stand
    try:
        path = best_states(outputs[:, states], may_skip, np.zeros(len(states), dtype=np.float32))
    except (NoWayError, IndexError):
        raise AlignmentError(
            f"{len(spoken)} words can't be said in {length / RATE:.2f} s. Is this the text of another clip?"
        ) from None
    at = np.where(path % 2 == 1, owner[np.minimum(path // 2, len(owner) - 1)], -1)
    lost = outputs[np.arange(len(path)), states[path]] - outputs.max(axis=1)
    return tuple(_words(spoken, at, lost, length))


def _words(words: Sequence[str], at: npt.NDArray[np.int64], lost: Floats, length: int) -> list[AlignedWord]:
    """at: the word of each frame, -1 for none"""
    frame = length / len(at)
    found: list[AlignedWord] = []
    end = 0
    for number, word in enumerate(words):
        frames = np.flatnonzero(at == number)
        if len(frames):
            first, last = int(frames[0]), int(frames[-1]) + 1
            start, end = max(end, round(first * frame)), min(length, round(last * frame))
            score = round(float(np.exp(lost[first:last].mean())), 4)
            found.append(AlignedWord(word, start, end, score))
        else:
            start, end = end, min(length, end + 1)
            found.append(AlignedWord(word, start, max(start, end), 0.0))
    return found
