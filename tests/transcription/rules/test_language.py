"""The language files, and what a faulty one is told."""

import unicodedata
from pathlib import Path

import espeakng_loader
import pytest

from catalog.config.configuration import ConfigurationError
from tests.transcription.sentences import CASES, guidelines, languages
from transcription.rules.language import Alphabet, characters, letters, load_language, marks
from transcription.text import check

CODES = (
    "hi bn mr gu pa or as ta te kn ml ur ne sa kok mai sat mni brx doi ks sd en-IN sw yo".split()  # noqa: SIM905
)


def test_every_promised_language_loads_under_its_own_code() -> None:
    found = languages()

    assert set(CODES) <= set(found)
    assert all(language.code == code for code, language in found.items())


def test_the_test_sentences_cover_every_language() -> None:
    assert set(CASES) == set(languages())


@pytest.mark.parametrize("code", sorted(languages()))
def test_a_language_can_write_its_own_name(code: str) -> None:
    guideline = guidelines()[code]

    assert not [
        finding for finding in check(guideline.language.own_name, guideline) if finding.code != "rare_letter"
    ]


@pytest.mark.parametrize("code", sorted(languages()))
def test_alphabets_are_composed_and_hold_letters_and_marks_apart(code: str) -> None:
    alphabet = languages()[code].alphabet

    assert all(unicodedata.normalize("NFC", character) == character for character in characters(alphabet))
    assert all(unicodedata.category(mark)[0] == "M" for mark in marks(alphabet))
    assert all(unicodedata.category(letter)[0] in "LS" or letter in "ʼ़̣" for letter in letters(alphabet))


@pytest.mark.parametrize("code", sorted(languages()))
def test_voices_are_ones_that_espeak_has(code: str) -> None:
    language = languages()[code]
    voices = Path(espeakng_loader.get_data_path()) / "lang"

    for voice in (language.espeak_voice, language.nearest_voice):
        assert voice is None or list(voices.glob(f"*/{voice}"))
    assert language.espeak_voice is None or language.nearest_voice is None


def test_right_to_left_languages_say_so() -> None:
    assert {code for code, language in languages().items() if language.direction == "rtl"} == {
        "ur",
        "sd",
        "ks",
    }


def test_a_run_of_letters_and_a_dotted_circle_are_read() -> None:
    alphabet = Alphabet(letters="क-ग ज़", marks="◌ा")

    assert characters(alphabet) == frozenset("कखगज\u093cा")


def write(folder: Path, text: str) -> Path:
    path = folder / "xx.yaml"
    path.write_text(text, encoding="utf-8")
    return path


BASE = 'code: xx\nname: X\nown_name: X\nbcp47: xx\nscripts: [Deva]\nalphabet:\n  letters: "क ख"\n'


@pytest.mark.parametrize(
    ("text", "line", "rule"),
    [
        (BASE.replace("xx\n", "hi\n", 1), 1, "code is the file's name, given 'hi'"),
        (BASE.replace("Deva", "Dev"), 5, "scripts[0] is one of"),
        (BASE + "digits: '०१२३४५६७८'\n", 8, "digits lists ten digits from zero to nine"),
        (BASE + "digits: '९८७६५४३२१०'\n", 8, "digits lists ten digits from zero to nine"),
        (BASE + "digit_form: native\n", 8, "digit_form is ascii where no `digits` are listed"),
        (BASE + "sentence_end: '।'\n", 8, "sentence_end is one of the punctuation marks"),
        (BASE + "punctuation: '. क'\n", 8, "punctuation lists single marks"),
        (BASE.replace("क ख", "क ५"), 7, "alphabet.letters holds U+096B"),
        (BASE.replace("क ख", "ह-क"), 7, "alphabet.letters has a run that starts after its end"),
        (BASE.replace("क ख", "कखगघङचछ"), 7, "alphabet.letters holds more than one letter"),
        (BASE + "look_alikes: {क: कक}\n", 8, "look_alikes.क doesn't hold itself"),
        (BASE + "optional_marks: ◌ा\n", 8, "optional_marks are among alphabet.marks"),
        (BASE + "joiner: virama\n", 8, "joiner is no key of this file"),
    ],
)
def test_a_fault_in_a_language_file_is_named_with_its_line(
    tmp_path: Path, text: str, line: int, rule: str
) -> None:
    path = write(tmp_path, text)

    with pytest.raises(ConfigurationError) as caught:
        load_language(path)

    assert f"{path}:{line}: {rule}" in str(caught.value)
