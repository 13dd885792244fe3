"""Permitted spellings: what the rules of each language make one word, and what they leave two."""

from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.transcribers import read_sentences
from catalog.config.configuration import ConfigurationError
from tests.transcription.sentences import CONFIGS, guidelines
from tests.transcription.strategies import typed_text
from transcription.decisions.agreement import agreement, error_rates
from transcription.rules.guideline import Guideline, load_guideline, strict, with_learnt
from transcription.rules.spelling import load_spelling_rules
from transcription.text import comparison, normalised, verbatim
from transcription.text.spellings import MOST_FORMS, spellings_of

SPELT = sorted(path.stem for path in (CONFIGS / "spellings").glob("*.yaml"))
PERMITTED = [(code, *pair) for code in SPELT for pair in guidelines()[code].spelling_rules.permitted]
FORBIDDEN = [(code, *pair) for code in SPELT for pair in guidelines()[code].spelling_rules.forbidden]
HINDI = guidelines()["hi"]


def words_of(code: str) -> st.SearchStrategy[str]:
    """Words of the examples and what is nearly one: the places where rules meet."""
    examples = [
        word for pairs in (PERMITTED, FORBIDDEN) for lang, *pair in pairs if lang == code for word in pair
    ]
    one_word = st.sampled_from(sorted({word for text in examples for word in text.split()}))
    letters = st.sampled_from(sorted({letter for text in examples for letter in text if letter != " "}))
    joined = st.tuples(one_word, letters, one_word).map("".join)
    made = st.one_of(one_word, joined, st.lists(letters, min_size=1, max_size=8).map("".join))
    return made.map(lambda word: comparison(word, guidelines()[code]).replace(" ", "")).filter(bool)


def texts_of(code: str) -> st.SearchStrategy[str]:
    return st.lists(words_of(code), max_size=5).map(" ".join)


WORD_OF_A_LANGUAGE = st.sampled_from(SPELT).flatmap(lambda code: st.tuples(st.just(code), words_of(code)))
TWO_TEXTS = st.sampled_from(SPELT).flatmap(
    lambda code: st.tuples(st.just(code), texts_of(code), texts_of(code))
)


def test_the_languages_of_the_region_have_rules() -> None:
    assert {"hi", "mr", "bn", "te", "ta", "kn", "ml", "gu", "pa", "or", "ur"} <= set(SPELT)


@pytest.mark.parametrize(("code", "one", "other"), PERMITTED)
def test_every_example_of_a_permitted_spelling_is_no_error(code: str, one: str, other: str) -> None:
    found = error_rates(one, other, guidelines()[code])

    assert (found.word_edits, found.character_edits) == (0, 0)
    assert error_rates(one, other, strict(guidelines()[code])).word_edits > 0


@pytest.mark.parametrize(("code", "one", "other"), FORBIDDEN)
def test_every_minimal_pair_stays_an_error(code: str, one: str, other: str) -> None:
    assert error_rates(one, other, guidelines()[code]).word_edits > 0


@given(WORD_OF_A_LANGUAGE)
def test_every_permitted_form_of_a_word_may_stand_for_it_and_it_for_them(drawn: tuple[str, str]) -> None:
    code, word = drawn
    spellings = spellings_of(guidelines()[code])

    forms = spellings.forms(word)

    assert forms[0] == word and len(set(forms)) == len(forms) <= MOST_FORMS
    assert {spellings.key(form) for form in forms} == {spellings.key(word)}
    if len(forms) < MOST_FORMS:
        assert all(set(spellings.forms(form)) == set(forms) for form in forms)


@given(TWO_TEXTS)
def test_the_distance_is_nought_to_itself_the_same_both_ways_and_never_above_plain_edits(
    drawn: tuple[str, str, str],
) -> None:
    code, one, other = drawn
    guideline = guidelines()[code]

    there, back, plain = (
        agreement(one, other, guideline),
        agreement(other, one, guideline),
        agreement(one, other, strict(guideline)),
    )

    assert agreement(one, one, guideline).wer == agreement(one, one, guideline).cer == 0
    assert there == back
    assert there.wer <= plain.wer and there.cer <= plain.cer


@given(st.sampled_from(SPELT).flatmap(lambda code: st.tuples(st.just(code), typed_text(guidelines()[code]))))
@settings(max_examples=50)
def test_any_text_at_all_is_at_no_distance_from_itself(drawn: tuple[str, str]) -> None:
    code, text = drawn

    assert agreement(text, text, guidelines()[code]).cer == 0


def test_the_text_itself_is_never_changed() -> None:
    assert verbatim("हिन्दी") == "हिन्दी"
    assert normalised("हिन्दी बाजार", HINDI) == "हिन्दी बाजार"


@pytest.mark.parametrize("code", ["hi", "kn", "ml", "te"])
def test_no_two_different_words_of_real_transcripts_are_made_one(shared_data: Path, code: str) -> None:
    guideline = guidelines()[code]
    spellings = spellings_of(guideline)
    by_key: dict[str, set[str]] = defaultdict(set)
    for text in read_sentences(shared_data / "transcribed", [code])[code]:
        for word in comparison(text, guideline).split():
            by_key[spellings.key(word)].add(word)

    merged = [words for words in by_key.values() if len(words) > 1]

    assert sum(map(len, by_key.values())) > 50
    assert merged == ([{"आए", "आये"}] if code == "hi" else [])  # these two are one word


def test_a_learnt_pair_counts_with_all_that_the_rules_make_of_its_words() -> None:
    learnt = with_learnt(HINDI, [("टमाटर", "टमाटो"), ("टमाटो", "टोमैटो")])

    assert error_rates("टमाटर", "टोमैटो", HINDI).word_edits == 1
    assert error_rates("टमाटर", "टोमैटो", learnt).word_edits == 0
    assert set(spellings_of(learnt).forms("टमाटर")) == {"टमाटर", "टमाटो", "टोमैटो"}
    assert error_rates("टमाटर", "मटर", learnt).word_edits == 1


def test_an_english_word_counts_in_either_script_only_where_the_guideline_says_so(tmp_path: Path) -> None:
    either = guideline_of(tmp_path, "english_in_either_script: true")

    assert error_rates("मेरी बस", "मेरी bus", HINDI).word_edits == 1
    assert error_rates("मेरी बस", "मेरी bus", either).word_edits == 0
    assert error_rates("मेरी बस", "मेरी train", either).word_edits == 1


def guideline_of(folder: Path, more: str) -> Guideline:
    """The Hindi guideline of a configs folder like ours, with a line more."""
    for name in ("languages", "spellings"):
        (folder / name).symlink_to(CONFIGS / name)
    (folder / "tags.yaml").symlink_to(CONFIGS / "tags.yaml")
    for code in ("default", "hi"):
        (folder / "guidelines" / code).mkdir(parents=True)
        written = (CONFIGS / "guidelines" / code / "v1.yaml").read_text("utf-8")
        (folder / "guidelines" / code / "v1.yaml").write_text(
            written + (f"\n{more}\n" if code == "hi" else "")
        )
    return load_guideline(folder, HINDI.language)


@pytest.mark.parametrize(
    ("rule", "fault"),
    [
        ("sets: [[ं]]", "two spellings or more"),
        ("sets: [[क, ख], [ख, ग]]", "each spelling in one set only"),
        ("sets: [[क, ख]]\n    after: '[क'", "regular expression"),
    ],
)
def test_a_rule_that_can_not_work_is_refused_with_its_line(tmp_path: Path, rule: str, fault: str) -> None:
    (tmp_path / "spellings").mkdir()
    (tmp_path / "spellings" / "hi.yaml").write_text(
        f"rules:\n  - name: a\n    {rule}\n    because: b\n    same: [[क, ख]]\n", "utf-8"
    )

    with pytest.raises(ConfigurationError, match=fault):
        load_spelling_rules(tmp_path, "hi")
