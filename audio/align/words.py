"""What of a transcript is spoken: words to align, and each word in letters that a voice can read."""

import re
import unicodedata
from collections.abc import Sequence

from audio.align.scripts import readable

_TAG = re.compile(r"<[^<>]*>|\[[^\[\]]*\]")
_APOSTROPHES = "'’ʼ"
_INSIDE_A_WORD = "-‐‑.,:/"  # kept between two letters or digits: "e-mail", "1,250", "3.5"
_JOINERS = "\u200c\u200d"  # carry meaning in Malayalam, Bengali, Marathi


def split_words(text: str) -> list[str]:
    """The words that are to be given times, each as it was written, in order.

    Words are what white space parts. Tags (<noise>, [laugh], also of several words) and tokens without a letter
    or digit are left out. Every item is a piece of `text` unchanged, punctuation and all: it can be found there.

    >>> split_words("नमस्ते, <noise> दुनिया ! 25 किलो।")
    ['नमस्ते,', 'दुनिया', '25', 'किलो।']
    """
    return [token for token in _TAG.sub(" ", text).split() if is_spoken(token)]


def is_spoken(word: str) -> bool:
    """False for a tag, for punctuation alone and for nothing."""
    return any(unicodedata.category(c)[0] in "LN" for c in _TAG.sub("", word))


def is_tag(word: str) -> bool:
    """True for <noise>, [laugh] and for nothing at all.

    >>> [is_tag(word) for word in ("<noise>", "!", "<fil>उम")]
    [True, False, False]
    """
    return not _TAG.sub("", word).strip()


def spoken_forms(words: Sequence[str], voice: str) -> list[str]:
    """Each word as `voice` should read it: no punctuation, no white space, in letters that the voice knows.

    A word may come out empty where nothing of it can be read.
    """
    return [readable(_bare(word), voice) for word in words]


def _bare(word: str) -> str:
    """Letters, marks and digits, and what belongs between two of them."""
    text = unicodedata.normalize("NFC", _TAG.sub("", word))
    kept = []
    for place, c in enumerate(text):
        if unicodedata.category(c)[0] in "LMN" or c in _JOINERS:
            kept.append(c)
        elif (
            c in _APOSTROPHES + _INSIDE_A_WORD
            and kept
            and any(_is_core(d) for d in text[place + 1 : place + 2])
        ):
            kept.append("'" if c in _APOSTROPHES else c)
    return "".join(kept)


def _is_core(c: str) -> bool:
    return unicodedata.category(c)[0] in "LN"
