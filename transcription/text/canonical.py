"""One encoding for one look: Unicode's composed form (NFC), and the order of marks that it leaves open.

NFC orders marks only where Unicode gives them combining classes. Indic vowel signs have none, so कं + ा and
का + ं look alike and differ; here they become the same, by the order of the Unicode Standard, chapter 12:
nukta, vowel sign, candrabindu or anusvara, visarga, accents. No letter or mark is added or lost: one typed twice may
be half of another (കെെ is meant as കൈ), so the checker remarks on it.
"""

import unicodedata
from functools import lru_cache

import regex

# Halves of a two-part vowel typed in the wrong order: e-sign belongs before aa-sign, then NFC joins them.
_SWAPPED_HALVES = {
    "\u09be\u09c7": "\u09cb",  # Bengali o
    "\u09d7\u09c7": "\u09cc",
    "\u0b3e\u0b47": "\u0b4b",  # Odia o
    "\u0b57\u0b47": "\u0b4c",
    "\u0bbe\u0bc6": "\u0bca",  # Tamil o, oo, au
    "\u0bbe\u0bc7": "\u0bcb",
    "\u0bd7\u0bc6": "\u0bcc",
    "\u0c56\u0c46": "\u0c48",  # Telugu ai
    "\u0cc2\u0cc6": "\u0cca",  # Kannada o
    "\u0d3e\u0d46": "\u0d4a",  # Malayalam o, oo
    "\u0d3e\u0d47": "\u0d4b",
}
_HALVES = regex.compile("|".join(_SWAPPED_HALVES))
_CLUSTER = regex.compile(r"\P{M}\p{M}+|\p{M}+")
_INDIC = regex.compile(r"[\u0900-\u0DFF\uABE3-\uABEA\uABEC\uABED]")


def canonical(text: str) -> str:
    """`text` composed, its marks in order, all of them there. Idempotent.

    >>> canonical("\\u0915\\u0902\\u093e") == "\\u0915\\u093e\\u0902"    # anusvara typed before the vowel sign
    True
    """
    while True:
        composed = unicodedata.normalize("NFC", text)
        ordered = unicodedata.normalize("NFC", _CLUSTER.sub(_in_order, composed))
        if ordered == text:
            return ordered
        text = ordered


def _in_order(match: "regex.Match[str]") -> str:
    cluster: str = match.group()
    if len(cluster) < 3:
        return cluster
    start = 0 if unicodedata.category(cluster[0])[0] == "M" else 1
    run = cluster[start:]
    if not _INDIC.search(run):
        return cluster
    if not any(unicodedata.combining(mark) == 9 for mark in run):  # a virama ends the syllable: leave it be
        run = "".join(sorted(run, key=_rank))
    joined: str = _HALVES.sub(lambda halves: _SWAPPED_HALVES[halves.group()], run)
    return cluster[:start] + joined


@lru_cache(maxsize=4096)
def _rank(mark: str) -> int:
    name = unicodedata.name(mark, "")
    if "NUKTA" in name:
        return 0
    if "VOWEL SIGN" in name or "LENGTH MARK" in name:
        return 1
    if "BINDU" in name or "ANUSVARA" in name or "TIPPI" in name or "BINDI" in name:
        return 2
    if "VISARGA" in name:
        return 3
    if "ADDAK" in name:
        return 1  # Gurmukhi writes it before tippi
    return 4
