"""One text from several, and the columns that an adjudicator sees."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.transcription.sentences import guidelines
from tests.transcription.strategies import typed_text
from transcription.decisions.consensus import consensus, decided_words
from transcription.decisions.language_fit import learn
from transcription.text import comparison, normalised
from transcription.text.checker import check

HINDI = guidelines()["hi"]


def test_the_vote_repairs_what_each_one_got_wrong() -> None:
    texts = ["राम कल घर गया था", "राम कल गर गया था", "राम घर गया था"]

    assert consensus(texts, HINDI).text == "राम कल घर गया था"


def test_columns_show_word_under_word() -> None:
    columns = consensus(["राम घर गया था", "राम घर गया", "श्याम घर को गया"], HINDI).columns

    assert [column.words for column in columns] == [
        ("राम", "राम", "श्याम"),
        ("घर", "घर", "घर"),
        (None, None, "को"),
        ("गया", "गया", "गया"),
        ("था", None, None),
    ]
    assert [column.agreed for column in columns] == [False, True, False, True, False]
    assert [column.vote for column in columns] == ["राम", "घर", None, "गया", None]


def test_a_tie_goes_to_the_text_that_is_closest_to_all() -> None:
    found = consensus(["राम घर", "राम वन", "राम घन"], HINDI)

    assert found.closest == 2
    assert found.text == "राम घन"


def test_of_two_equal_texts_the_first_is_taken() -> None:
    assert consensus(["राम घर", "श्याम घर"], HINDI).text == "राम घर"


def test_trust_outweighs_number() -> None:
    texts = ["राम घर", "श्याम घर", "श्याम घर"]

    assert consensus(texts, HINDI).text == "श्याम घर"
    assert consensus(texts, HINDI, [0.9, 0.3, 0.3]).text == "राम घर"


def test_the_vote_knows_how_sure_it_is() -> None:
    agreeing = consensus(["राम घर"] * 2, HINDI)
    differing = consensus(["राम घर", "राम वन"], HINDI)
    outvoted = consensus(["राम घर", "राम वन", "राम वन"], HINDI)
    unequal = consensus(["राम घर", "राम वन"], HINDI, [0.98, 0.7])

    assert agreeing.doubt < 0.01 < outvoted.doubt < 0.03 < unequal.doubt < differing.doubt
    assert differing.columns[1].sure < 0.5 < outvoted.columns[1].sure
    assert consensus([""], HINDI).doubt == 0


ACCEPTED = learn(
    [
        f"{who} {where} गया {when}"
        for who in ("राम", "श्याम", "सीता", "गीता", "मोहन")
        for where in ("घर", "बाज़ार", "खेत", "गाँव")
        for when in ("था", "है", "कल")
    ]
)


def test_of_two_words_alike_the_one_that_accepted_texts_have_is_taken_and_is_surer() -> None:
    texts = ["राम गर गया था", "राम घर गया था"]

    alone, with_language = consensus(texts, HINDI), consensus(texts, HINDI, language=ACCEPTED)

    assert (alone.text, with_language.text) == (texts[0], texts[1])
    assert with_language.columns[1].sure > 0.75 > 0.5 > alone.columns[1].sure


def test_two_who_agree_outweigh_the_language_and_words_it_lacks_stay() -> None:
    new = ["राम गर गया था", "राम गर गया था", "राम घर गया था"]

    assert consensus(new, HINDI, language=ACCEPTED).text == new[0]
    assert consensus(new[:1], HINDI, language=ACCEPTED).text == new[0]


def test_who_mishears_writes_a_word_of_the_language_so_that_it_says_nothing() -> None:
    texts = ["राम पुस्तकालय गया था", "राम घर गया था"]

    assert consensus(texts, HINDI, language=ACCEPTED) == consensus(texts, HINDI)


def test_one_word_or_two_is_one_question_and_the_language_helps_with_it() -> None:
    texts = ["राम घरगया था", "राम घर गया था"]

    assert [column.words for column in consensus(texts, HINDI).columns] == [
        ("राम", "राम"),
        ("घरगया", "घर गया"),
        ("था", "था"),
    ]
    assert consensus(texts, HINDI, language=ACCEPTED).text == texts[1]


def test_what_a_reviewer_decided_between_two_texts() -> None:
    right = "राम कल घर गया था"
    slip_and_word_left_out = ["राम कल गर गया था", "राम घर गया था"]
    slip_and_word_put_in = ["राम कल गर गया था", "राम कल घर गया ही था"]
    both_wrong_alike = ["राम कल गर गया था"] * 2

    assert list(decided_words(right, slip_and_word_left_out, HINDI)) == [("कल", None), ("घर", "गर")]
    assert list(decided_words(right, slip_and_word_put_in, HINDI)) == [("घर", "गर"), (None, "ही")]
    assert list(decided_words(right, both_wrong_alike, HINDI)) == []


def test_tags_do_not_vote_and_stay_with_their_word() -> None:
    assert consensus(["राम <noise> गया", "राम गया", "राम गया"], HINDI).text == "राम <noise> गया"
    assert consensus(["<cough>", "<cough>"], HINDI).text == "<cough>"


def test_a_false_start_of_several_words_is_no_word() -> None:
    found = consensus(["<falsestart>रा मा</falsestart> राम गया", "राम गया", "राम गया"], HINDI)

    assert [column.agreed for column in found.columns] == [True, True]


def test_half_of_a_span_that_lost_the_vote_is_dropped() -> None:
    found = consensus(["राम <foreign>good morning</foreign> बोला", "राम good बोला", "राम good बोला"], HINDI)

    assert found.text == "राम good बोला"


def test_one_text_stands_for_itself_and_nothing_for_nothing() -> None:
    assert consensus(["राम  गया |"], HINDI).text == "राम गया।"
    assert consensus(["", "", ""], HINDI).text == ""
    assert consensus(["", "", ""], HINDI).columns == ()


@pytest.mark.parametrize("weights", [[1.0], [1.0, 0.0], [1.0, -1.0]])
def test_weights_that_do_not_fit_are_refused(weights: list[float]) -> None:
    with pytest.raises(ValueError, match="one weight above 0"):
        consensus(["राम", "गया"], HINDI, weights)


def test_no_text_at_all_is_refused() -> None:
    with pytest.raises(ValueError, match="given none"):
        consensus([], HINDI)


@settings(max_examples=60)
@given(st.lists(typed_text(HINDI), min_size=1, max_size=4))
def test_any_texts_come_to_a_consensus_whose_columns_hold_all_their_words(texts: list[str]) -> None:
    found = consensus(texts, HINDI)

    check(found.text, HINDI)
    for index, text in enumerate(texts):
        written = " ".join(column.words[index] or "" for column in found.columns).split()
        assert "".join(written) == "".join(normalised(text, HINDI).split())


@settings(max_examples=60)
@given(typed_text(HINDI))
def test_three_who_say_the_same_are_unanimous(text: str) -> None:
    found = consensus([text] * 3, HINDI)

    assert all(column.agreed for column in found.columns)
    assert comparison(found.text, HINDI) == comparison(text, HINDI)
