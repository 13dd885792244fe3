"""Who has read a translation: what a machine translated is marked as such until a native reader signs for it.

Signatures stand in `signatures.yaml`, written by `python -m portal.i18n.sign_translation`. Each is of the words as they
were read, so that a translation that is changed is marked again.
"""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path

import yaml

from portal.i18n.translation import SOURCE, messages

FILE = Path(__file__).resolve().parent / "signatures.yaml"
GUIDELINES = "configs/guidelines"
"""Where the messages of guidelines stand."""


class TranslatedPart(StrEnum):
    """What is signed for as one."""

    GUIDELINES = "guidelines"
    HELP = "help"


@dataclass(frozen=True, slots=True)
class TranslationSignature:
    """A native reader read it whole. sha256: of what they read, as `digest` has it"""

    language: str
    part: TranslatedPart
    signed_by: str
    on: date
    sha256: str


def is_signed(
    language: str,
    part: TranslatedPart,
    sha256: str,
    signatures: Collection[TranslationSignature] | None = None,
) -> bool:
    """Whether a native reader signed for these very words; English needs none. signatures: those of the file"""
    known = read_signatures() if signatures is None else signatures
    return language == SOURCE or (language, part, sha256) in {
        (it.language, it.part, it.sha256) for it in known
    }


@cache
def guidelines_digest(language: str) -> str:
    """Of what guidelines say in a language; "" for English, of which there is no translation."""
    if language == SOURCE:
        return ""
    said = sorted(
        (str(message.id), str(message.string))
        for message in messages(language)
        if any(path == GUIDELINES for path, _ in message.locations)
    )
    return hashlib.sha256(repr(said).encode()).hexdigest()


def guidelines_by_machine(language: str) -> bool:
    """Whether what guidelines say in that language is a machine's, and nobody has signed for it."""
    return not is_signed(language, TranslatedPart.GUIDELINES, guidelines_digest(language))


@cache
def read_signatures(file: Path = FILE) -> tuple[TranslationSignature, ...]:
    """All that were given."""
    found = yaml.safe_load(file.read_text("utf-8"))["signatures"]
    return tuple(
        TranslationSignature(
            each["language"], TranslatedPart(each["part"]), each["signed_by"], each["on"], each["sha256"]
        )
        for each in found
    )


def with_signature(text: str, new: TranslationSignature) -> str:
    """The file's text with one more, in the place of an earlier one for the same; its remarks stay above."""
    remarks = "".join(line for line in text.splitlines(keepends=True) if line.startswith("#"))
    kept = [
        each
        for each in yaml.safe_load(text)["signatures"]
        if (each["language"], each["part"]) != (new.language, new.part.value)
    ]
    mine = {
        "language": new.language,
        "part": new.part.value,
        "signed_by": new.signed_by,
        "on": new.on,
        "sha256": new.sha256,
    }
    return remarks + yaml.safe_dump({"signatures": [*kept, mine]}, allow_unicode=True, sort_keys=False)
