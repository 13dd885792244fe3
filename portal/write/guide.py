"""A guideline as the write screen shows it and works by it: rules, examples, tags, letters, ways of typing."""

from dataclasses import dataclass, replace
from functools import lru_cache

from portal.i18n.signatures import guidelines_by_machine
from portal.i18n.translation import InterfaceLanguage
from transcription.rules.guideline import Guideline
from transcription.rules.language import ZWJ, ZWNJ, rare

_TYPED_FROM_LATIN = {
    "Beng": "bengali",
    "Deva": "devanagari",
    "Gujr": "gujarati",
    "Guru": "gurmukhi",
    "Knda": "kannada",
    "Mlym": "malayalam",
    "Orya": "oriya",
    "Taml": "tamil",
    "Telu": "telugu",
}
"""Script to its name in sanscript. Its schemes for Urdu, Ol Chiki and Meetei Mayek don't give what people write."""
_NUKTAS = {"Beng": "\u09bc", "Deva": "\u093c", "Guru": "\u0a3c", "Knda": "\u0cbc", "Orya": "\u0b3c"}
_ON_EVERY_KEYBOARD = frozenset(".,?!-'\"()")


@dataclass(frozen=True, slots=True)
class GuideTag:
    name: str
    title: str
    means: str
    form: str
    any_script: bool


@dataclass(frozen=True, slots=True)
class GuideExample:
    write: str
    instead_of: str | None
    because: str


@dataclass(frozen=True, slots=True)
class Guide:
    """letters: what is hard to type on a common keyboard. typed_from: the script's name in sanscript, if it has one

    by_machine: its rules were translated by a machine, and no native reader has signed for them
    """

    id: str
    version: str
    language: str
    name: str
    own_name: str
    bcp47: str
    direction: str
    script: str
    numerals: str
    english_words: str
    rules: tuple[str, ...]
    examples: tuple[GuideExample, ...]
    tags: tuple[GuideTag, ...]
    letters: tuple[str, ...]
    typed_from: str | None
    by_machine: bool = False


@lru_cache(maxsize=256)
def guide_of(guideline: Guideline) -> Guide:
    """A guideline as the write screen gets it."""
    language = guideline.language
    return Guide(
        id=guideline.id,
        version=guideline.version,
        language=language.code,
        name=language.name,
        own_name=language.own_name,
        bcp47=language.bcp47,
        direction=language.direction,
        script=language.scripts[0],
        numerals=guideline.numerals,
        english_words=guideline.english_words,
        rules=guideline.rules,
        examples=tuple(
            GuideExample(each.write, each.instead_of, each.because) for each in guideline.examples
        ),
        tags=tuple(
            GuideTag(name, tag.title, tag.means, tag.form, tag.any_script)
            for name, tag in guideline.tags.items()
        ),
        letters=_hard_to_type(guideline),
        typed_from=_TYPED_FROM_LATIN.get(language.scripts[0]),
    )


def translated_guide(guide: Guide, interface_language: InterfaceLanguage) -> Guide:
    """With its rules, tags and what is said of its examples in the reader's language.

    Rules that a project wrote itself, which no translator has seen, stay in their own words.
    """
    say = interface_language.gettext
    tags = (replace(tag, title=say(tag.title), means=say(tag.means)) for tag in guide.tags)
    examples = (replace(example, because=say(example.because)) for example in guide.examples)
    return replace(
        guide,
        tags=tuple(tags),
        rules=tuple(say(rule) for rule in guide.rules),
        examples=tuple(examples),
        by_machine=guidelines_by_machine(interface_language.code),
    )


def _hard_to_type(guideline: Guideline) -> tuple[str, ...]:
    language = guideline.language
    nukta = _NUKTAS.get(language.scripts[0], "")
    joiners = {"virama": (ZWNJ, ZWJ), "letters": (ZWNJ,), "none": ()}[language.joiners]
    marks = sorted(guideline.punctuation - _ON_EVERY_KEYBOARD)
    own = language.alphabet.marks
    return (
        *marks,
        *([nukta] if nukta and nukta in own else []),
        *joiners,
        *sorted(rare(language.alphabet))[:12],
    )
