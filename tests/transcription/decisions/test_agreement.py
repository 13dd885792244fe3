"""Distances between texts, against the field's own tool."""

import jiwer
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.transcription.sentences import guidelines
from tests.transcription.strategies import typed_text
from transcription.decisions.agreement import agreement, error_rates, joined, total
from transcription.rules.guideline import strict
from transcription.text import comparison

HINDI = guidelines()["hi"]
WORDS = st.lists(st.sampled_from("राम श्याम घर गया था है को में".split()), max_size=8).map(" ".join)  # noqa: SIM905


def test_nothing_against_a_text_is_one_and_nothing_against_nothing_is_zero() -> None:
    assert (agreement("", "राम", HINDI).cer, agreement("", "राम", HINDI).wer) == (1.0, 1.0)
    assert (agreement("", "", HINDI).cer, agreement("", "", HINDI).wer) == (0.0, 0.0)
    assert error_rates("राम", "", HINDI).wer == 1.0
    assert error_rates("", "राम", HINDI).wer == 1.0
    assert error_rates("", "", HINDI).wer == 0.0


def test_two_permitted_spellings_of_a_word_are_no_error() -> None:
    assert error_rates("मरीज की मौत हो गई", "मरीज़ की मौत हो गयी।", HINDI).word_edits == 0
    assert agreement("मरीज की मौत हो गई", "मरीज की मौत हो गए", HINDI).wer == 0.2


def test_tags_punctuation_and_spelling_variants_do_not_count() -> None:
    assert agreement("राम <noise> गया।", "<cough> राम, गया", HINDI).cer == 0
    assert agreement("<noise>", "", HINDI).cer == 0
    assert agreement("\u0958लम", "क\u093cलम", HINDI).cer == 0


def test_of_alternatives_the_nearer_one_counts_on_either_side() -> None:
    assert agreement("{राम | श्याम} गया", "श्याम गया", HINDI).cer == 0
    assert agreement("श्याम गया", "{राम | श्याम} गया", HINDI).cer == 0
    assert agreement("{राम | श्याम} गया", "{मोहन | श्याम} गया", HINDI).wer == 0


@given(typed_text(HINDI), typed_text(HINDI))
def test_agreement_is_a_share_and_the_same_both_ways(one: str, other: str) -> None:
    forward, back = agreement(one, other, HINDI), agreement(other, one, HINDI)

    assert forward == back
    assert 0 <= forward.cer <= 1 and 0 <= forward.wer <= 1
    assert agreement(one, one, HINDI).cer == 0


@given(WORDS.filter(bool), WORDS)
def test_error_rates_are_those_of_jiwer(truth: str, guess: str) -> None:
    rates = error_rates(truth, guess, HINDI)

    assert rates.wer == pytest.approx(jiwer.wer(truth, guess) if guess else 1.0)
    assert rates.cer == pytest.approx(jiwer.cer(truth, guess) if guess else 1.0)


def test_real_errors_are_counted_in_characters_and_words() -> None:
    rates = error_rates("मरीज की मौत हो गई", "मरीज की मौत हो गयी।", strict(HINDI))

    assert (rates.word_edits, rates.words, rates.wer) == (1, 5, 0.2)
    assert (rates.character_edits, rates.characters) == (2, len("मरीज की मौत हो गई"))


def test_many_clips_are_weighed_by_length() -> None:
    rates = [error_rates("राम घर गया था", "राम घर गया था", HINDI), error_rates("राम", "श्याम", HINDI)]

    assert total(rates).wer == pytest.approx(1 / 5)
    assert total([]).wer == 0


def test_texts_of_several_clips_are_joined_by_a_space() -> None:
    assert joined(["राम", "", " ", "गया"]) == "राम गया"
    assert comparison(joined(["राम", "गया"]), HINDI).split() == ["राम", "गया"]
