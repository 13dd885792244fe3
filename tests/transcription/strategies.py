"""Texts for property tests: all of Unicode, lone surrogates too, and what people of a language really type."""

from hypothesis import strategies as st

from transcription.rules.guideline import Guideline
from transcription.rules.language import characters

ANY_CHARACTER = st.characters(categories=None, exclude_categories=())
SPECIAL = st.sampled_from(
    [
        *"<>{}|/ \t\n\r\u200c\u200d\ufeff'’\"-.,?!।॥0१०५۵",
        "<noise>",
        "< Noise >",
        "<foreign>",
        "</foreign>",
        "<falsestart>",
        "</falsestart>",
        "<unclear>",
        "{a | b}",
        "{|}",
        "<foo>",
    ]
)


def any_text() -> st.SearchStrategy[str]:
    return st.text(ANY_CHARACTER, max_size=20)


def typed_text(guideline: Guideline) -> st.SearchStrategy[str]:
    """Letters, marks, look-alikes and digits of the language, between tags, brackets and stray characters."""
    language = guideline.language
    own = [*sorted(characters(language.alphabet)), *language.look_alikes, *language.compare_as]
    own += language.digits
    part = st.one_of(st.sampled_from(own), st.sampled_from(own), st.sampled_from(own), SPECIAL, ANY_CHARACTER)
    return st.lists(part, max_size=16).map("".join)
