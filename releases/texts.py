"""Published texts by the rules of their language: what is wrong with one, and how else it may be spelt."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from releases.choose import TextFaults
from releases.pairs import Hypothesis, pairs_json
from releases.rows import Row
from transcription.rules.guideline import Guideline
from transcription.text import check
from transcription.text.checker import Severity
from transcription.text.lattice import has_choice, lattice_of, to_json


class TextFacts(NamedTuple):
    """What a version says of a text beside the text.

    spellings:  the lattice of its permitted spellings, as JSON; None where there is but one
    glottocode: its language in Glottolog; None where it isn't known
    pairs:      what models heard beside it (releases.pairs), as JSON; None where none did, or none is published
    """

    spellings: str | None = None
    glottocode: str | None = None
    pairs: str | None = None


Describe = Callable[[Row], TextFacts]
"""A row to what is known of its text."""


def text_faults(guidelines: Mapping[str, Guideline]) -> TextFaults:
    """What refuses a text: the findings that a transcriber could not have sent it with.

    guidelines: by language code, as the project works by them
    """

    def faults(language: str, text: str) -> Sequence[str]:
        guideline = guidelines.get(language)
        if guideline is None:
            return (f"is in '{language}', for which the project has no guideline",)
        found = (each for each in check(text, guideline) if each.severity is Severity.ERROR)
        return tuple(f"breaks {guideline.id}: {each.message}" for each in found)

    return faults


def nothing_known(row: Row) -> TextFacts:
    """One spelling of any text, and no more."""
    return TextFacts()


def describer(guidelines: Mapping[str, Guideline]) -> Describe:
    """What is known of texts. guidelines: by language code, as the project works by them"""

    def describe(row: Row) -> TextFacts:
        guideline = guidelines.get(row.language)
        if guideline is None:
            return TextFacts()
        lattice = lattice_of(row.text, guideline)
        return TextFacts(
            to_json(lattice) if has_choice(lattice) else None,
            guideline.language.glottocode,
            pairs_json([Hypothesis(*each) for each in row.heard], lattice, guideline),
        )

    return describe
