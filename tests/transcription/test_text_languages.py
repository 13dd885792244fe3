"""What is kept, put right and refused, in every language and on recorded people's real transcripts."""

import csv
import unicodedata
from pathlib import Path

import pytest

from tests.transcription.sentences import CASES, guidelines
from transcription.rules.language import ZWJ, ZWNJ
from transcription.text import check, comparison, normalised, tidy, verbatim
from transcription.text.checker import Severity

FOLDERS = {
    "hi": ["hi_air", "hi_gcompris"],
    "kn": ["kn_halthor"],
    "ml": ["ml_msc"],
    "sw": ["sw_swahili"],
    "te": ["te_commonvoice"],
}


def transcripts(shared_data: Path, code: str) -> list[str]:
    texts: list[str] = []
    for folder in FOLDERS[code]:
        with (shared_data / "transcribed" / folder / "transcripts.tsv").open(
            encoding="utf-8", newline=""
        ) as file:
            texts += [row["text"] for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]
    return texts


@pytest.mark.parametrize("code", sorted(CASES))
def test_a_plain_sentence_is_kept_to_the_letter(code: str) -> None:
    guideline, sentence = guidelines()[code], unicodedata.normalize("NFC", CASES[code].kept)

    assert check(sentence, guideline) == ()
    assert normalised(sentence, guideline) == sentence == verbatim(sentence)


@pytest.mark.parametrize("code", sorted(CASES))
def test_what_is_certain_is_put_right(code: str) -> None:
    guideline, case = guidelines()[code], CASES[code]

    mended = tidy(case.typed, guideline)

    assert mended == unicodedata.normalize("NFC", case.tidied)
    assert any(finding.fix is not None for finding in check(case.typed, guideline))
    assert not [finding for finding in check(mended, guideline) if finding.severity is not Severity.NOTE]


@pytest.mark.parametrize("code", sorted(CASES))
def test_what_a_person_must_decide_is_named_and_left_alone(code: str) -> None:
    guideline, case = guidelines()[code], CASES[code]

    findings = check(case.refused, guideline)

    assert case.code in {finding.code for finding in findings}
    assert len(tidy(case.refused, guideline).split()) == len(case.refused.split())


@pytest.mark.parametrize("code", sorted(FOLDERS))
def test_the_alphabet_covers_what_people_of_the_language_wrote(shared_data: Path, code: str) -> None:
    guideline = guidelines()[code]

    for text in transcripts(shared_data, code):
        refused = [f for f in check(text, guideline) if f.severity is Severity.ERROR and f.code != "numeral"]

        assert not refused, text


@pytest.mark.parametrize("code", sorted(FOLDERS))
def test_real_transcripts_survive_normalisation_word_for_word(shared_data: Path, code: str) -> None:
    guideline = guidelines()[code]

    for text in transcripts(shared_data, code):
        assert len(normalised(text, guideline).split()) == len(text.split())
        assert comparison(normalised(text, guideline), guideline) == comparison(text, guideline)


def test_numbers_in_digits_are_refused_in_swahili_transcripts(shared_data: Path) -> None:
    guideline = guidelines()["sw"]

    texts = [text for text in transcripts(shared_data, "sw") if any(c.isdecimal() for c in text)]

    assert len(texts) == 3
    assert all(any(finding.code == "numeral" for finding in check(text, guideline)) for text in texts)


def test_malayalam_chillus_of_both_encodings_become_one_letter(shared_data: Path) -> None:
    guideline = guidelines()["ml"]

    old = [text for text in transcripts(shared_data, "ml") if ZWJ in text]

    assert len(old) > 5
    for text in old:
        assert ZWJ not in normalised(text, guideline)
        assert len(comparison(text, guideline)) < len(text)


def test_a_joiner_stays_where_it_tells_words_apart() -> None:
    marathi, hindi, malayalam = guidelines()["mr"], guidelines()["hi"], guidelines()["ml"]

    assert ZWJ in normalised(f"दर्{ZWJ}या", marathi)
    assert comparison(f"दर्{ZWJ}या", marathi) == comparison("दऱ्या", marathi) != comparison("दर्या", marathi)
    assert ZWJ not in normalised(f"क्{ZWJ}या", hindi)
    assert ZWNJ in normalised(f"കണ്{ZWNJ}വാടി", malayalam)
    assert ZWNJ not in normalised(f"എല്ലാരും{ZWNJ} വന്നു", malayalam)


@pytest.mark.parametrize("code", ["hi", "bn", "pa", "or"])
def test_a_nukta_counts_the_same_composed_or_not(code: str) -> None:
    composed = {"hi": "\u0958लम", "bn": "বা\u09dcি", "pa": "\u0a36ਹਿਰ", "or": "ବ\u0b5c"}[code]
    guideline = guidelines()[code]

    decomposed = unicodedata.normalize("NFD", composed)

    assert composed != decomposed
    assert comparison(composed, guideline) == comparison(decomposed, guideline)


def test_arabic_keyboards_write_the_same_urdu() -> None:
    urdu = guidelines()["ur"]

    assert comparison("يہ كتاب", urdu) == comparison("یہ کتاب", urdu)
    assert comparison("کِتاب", urdu) == comparison("کتاب", urdu)


def test_sindhi_keeps_its_two_kafs_apart() -> None:
    sindhi = guidelines()["sd"]

    assert comparison("ڪارو", sindhi) != comparison("کارو", sindhi)


def test_kashmiri_vowel_marks_count() -> None:
    kashmiri = guidelines()["ks"]

    assert comparison("بہٕ", kashmiri) != comparison("بہ", kashmiri)


def test_tone_marks_count_in_yoruba() -> None:
    yoruba = guidelines()["yo"]

    assert len({comparison(word, yoruba) for word in ("ọkọ", "ọkọ̀", "ọkọ́")}) == 3


def test_swahili_tells_ng_with_apostrophe_from_ng() -> None:
    swahili = guidelines()["sw"]

    assert comparison("ng'oa", swahili) == comparison("NG’OA", swahili) != comparison("ngoa", swahili)


def test_digits_of_every_form_count_as_the_same() -> None:
    telugu = guidelines()["te"]

    assert comparison("౨౫", telugu) == comparison("25", telugu) == comparison("२५", telugu) == "25"


def test_both_schools_of_the_malayalam_half_u_count_as_the_same(shared_data: Path) -> None:
    malayalam = guidelines()["ml"]

    with_sign = [text for text in transcripts(shared_data, "ml") if "\u0d41\u0d4d" in text]

    assert with_sign
    for text in with_sign:
        assert comparison(text, malayalam) == comparison(text.replace("\u0d41\u0d4d", "\u0d4d"), malayalam)
        assert "\u0d41\u0d4d" in normalised(text, malayalam)


@pytest.mark.parametrize("code", sorted(CASES))
def test_taking_the_offered_fixes_one_by_one_is_the_same_as_tidying(code: str) -> None:
    guideline = guidelines()[code]
    text = CASES[code].typed

    while offered := [finding for finding in check(text, guideline) if finding.fix is not None]:
        first = offered[0]
        text = text[: first.start] + (first.fix or "") + text[first.start + first.length :]

    assert text == tidy(CASES[code].typed, guideline)
