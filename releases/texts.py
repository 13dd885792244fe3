"""Published texts by the rules of their language: what is wrong with one, and how else it may be spelt."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from releases.choose import TextFaults
from transcription.rules.guideline import Guideline
from transcription.text import check
from transcription.text.checker import Severity
from transcription.text.lattice import has_choice, lattice_of, to_json


class TextFacts(NamedTuple):
    """What a version says of a text beside the text.

    spellings:  the lattice of its permitted spellings, as JSON; None where there is but one
    glottocode: its language in Glottolog; None where it isn't known
    """

    spellings: str | None = None
    glottocode: str | None = None


Describe = Callable[[str, str], TextFacts]
"""Language and text to what is known of the text."""


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


def nothing_known(language: str, text: str) -> TextFacts:
    """One spelling of any text, and no more."""
    return TextFacts()


def describer(guidelines: Mapping[str, Guideline]) -> Describe:
    """What is known of texts. guidelines: by language code, as the project works by them"""

    def describe(language: str, text: str) -> TextFacts:
        guideline = guidelines.get(language)
        if guideline is None:
            return TextFacts()
        lattice = lattice_of(text, guideline)
        return TextFacts(to_json(lattice) if has_choice(lattice) else None, guideline.language.glottocode)

    return describe
