"""Numbers nobody owns, and quantities, as people write and say them: for tests and the bench of the scan."""

import random
from collections.abc import Sequence

from transcription.personal_data.checksums import luhn, verhoeff
from transcription.personal_data.spoken_words import spoken_words

SCRIPTS = ("0", "०", "০", "౦", "௦", "೦", "൦", "૦", "੦", "୦", "۰")
"""The nought of each."""
Digits = tuple[int, ...]


def phone(rng: random.Random) -> Digits:
    return (rng.randint(6, 9), *(rng.randint(0, 9) for _ in range(8)), rng.randint(1, 9))


def aadhaar(rng: random.Random) -> Digits:
    body = (rng.randint(2, 9), *(rng.randint(0, 9) for _ in range(10)))
    return next((*body, last) for last in range(10) if verhoeff((*body, last)))


def card(rng: random.Random) -> Digits:
    body = (rng.choice((4, 5, 6)), *(rng.randint(0, 9) for _ in range(14)))
    return next((*body, last) for last in range(10) if luhn((*body, last)))


def in_figures(rng: random.Random, digits: Digits) -> str:
    """In one script, in one piece or in groups."""
    nought = ord(rng.choice(SCRIPTS))
    written = "".join(chr(nought + digit) for digit in digits)
    size = {10: 5, 12: 4, 16: 4}[len(digits)]
    groups = [written[start : start + size] for start in range(0, len(written), size)]
    return f"x {rng.choice(('', ' ', '-')).join(groups)} y"


def in_words(rng: random.Random, digits: Sequence[int], language: str) -> str:
    """Digit by digit, any spelling; two of a kind may be a double."""
    words = spoken_words(language)
    spelt = {digit: [word for word, meant in words.digits.items() if meant == digit] for digit in range(10)}
    double = [word for word, times in words.times.items() if times == 2]
    said: list[str] = []
    place = 0
    while place < len(digits):
        if digits[place : place + 2] == (digits[place],) * 2 and rng.random() < 0.5:
            said.append(rng.choice(double))
            place += 1
        said.append(rng.choice(spelt[digits[place]]))
        place += 1
    return " ".join(said)


def quantity(rng: random.Random) -> str:
    """Something with figures that is nobody's number."""
    day = f"{rng.randint(1, 28):02}{(mark := rng.choice('/.-'))}{rng.randint(1, 12):02}{mark}{rng.randint(1947, 2026)}"
    time = f"{rng.randint(0, 23):02}:{rng.randint(0, 59):02}"
    lakhs = f"{rng.randint(1, 99)},{rng.randint(0, 99):02},{rng.randint(0, 999):03}"
    years = f"{rng.randint(1900, 2026)}-{rng.randint(1900, 2026)}"
    start = rng.randint(1, 90)
    counting = " ".join(str(start + step) for step in range(rng.randint(2, 8)))
    pin = f"{rng.randint(110, 855)}{rng.randint(0, 999):03}"
    weights = f"{rng.randint(1, 99)}.{rng.randint(0, 99)} {rng.randint(1, 99)}.{rng.randint(0, 9)}"
    return f"on {rng.choice((day, time, f'{day} {time}', lakhs, years, counting, pin, weights))} there"
