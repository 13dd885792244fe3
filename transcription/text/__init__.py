"""What people typed, in three levels: as typed, normalised by rule, and folded for comparison.

Verbatim:   what is kept. Only what nobody can see changes: composed form, order of marks, kinds of space.
Normalised: what a dataset shows. Derived from the verbatim text; look-alikes mended, one of two readings chosen.
Comparison: what metrics count. No tags, no punctuation, no case; spellings that are the same to a reader unified.
"""

from transcription.text.checker import TextFinding, check
from transcription.text.forms import comparison, normalised, readings, tidy, verbatim
from transcription.text.graphemes import count, graphemes

__all__ = [
    "TextFinding",
    "check",
    "comparison",
    "count",
    "graphemes",
    "normalised",
    "readings",
    "tidy",
    "verbatim",
]
