"""Numbers and addresses of people are found in texts, in figures and in words; plain quantities are left alone."""

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.transcription.made_numbers import SCRIPTS, aadhaar, card, in_figures, in_words, phone, quantity
from tests.transcription.test_text_languages import FOLDERS, transcripts
from transcription.personal_data import PersonalData, scan
from transcription.personal_data.checksums import luhn, verhoeff
from transcription.personal_data.spoken_words import known_languages, spoken_words

GUIDELINES = Path(__file__).parents[2] / "configs" / "guidelines"
RANDOM = st.randoms(use_true_random=False)


def kinds(text: str, language: str) -> list[str]:
    return [found.kind.value for found in scan(text, language)]


@pytest.mark.parametrize(
    ("language", "text", "kind"),
    [
        ("hi", "मेरा नंबर नौ आठ चार आठ शून्य डबल दो तीन तीन आठ है", "phone"),
        ("te", "నా నంబరు తొమ్మిది ఎనిమిది నాలుగు ఎనిమిది సున్నా డబుల్ రెండు డబుల్ మూడు ఎనిమిది", "phone"),
        ("ta", "ஒன்பது எட்டு நான்கு எட்டு பூஜ்ஜியம் இரண்டு இரண்டு மூன்று மூன்று எட்டு", "phone"),
        ("ur", "نو آٹھ چار آٹھ صفر دو دو تین تین آٹھ", "phone"),
        ("te", "నైన్ ఎయిట్ ఫోర్ ఎయిట్ జీరో టూ టూ త్రీ త్రీ ఎయిట్", "phone"),
        ("bn", "৯৮৪৮০ ২২৩৩৮", "phone"),
        ("en-IN", "call +91 98480-22338 now", "phone"),
        ("sw", "+254 712 345678", "phone"),
        ("en-IN", "the office is 040-23456789", "phone"),
        ("en-IN", "4111 1111 1111 1111", "payment_card"),
        ("en-IN", "my account is 12345678901 at SBIN0001234", "bank_account"),
        ("hi", "खाता नंबर 123456789", "bank_account"),
        ("en-IN", "write to ravi.k@example.in", "email"),
        ("en-IN", "write to ravi at the rate example dot in", "email"),
        ("hi", "रवि एट द रेट जीमेल डॉट कॉम", "email"),
        ("en-IN", "one seven three nine one zero two five five eight", "long_number"),
    ],
)
def test_a_number_or_address_of_a_person_is_found(language: str, text: str, kind: str) -> None:
    assert kind in kinds(text, language)


@given(RANDOM, st.sampled_from(sorted(known_languages())), st.sampled_from([aadhaar, card, phone]))
def test_a_number_is_found_in_every_script_and_in_the_words_of_every_language(
    rng: random.Random, language: str, make: object
) -> None:
    digits = make(rng)  # type: ignore[operator]

    assert scan(in_figures(rng, digits), language)
    assert scan(in_words(rng, digits, language), language) or len(set(digits)) < 3


@given(RANDOM)
def test_years_dates_times_prices_pin_codes_and_counting_are_no_numbers_of_anybody(
    rng: random.Random,
) -> None:
    assert scan(quantity(rng), "hi") == ()


@given(RANDOM)
def test_a_wrong_digit_is_no_aadhaar_and_no_card(rng: random.Random) -> None:
    for make, holds in ((aadhaar, verhoeff), (card, luhn)):
        digits = list(make(rng))
        place = rng.randrange(len(digits))
        digits[place] = (digits[place] + rng.randint(1, 9)) % 10

        assert not holds(digits)


@given(st.text(max_size=300), st.sampled_from(sorted(known_languages())))
def test_any_text_is_scanned_and_a_finding_lies_within_it(text: str, language: str) -> None:
    for found in scan(text, language):
        assert 0 <= found.start < found.start + found.length <= len(text)


def test_tags_between_the_digits_hide_nothing_and_places_are_those_of_the_text() -> None:
    text = "<noise> 98480 <noise> {22338 | 22339}"

    (found,) = scan(text, "en-IN")

    assert found.kind is PersonalData.PHONE
    assert text[found.start : found.start + found.length] == "98480 <noise> {22338"


@pytest.mark.parametrize("code", sorted(FOLDERS))
def test_real_transcripts_give_no_false_alarm(code: str, shared_data: Path) -> None:
    assert [text for text in transcripts(shared_data, code) if scan(text, code)] == []


def test_every_language_with_a_guideline_has_its_ten_digits_in_words() -> None:
    for language in {path.name for path in GUIDELINES.iterdir()} - {"default"}:
        own = known_languages() & {language.partition("-")[0]}

        assert own, language
        assert set(spoken_words(language).digits.values()) == set(range(10))


def test_digits_of_every_script_count() -> None:
    for nought in SCRIPTS:
        written = "".join(chr(ord(nought) + digit) for digit in (9, 8, 4, 8, 0, 2, 2, 3, 3, 8))

        assert kinds(written, "hi") == ["phone"]
