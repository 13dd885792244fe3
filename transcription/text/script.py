"""In which script a text is written, proven from its characters: a language tag by BCP 47 (RFC 5646).

A language that has two scripts is written in either, and a dataset of the wrong one trains on what nobody reads.
"""

import unicodedata
from collections import Counter

from transcription.text.pieces import pieces

UNCODED = "Zzzz"
"""ISO 15924 for a script that is not among ours."""
# First word of a character's name in Unicode to ISO 15924.
_CODES = {
    "ARABIC": "Arab",
    "BENGALI": "Beng",
    "CHAKMA": "Cakm",
    "CYRILLIC": "Cyrl",
    "DEVANAGARI": "Deva",
    "ETHIOPIC": "Ethi",
    "GREEK": "Grek",
    "GUJARATI": "Gujr",
    "GURMUKHI": "Guru",
    "HEBREW": "Hebr",
    "KANNADA": "Knda",
    "LATIN": "Latn",
    "LEPCHA": "Lepc",
    "LIMBU": "Limb",
    "MALAYALAM": "Mlym",
    "MEETEI": "Mtei",
    "MYANMAR": "Mymr",
    "OL": "Olck",
    "ORIYA": "Orya",
    "SINHALA": "Sinh",
    "SYLOTI": "Sylo",
    "TAMIL": "Taml",
    "TELUGU": "Telu",
    "THAI": "Thai",
    "TIBETAN": "Tibt",
    "WARANG": "Wara",
}

_NAMES = {
    "Mtei": "Meetei Mayek",
    "Olck": "Ol Chiki",
    "Orya": "Odia",
    UNCODED: "other",
}
"""Where people call a script otherwise than Unicode does."""


def script_name(code: str) -> str:
    """What a script of ISO 15924 is called.

    >>> script_name("Telu"), script_name("Olck")
    ('Telugu', 'Ol Chiki')
    """
    unicode_name = next((name for name, known in _CODES.items() if known == code), code)
    return _NAMES.get(code, unicode_name.title())


def script_of(text: str) -> str | None:
    """The script that most letters of a text are in, as ISO 15924 names it; None where it has no letter.

    Tags such as `<noise>` are no words and don't count.

    >>> script_of("మా ఊరు bus"), script_of("<noise> हाँ"), script_of("12, 13")
    ('Telu', 'Deva', None)
    """
    found = letters_by_script(text)
    return min(found, key=lambda script: (-found[script], script)) if found else None


def letters_by_script(text: str) -> Counter[str]:
    """How many letters of a text are of each script.

    >>> letters_by_script("మా bus")["Latn"]
    3
    """
    found: Counter[str] = Counter()
    for piece in pieces(text):
        if piece.kind != "tag":
            found.update(_script(letter) for letter in piece.text if _counts(letter))
    return found


def language_tag(language: str, text: str) -> str:
    """Language, script and region of a text.

    >>> language_tag("te", "మా ఊరు"), language_tag("en-IN", "the bus"), language_tag("te", "12")
    ('te-Telu', 'en-Latn-IN', 'te')
    """
    script = script_of(text)
    if script is None:
        return language
    code, _, region = language.partition("-")
    return "-".join(filter(None, (code, script, region)))


def _script(letter: str) -> str:
    return _CODES.get(unicodedata.name(letter, "").partition(" ")[0], UNCODED)


def _counts(letter: str) -> bool:
    """Letters, and the marks that belong to one script: a vowel sign is as much of a word as a Latin vowel."""
    kind = unicodedata.category(letter)[0]
    return kind == "L" or (kind == "M" and _script(letter) != UNCODED)
