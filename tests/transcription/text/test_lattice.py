"""The lattice of a text holds the text, and every permitted way to spell it."""

from itertools import islice

import pytest
from hypothesis import given

from tests.transcription.sentences import guidelines
from tests.transcription.text.test_spellings import TWO_TEXTS
from transcription.decisions.agreement import error_rates
from transcription.rules.guideline import strict
from transcription.text import comparison
from transcription.text.lattice import (
    edits_of,
    from_json,
    has_choice,
    lattice_of,
    texts_of,
    to_json,
    word_edits,
)

HINDI = guidelines()["hi"]


def test_a_lattice_lists_the_spellings_of_each_word_and_joined_endings() -> None:
    lattice = lattice_of("उस ने हिंदी <noise> पढ़ी।", HINDI)

    assert lattice[0] == ("उस ने", "उसने")
    assert set(lattice[1]) == {"हिंदी", "हिन्दी"}
    assert [segment[0] for segment in lattice] == ["उस ने", "हिंदी", "पढ़ी"]
    assert has_choice(lattice) and not has_choice(lattice_of("पढ़ी", HINDI))


@given(TWO_TEXTS)
def test_a_lattice_holds_its_text_first_and_only_what_counts_as_the_same(drawn: tuple[str, str, str]) -> None:
    code, text, _ = drawn
    guideline = guidelines()[code]
    lattice = lattice_of(text, guideline)

    texts = texts_of(lattice, 40)

    assert texts[0] == comparison(text, guideline)
    assert all(error_rates(text, other, guideline).word_edits == 0 for other in islice(texts, 40))
    assert from_json(to_json(lattice)) == lattice


@given(TWO_TEXTS)
def test_edits_from_a_lattice_are_at_most_the_plain_ones(drawn: tuple[str, str, str]) -> None:
    code, text, guess = drawn
    guideline = guidelines()[code]
    words = comparison(guess, guideline).split()

    edits = word_edits(lattice_of(text, guideline), words)

    assert edits <= error_rates(text, guess, strict(guideline)).word_edits
    assert word_edits(lattice_of(text, guideline), comparison(text, guideline).split()) == 0


@pytest.mark.parametrize(
    ("guess", "edits"), [("उसने हिन्दी पढ़ी", 0), ("उसने हिन्दी", 1), ("उस ने हंदी पढ़ी", 1), ("", 4)]
)
def test_a_recogniser_is_not_blamed_for_a_permitted_spelling(guess: str, edits: int) -> None:
    found = word_edits(lattice_of("उस ने हिंदी पढ़ी", HINDI), guess.split())

    assert found == (3 if guess == "" else edits)  # the ending may be joined: three words at least were said


@pytest.mark.parametrize("text", ["{}", "[[]]", "[1]", '[[""]]'])
def test_what_is_no_lattice_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="list of lists"):
        from_json(text)


@given(TWO_TEXTS)
def test_the_edits_of_a_hypothesis_are_the_fewest_and_hold_every_word_of_it_once(
    drawn: tuple[str, str, str],
) -> None:
    code, text, guess = drawn
    guideline = guidelines()[code]
    lattice, words = lattice_of(text, guideline), comparison(guess, guideline).split()

    edits = edits_of(lattice, words)

    assert sum(edit.kind != "kept" for edit in edits) == word_edits(lattice, words)
    assert " ".join(edit.heard for edit in edits if edit.heard is not None).split() == words


def test_a_text_heard_as_it_is_written_is_kept_word_by_word() -> None:
    lattice = lattice_of("उस ने हिंदी पढ़ी", HINDI)

    edits = edits_of(lattice, ["उसने", "हिन्दी", "पढ़ी"])

    assert [(edit.kind, edit.heard, edit.written) for edit in edits] == [
        ("kept", "उसने", "उस ने"),
        ("kept", "हिन्दी", "हिंदी"),
        ("kept", "पढ़ी", "पढ़ी"),
    ]


def test_words_that_the_model_changed_added_and_left_out_are_named() -> None:
    lattice = lattice_of("मैं कल गाँव जाऊँगा", HINDI)

    edits = edits_of(lattice, ["अरे", "मैं", "कल", "नाव"])

    assert [(edit.kind, edit.heard, edit.written) for edit in edits] == [
        ("dropped", "अरे", None),
        ("kept", "मैं", "मैं"),
        ("kept", "कल", "कल"),
        ("changed", "नाव", "गाँव"),
        ("added", None, "जाऊँगा"),
    ]
