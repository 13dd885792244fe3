"""In which script a text is: proven from its characters, and told before it is sent."""

from dataclasses import replace

import pytest

from tests.transcription.sentences import CASES, guidelines
from transcription.rules.guideline import Guideline
from transcription.text import check, language_tag
from transcription.text.checker import Severity
from transcription.text.script import script_name


def remarks(text: str, guideline: Guideline) -> list[tuple[Severity, str]]:
    findings = check(text, guideline)
    return [(each.severity, each.message) for each in findings if each.code == "other_script"]


@pytest.mark.parametrize("code", CASES)
def test_what_people_write_is_in_the_script_of_its_tag(code: str) -> None:
    language = guidelines()[code].language

    assert remarks(CASES[code].kept, guidelines()[code]) == []
    assert language_tag(code, CASES[code].kept).split("-")[1] in language.scripts


@pytest.mark.parametrize("code", CASES)
def test_a_text_in_another_languages_script_is_told_as_a_whole(code: str) -> None:
    scripts = guidelines()[code].language.scripts
    other = next(CASES[each].kept for each in CASES if guidelines()[each].language.scripts[0] not in scripts)

    ((severity, message),) = remarks(other, guidelines()[code])

    assert severity is Severity.ERROR
    assert all(script_name(script) in message for script in scripts)


@pytest.mark.parametrize(
    "text", ["మా ఊరికి bus వచ్చింది", "మా bus", "<foreign>good morning</foreign>", "12", "<noise>", "!"]
)
def test_words_of_another_script_in_a_text_are_no_text_in_another_script(text: str) -> None:
    assert remarks(text, guidelines()["te"]) == []


def test_where_english_is_written_in_latin_letters_a_text_of_them_alone_is_asked_about() -> None:
    ((severity, message),) = remarks("good morning", replace(guidelines()["te"], english_words="latin"))

    assert severity is Severity.WARNING
    assert message == "This text is in Latin letters; Telugu is written in Telugu."
