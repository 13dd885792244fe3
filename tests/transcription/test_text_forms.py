"""The three levels of a text hold for every text there is, in every language."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.transcription.sentences import guidelines
from tests.transcription.strategies import any_text, typed_text
from transcription.text import comparison, count, graphemes, normalised, readings, tidy, verbatim
from transcription.text.forms import MOST_READINGS
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
    assert "\x00" not in kept and "\r" not in kept


@given(any_text())
def test_the_pieces_of_any_text_are_the_text(text: str) -> None:
    assert "".join(piece.text for piece in pieces(text)) == text


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("ఒక\r\nరెండు\rమూడు\u2028నాలుగు", "ఒక\nరెండు\nమూడు\nనాలుగు"),
        ("ఒక\u00a0రెండు\tమూడు", "ఒక రెండు మూడు"),
        ("a\x00b\ud800", "a\ufffdb\ufffd"),
        ("క\u0c46\u0c56", "కై"),
        ("क\u0902\u093e", "कां"),
        ("क\u093f\u093c", "क\u093c\u093f"),
        ("ক\u09be\u09c7", "কো"),
        ("ക\u0d3e\u0d46", "കൊ"),
        ("की\u0940", "की"),
        ("സാർ\u200c", "സാർ\u200c"),
        ("  two  spaces ", "  two  spaces "),
    ],
)
def test_verbatim_changes_only_what_nobody_sees(typed: str, kept: str) -> None:
    assert verbatim(typed) == unicodedata.normalize("NFC", kept)


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
