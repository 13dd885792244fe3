"""How usual a word is, and how far the project's reviewers have shown that to be believed."""

import math
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.transcription.sentences import guidelines
from transcription.decisions.language_fit import MOST_BELIEVED, DecidedWord, LanguageFit, learn
from transcription.text import comparison

TEXTS = [
    f"{who} {where} गया {when}"
    for who in ("राम", "श्याम", "सीता", "गीता", "मोहन")
    for where in ("घर", "बाज़ार", "खेत", "गाँव")
    for when in ("था", "है", "कल")
]


def learnt(decided: Sequence[DecidedWord] = (), texts: Sequence[str] = TEXTS) -> LanguageFit:
    found = learn([comparison(text, guidelines()["hi"]) for text in texts], decided)
    assert found is not None
    return found


def test_a_word_that_was_accepted_is_likelier_than_a_slip_and_that_than_another_script() -> None:
    fit = learnt()

    assert fit.word_chance("घर") > 1000 * fit.word_chance("गर") > 1000 * fit.word_chance("ఇల్లు")
    assert fit.odds(["घर", "गर"]) == pytest.approx([4.0, 1.0])
    assert fit.odds(["घरगया", "घर गया"]) == pytest.approx([1.0, 4.0])


def test_reviewers_who_take_the_usual_word_make_it_believed_more_and_others_less() -> None:
    usual = [DecidedWord(number, "घर", "गर") for number in range(20)]
    dialect = [DecidedWord(number, "गर", "घर") for number in range(20)]

    assert learnt(usual).believed == 24 / 25
    assert learnt(dialect).believed == 0.5 and learnt(dialect).odds(["घर", "गर"]) == [1.0, 1.0]
    assert learnt(usual * 100).believed == MOST_BELIEVED


def test_words_that_are_not_alike_or_equally_usual_say_nothing_of_it() -> None:
    silent = [DecidedWord(0, "घर", "पुस्तकालय"), DecidedWord(1, "था", "है"), DecidedWord(2, None, "घर")]

    assert learnt(silent).believed == learnt().believed


def test_a_word_is_judged_by_texts_that_it_does_not_stand_in() -> None:
    once = [*TEXTS, "राम झर गया"]

    assert learnt([DecidedWord(len(TEXTS), "झर", "घर")], once).believed < learnt(texts=once).believed


def test_whether_a_word_was_said_that_one_left_out_is_learnt_too() -> None:
    kept = [DecidedWord(0, "कल", None)] * 8

    assert learnt().spoken == 0.5
    assert learnt(kept).spoken == 0.9
    assert learnt([*kept, *[DecidedWord(0, None, "ही")] * 8]).spoken == 0.5


@pytest.mark.parametrize("text", ["", "क", "राम घर गया था"])
def test_any_word_has_a_chance(text: str) -> None:
    assert 0 < learnt().word_chance(text or "x") < 1


@given(st.lists(st.sampled_from(["घर", "गर", "बाज़ार", "राम गया", "x"]), min_size=1, max_size=4))
def test_odds_are_of_the_least_likely_and_bounded(words: list[str]) -> None:
    odds = FIT.odds(words)

    assert min(odds) == 1.0 and max(odds) <= FIT.believed / (1 - FIT.believed) + 1e-9
    assert all(math.isfinite(each) for each in odds)


FIT = learnt()
