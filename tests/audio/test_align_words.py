"""Which words are spoken, in which letters a voice gets them, and which voice reads which language."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.align.espeak import speak, voices
from audio.align.languages import NEAREST, NoVoiceError, nearest_voice
from audio.align.words import split_words, spoken_forms


def test_tags_and_punctuation_are_not_words_and_words_keep_their_writing():
    text = "अच्छा, <noise> तो… — [long laugh] “चलो” 25% ! don't"

    assert split_words(text) == ["अच्छा,", "तो…", "“चलो”", "25%", "don't"]


@given(st.text(max_size=60))
def test_every_word_of_a_split_stands_in_the_text_in_order(text):
    place = 0
    for word in split_words(text):
        place = text.index(word, place) + len(word)


def test_joiners_and_marks_stay_in_a_word_and_punctuation_goes():
    assert spoken_forms(["(അവന്‍)", "क्‍ष।", "e-mail,", "1,250/-", "‘हाँ’"], "hi") == [
        "അവന്‍", "क्‍ष", "e-mail", "1,250", "हाँ",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("word", "voice", "form"),
    [
        ("ᱥᱟᱱᱛᱟᱲᱤ", "hi", "सान्ताड़ि"),
        ("ᱡᱚᱦᱟᱨ", "hi", "जहार"),
        ("ꯃꯅꯤꯄꯨꯔ", "bn", "মনিপুর"),
        ("ꯑꯩ", "bn", "ঐ"),
        ("रामः", "kn", "ರಾಮಃ"),
        ("láayεεmέ", "sw", "laayeeme"),
        ("ọjọ́", "sw", "ojo"),
        ("ṣé", "sw", "she"),
        ("নমস্কার", "bn", "নমস্কার"),
        ("ѣ", "hi", "ѣ"),
    ],
)
def test_writing_that_a_voice_cannot_read_is_put_into_writing_that_it_can(word, voice, form):
    assert spoken_forms([word], voice) == [form]


def test_languages_of_the_constitution_all_have_a_voice():
    scheduled = [
        "as",
        "bn",
        "brx",
        "doi",
        "gu",
        "hi",
        "kn",
        "ks",
        "kok",
        "mai",
        "ml",
        "mni",
        "mr",
        "ne",
        "or",
        "pa",
        "sa",
        "sat",
        "sd",
        "ta",
        "te",
        "ur",
    ]

    assert {nearest_voice(code) for code in scheduled} <= voices()


@pytest.mark.parametrize(
    ("language", "voice"),
    [
        ("hi", "hi"),
        ("hin", "hi"),
        ("en-IN", "en"),
        ("en_IN", "en"),
        ("sat-Olck", "hi"),
        ("SW", "sw"),
        ("mdw", "sw"),
    ],
)
def test_a_language_goes_to_its_own_voice_or_the_nearest(language, voice):
    assert nearest_voice(language) == voice


def test_every_stand_in_is_a_voice_with_a_reason_and_for_a_language_without_one():
    for language, near in NEAREST.items():
        assert near.voice in voices()
        assert near.why
        assert language not in voices()


def test_an_unknown_language_says_where_to_name_its_voice():
    with pytest.raises(NoVoiceError, match="NEAREST"):
        nearest_voice("qqq")


def test_two_words_that_the_voice_runs_together_each_get_their_sounds():
    said = speak(["out", "of", "the", "house"], "en")

    assert {phone.word for phone in said.phones} == {0, 1, 2, 3}


def test_every_phone_follows_the_one_before_inside_the_speech():
    said = speak(["मेरे", "पास", "25", "किलो", "wheat", "है"], "hi", 250)

    edges = [edge for phone in said.phones for edge in (phone.start, phone.end)]
    assert edges == sorted(edges)
    assert edges[-1] <= len(said.samples)
    assert [phone.word for phone in said.phones] == sorted(phone.word for phone in said.phones)


def test_no_voice_reads_ol_chiki_as_the_names_of_signs():
    by_letters = speak(["ᱥᱟᱱᱛᱟᱲᱤ"], "hi")
    by_sounds = speak(spoken_forms(["ᱥᱟᱱᱛᱟᱲᱤ"], "hi"), "hi")

    assert len(by_sounds.samples) < len(by_letters.samples) / 5


def test_the_package_needs_no_file_of_its_own():
    import audio.align

    assert {path.suffix for path in Path(audio.align.__file__).parent.iterdir()} <= {".py", ""}
