"""What people typed, in three levels: as typed, normalised by rule, and folded for comparison.

Verbatim:   what is kept: what was typed, in Unicode's composed form (NFC).
Normalised: what a dataset shows. Derived from the verbatim text; order of marks, spaces and look-alikes mended,
            one of two readings chosen.
Comparison: what metrics count. No tags, no punctuation, no case; spellings that are the same to a reader unified.
"""

from transcription.text.checker import TextFinding, check
from transcription.text.forms import comparison, normalised, readings, tidy, verbatim
from transcription.text.graphemes import count, graphemes
from transcription.text.script import language_tag, script_of

__all__ = [
    "TextFinding",
    "check",
    "comparison",
    "count",
    "graphemes",
    "language_tag",
    "normalised",
    "readings",
    "script_of",
    "tidy",
    "verbatim",
]
