"""Published texts by the rules of their language: what is wrong with one, and how else it may be spelt."""

from collections.abc import Callable, Mapping, Sequence

from releases.choose import TextFaults
from transcription.rules.guideline import Guideline
from transcription.text import check
from transcription.text.checker import Severity
from transcription.text.lattice import has_choice, lattice_of, to_json

Spell = Callable[[str, str], str | None]
"""Language and text to the lattice of its permitted spellings, as JSON; None where there is but one."""


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


def one_spelling(language: str, text: str) -> None:
    """No other spelling of any text."""


def speller(guidelines: Mapping[str, Guideline]) -> Spell:
    """The permitted spellings of a text. guidelines: by language code, as the project works by them"""

    def spell(language: str, text: str) -> str | None:
        guideline = guidelines.get(language)
        lattice = lattice_of(text, guideline) if guideline else ()
        return to_json(lattice) if has_choice(lattice) else None

    return spell
