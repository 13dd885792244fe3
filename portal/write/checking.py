"""The checker's findings for a text on its way, in the reader's language."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from fastapi import HTTPException, Request
from pydantic import BaseModel, ConfigDict, Field

from portal.access.session import Signed
from portal.context import context_of
from portal.http.pages import interface_language_of
from portal.i18n.remarks import translated_remark
from portal.i18n.translation import InterfaceLanguage
from transcription.text import check
from transcription.text.checker import TextFinding

MOST_CHARACTERS = 20_000
"""Code points of a text: four times what the checker takes, so that it is the checker that says so."""

TypedText = Annotated[str, Field(max_length=MOST_CHARACTERS)]


class TextToCheck(BaseModel):
    """A text on its way, to be checked."""

    model_config = ConfigDict(extra="forbid")

    language: str = Field(max_length=10)
    text: TypedText
    seconds: float | None = Field(default=None, gt=0, le=86400, allow_inf_nan=False)


@dataclass(frozen=True, slots=True)
class Remark:
    """start, length: in code points. severity: error (it can't be sent), warning or note"""

    start: int
    length: int
    code: str
    severity: str
    message: str
    fix: str | None


def checked(request: Request, signed: Signed, asked: TextToCheck) -> tuple[Remark, ...]:
    """What the guideline doesn't like about a text on its way; 404 where the project has none for its language."""
    guideline = context_of(request).guidelines[signed.project].get(asked.language)
    if guideline is None:
        raise HTTPException(404)
    return remarks(check(asked.text, guideline, asked.seconds), interface_language_of(request))


def remarks(findings: Iterable[TextFinding], interface_language: InterfaceLanguage) -> tuple[Remark, ...]:
    return tuple(
        Remark(
            finding.start,
            finding.length,
            finding.code,
            finding.severity.value,
            translated_remark(finding, interface_language),
            finding.fix,
        )
        for finding in findings
    )
