"""What a version says of itself that is not a figure: title, languages, consent, terms."""

from collections.abc import Mapping
from dataclasses import dataclass

GATED = (
    "You agree not to attempt to determine the identity of the speakers, not to imitate their voices, and to drop "
    "from your copies the clips listed in withdrawn.jsonl, now and whenever that list grows."
)
"""Terms that whoever takes a version agrees to."""


@dataclass(frozen=True, slots=True)
class About:
    """What the card says that is not a figure.

    languages:      names in English by code
    remarks:        what else a reader must know, a paragraph each
    consent_scopes: what the speakers agreed to, as the project writes it
    where:          conditions that every clip meets
    purposes:       what it is given out for, and every speaker agreed to; none where the project names none
    """

    title: str
    project: str
    version: str
    parent: str | None
    licence: str
    languages: Mapping[str, str]
    consent_version: str
    consent_scopes: tuple[str, ...]
    remarks: tuple[str, ...] = ()
    where: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
