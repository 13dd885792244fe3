"""The three levels of a text hold for every text there is, in every language."""

import unicodedata
from collections import Counter

import pytest
import regex
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.transcription.sentences import guidelines
from tests.transcription.strategies import any_text, typed_text
from transcription.rules.language import characters
from transcription.text import check, comparison, count, graphemes, normalised, readings, tidy, verbatim
from transcription.text.canonical import canonical
from transcription.text.do_not_emit import do_not_emit
from transcription.text.forms import MOST_READINGS
from transcription.text.mends import look_alikes
from transcription.text.pieces import pieces

CODES = sorted(guidelines())


@pytest.mark.parametrize("code", CODES)
@settings(max_examples=40)
@given(data=st.data())
def test_each_level_of_any_text_is_its_own_level(code: str, data: st.DataObject) -> None:
    guideline = guidelines()[code]
    text = data.draw(typed_text(guideline) | any_text())

    kept, shown, counted = verbatim(text), normalised(text, guideline), comparison(text, guideline)

    assert verbatim(kept) == kept
    assert normalised(shown, guideline) == shown == normalised(kept, guideline)
    assert comparison(counted, guideline) == counted == comparison(shown, guideline)
    assert tidy(tidy(text, guideline), guideline) == tidy(text, guideline)
    assert counted in readings(text, guideline)


@given(any_text())
def test_every_verbatim_text_can_be_stored(text: str) -> None:
    kept = verbatim(text)

    assert kept.encode("utf-8").decode("utf-8") == unicodedata.normalize("NFC", kept)
    assert "\x00" not in kept


@given(any_text())
def test_the_pieces_of_any_text_are_the_text(text: str) -> None:
    assert "".join(piece.text for piece in pieces(text)) == text


_LETTERS_AND_MARKS = regex.compile(r"[\p{L}\p{M}--[\uFE00-\uFE0F\u034F]]", regex.V1)


@settings(max_examples=500)
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_verbatim_differs_from_what_was_typed_by_composed_form_at_most(typed: str) -> None:
    assert verbatim(typed) == unicodedata.normalize("NFC", typed)


@settings(max_examples=500)
@given(st.text(st.characters(categories=["L", "M"]) | st.sampled_from("\u200c\u200d ")))
def test_the_order_of_marks_is_put_right_without_a_letter_or_mark_lost_or_added(typed: str) -> None:
    assert Counter(unicodedata.normalize("NFD", canonical(typed))) == Counter(
        unicodedata.normalize("NFD", typed)
    )


@pytest.mark.parametrize("code", CODES)
@settings(max_examples=60)
@given(data=st.data())
def test_what_a_dataset_shows_holds_every_letter_and_mark_that_was_typed_but_look_alikes(
    code: str, data: st.DataObject
) -> None:
    guideline = guidelines()[code]
    alphabet = sorted(characters(guideline.language.alphabet) - set(look_alikes(guideline.language)))
    typed = data.draw(st.text(st.sampled_from([*alphabet, " ", "\u200c", "\u200d"]), max_size=12))
    assume(not any(each in canonical(typed) for each in look_alikes(guideline.language)))

    shown = normalised(typed, guideline)

    assert _letters(shown) == _letters(typed)


def _letters(text: str) -> Counter[str]:
    return Counter(_LETTERS_AND_MARKS.findall(unicodedata.normalize("NFD", text)))


def test_every_sequence_of_unicodes_do_not_use_tables_is_mended_or_remarked_on_where_the_script_is_ours() -> (
    None
):
    seen = 0
    for code, guideline in guidelines().items():
        own = characters(guideline.language.alphabet)
        for typed, meant in do_not_emit().items():
            if own.issuperset(typed.replace("\u200d", "")):
                seen += 1
                codes = {finding.code for finding in check(f"{typed}", guideline)}
                assert normalised(typed, guideline) == meant or codes & {"vowel_sign", "mark_clash"}, (
                    code,
                    typed,
                )
    assert seen > 100


def test_a_letter_of_an_arabic_keyboard_that_may_be_one_of_two_is_asked_about() -> None:
    urdu = guidelines()["ur"]

    (finding,) = check("گهر", urdu)

    assert finding.code == "ambiguous_letter"
    assert "گہر or گھر" in finding.message
    assert normalised("گهر", urdu) == "گهر"


@pytest.mark.parametrize(
    ("code", "typed", "shown"),
    [
        ("ml", "കെെ", "കൈ"),
        ("ml", "ഒാണം", "ഓണം"),
        ("hi", "आॅफिस", "ऑफिस"),
        ("hi", "आे", "ओ"),
        ("ta", "கெெ", "கெெ"),
        ("hi", "केे", "केे"),
        ("kn", "ಉಾ", "ಊ"),
        ("kn", "ಕೀೀ", "ಕೀೀ"),
        ("bn", "ঋৃ", "ৠ"),
        ("bn", "কাা", "কাা"),
        ("gu", "ઍા", "ઍા"),
        ("ur", "اََ", "اََ"),
        ("ur", "ب\ufe76", "ب\u064e"),
    ],
)
def test_a_mend_never_makes_another_word(code: str, typed: str, shown: str) -> None:
    guideline = guidelines()[code]

    assert verbatim(typed) == unicodedata.normalize("NFC", typed)
    assert normalised(typed, guideline) == unicodedata.normalize("NFC", shown)
    assert [one for one in check(typed, guideline) if one.code != "rare_letter"]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("a\x00b\ud800", "a\ufffdb\ufffd"),
        ("ఒక\u00a0రెండు\tమూడు\r\n", "ఒక\u00a0రెండు\tమూడు\r\n"),
        ("സാർ\u200c", "സാർ\u200c"),
        ("की\u0940", "की\u0940"),
        ("क\u0902\u093e", "क\u0902\u093e"),
    ],
)
def test_verbatim_is_what_was_typed(typed: str, kept: str) -> None:
    assert verbatim(typed) == kept


@pytest.mark.parametrize(
    ("typed", "ordered"),
    [
        ("క\u0c46\u0c56", "కై"),
        ("क\u0902\u093e", "कां"),
        ("क\u093f\u093c", "क\u093c\u093f"),
        ("ক\u09be\u09c7", "কো"),
        ("ക\u0d3e\u0d46", "കൊ"),
    ],
)
def test_marks_in_another_order_that_look_the_same_are_stored_the_same(typed: str, ordered: str) -> None:
    assert canonical(typed) == unicodedata.normalize("NFC", ordered)


@pytest.mark.parametrize(
    ("typed", "counted"),
    [
        ("राम <noise> गया।", "राम गया"),
        ("राम<noise>गया", "राम गया"),
        ("<falsestart>रा</falsestart> राम गया", "राम गया"),
        ("<falsestart>रा मा</falsestart>राम", "राम"),
        ("<falsestart>राम गया", "राम गया"),
        ("<foreign>Good Morning</foreign> जी!", "good morning जी"),
        ("<unclear> राम <unclear>गया</unclear>", "राम गया"),
        ("{राम | श्याम} गया", "राम गया"),
        ("राम-श्याम, और “वह”", "राम श्याम और वह"),
        ("₹५०० का 10%", "₹500 का 10%"),
        ("don't", "dont"),
        ("<noise>", ""),
        (" \n ", ""),
    ],
)
def test_comparison_counts_words_and_nothing_else(typed: str, counted: str) -> None:
    assert comparison(typed, guidelines()["hi"]) == counted


def test_alternatives_become_the_first_reading_in_a_dataset_and_all_of_them_in_metrics() -> None:
    hindi = guidelines()["hi"]

    assert normalised("{आया | आए} थे", hindi) == "आया थे"
    assert tidy("{आया |  आए}  थे", hindi).startswith("{आया")
    assert readings("{आया | आए} {थे | हैं}", hindi) == ("आया थे", "आया हैं", "आए थे", "आए हैं")


def test_a_text_with_very_many_alternatives_costs_nothing() -> None:
    assert len(readings("{a | b} " * 200, guidelines()["en-IN"])) <= MOST_READINGS


def test_people_count_graphemes() -> None:
    assert graphemes("కాకి") == ["కా", "కి"]
    assert count("ന്‌") == 1
    assert count("") == 0


def test_long_text_is_handled_in_reasonable_time() -> None:
    hindi = guidelines()["hi"]

    assert len(normalised("मैं  घर <noise> गया। " * 2000, hindi)) > 30_000
    assert normalised("<" * 50_000, hindi) == "<" * 50_000
    assert normalised("{|" * 5_000, hindi)
