"""Published texts, held against the rules of their language."""

from collections.abc import Mapping, Sequence

from releases.choose import TextFaults
from transcription.rules.guideline import Guideline
from transcription.text import check
from transcription.text.checker import Severity


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
