"""Find in a text what must not be published: identity, phone, card and account numbers, e-mail addresses.

Deliberately deaf to plain numbers: years, prices, dates, times, lists and counting. What it finds is for a reviewer;
nothing is changed by it.

Sources: UIDAI (Aadhaar: 12 digits, the first 2 to 9, Verhoeff's check digit); ISO/IEC 7812-1 (cards: Luhn); the
National Numbering Plan of India's Department of Telecommunications (mobile numbers: 10 digits from 6 to 9); ITU-T
E.164 (numbers with a plus sign: 15 digits at most); Reserve Bank of India (IFSC: four letters, a zero, six more).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import regex

from transcription.personal_data.checksums import luhn, verhoeff
from transcription.personal_data.digit_runs import DigitGroup, DigitRun, digit_runs
from transcription.personal_data.spoken_words import SpokenWords, folded, spoken_words
from transcription.text.pieces import pieces

SCANNER = 1
"""Raise it when more is found than before, with a migration that empties `Transcript.scanned`: all are seen again."""
LONGEST = 20_000
"""Code points that are looked at; the longest clip that a project takes holds a quarter of it."""
LONG_SPOKEN = 9
"""Digits said one by one that are a number of somebody's, whatever kind it is."""
_MOST_GROUPS = 19
_IFSC = regex.compile(r"(?<![\p{L}\p{N}])[A-Za-z]{4}0[A-Za-z0-9]{6}(?![\p{L}\p{N}])")
_EMAIL = regex.compile(r"[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
_WORD = regex.compile(r"[\p{L}\p{M}\p{N}\u200c\u200d]+")
_AFTER_AT = 5
"""Words after a spoken @ among which a spoken dot is looked for."""


class PersonalData(StrEnum):
    """What was found."""

    AADHAAR = "aadhaar"
    CARD = "payment_card"
    PHONE = "phone"
    BANK = "bank_account"
    EMAIL = "email"
    NUMBER = "long_number"
    """Digits said one by one, too many for a quantity."""


@dataclass(frozen=True, slots=True, order=True)
class PersonalDataFinding:
    """Where it stands, never what it says. start, length: code points of the text"""

    start: int
    length: int
    kind: PersonalData


def scan(text: str, language: str) -> tuple[PersonalDataFinding, ...]:
    """Everything of that kind in a text, in order; never raises, whatever the text.

    language: code of the language whose number words are known; English ones always are

    >>> [found.kind.value for found in scan("मेरा नंबर नौ आठ चार आठ शून्य दो दो तीन तीन आठ है", "hi")]
    ['phone']
    >>> scan("1947 में 12,50,000 रुपये, 15/08/1947 को 10:30 बजे; एक दो तीन चार पाँच", "hi")
    ()
    """
    words = spoken_words(language)
    plain = _plain(text[:LONGEST])
    said = [(folded(match.group()), match.start(), match.end()) for match in _WORD.finditer(plain)]
    found = [*_emails(plain, said, words)]
    ifsc = [PersonalDataFinding(*_span(match), PersonalData.BANK) for match in _IFSC.finditer(plain)]
    of_account = bool(ifsc) or any(word in words.account for word, _, _ in said)
    accounts = False
    for run in digit_runs(plain, words):
        for finding in _of_run(run, of_account=of_account):
            accounts |= finding.kind is PersonalData.BANK
            found.append(finding)
    return tuple(sorted({*found, *(ifsc if accounts else ())}))


def _plain(text: str) -> str:
    """The text with tags, and all but the first of alternatives, as spaces: every place stays where it was."""
    parts: list[str] = []
    for piece in pieces(text):
        if piece.kind == "plain":
            parts.append(piece.text)
        elif piece.kind == "tag":
            parts.append(" " * len(piece.text))
        else:
            first = piece.text[1:].partition("|")[0]
            parts.append(" " + first + " " * (len(piece.text) - len(first) - 1))
    return "".join(parts)


def _of_run(run: DigitRun, *, of_account: bool) -> Iterator[PersonalDataFinding]:
    taken: set[int] = set()
    for kind, holds in _NUMBERS:
        for first, last in _windows(run):
            window = run[first:last]
            if not taken.intersection(range(first, last)) and holds(window) and not _counts(window):
                taken.update(range(first, last))
                yield _finding(window, kind)
    left = tuple(group for index, group in enumerate(run) if index not in taken)
    if taken or _counts(left):
        return
    spoken = any(group.spoken for group in left)
    if of_account and 9 <= _length(left) <= 18:
        yield _finding(left, PersonalData.BANK)
    elif spoken and sum(len(group.digits) for group in left if group.spoken) >= LONG_SPOKEN:
        yield _finding(left, PersonalData.NUMBER)


def _windows(run: DigitRun) -> Iterator[tuple[int, int]]:
    """Neighbouring groups, longer stretches first."""
    for size in range(min(len(run), _MOST_GROUPS), 0, -1):
        for first in range(len(run) - size + 1):
            yield first, first + size


def _is_card(window: DigitRun) -> bool:
    digits = _digits(window)
    return (
        len(digits) in (14, 15, 16, 19) and digits[0] in (3, 4, 5, 6, 8) and _even(window, 3) and luhn(digits)
    )


def _is_aadhaar(window: DigitRun) -> bool:
    digits = _digits(window)
    return len(digits) == 12 and digits[0] >= 2 and _even(window, 2) and verhoeff(digits)


def _is_phone(window: DigitRun) -> bool:
    digits = _digits(window)
    if not 8 <= len(digits) <= 15:
        return False
    if window[0].plus:
        return True
    if not _even(window[1:], 2) or digits[-5:] == (0,) * 5:
        return False
    for prefix in ((), (0,), (9, 1), (0, 0, 9, 1)):
        rest = digits[len(prefix) :]
        if digits[: len(prefix)] == prefix and len(rest) == 10 and rest[0] >= 6:
            return len(window) <= 6 or all(len(group.digits) <= 3 for group in window)
    # A trunk number, code first (040, 0866). No quantity begins with a nought, but days and months do.
    return len(digits) in (10, 11) and digits[0] == 0 and digits[1] != 0 and len(window[0].digits) != 2


def _even(window: DigitRun, least: int) -> bool:
    """Whether it is divided as numbers are: in figures groups of some length, or digit by digit."""
    written = [len(group.digits) for group in window if not group.spoken]
    return all(length >= least for length in written) or all(length == 1 for length in written)


def _counts(window: DigitRun) -> bool:
    """Whether it is a list: it counts up or down, repeats one thing, or holds round figures ("75 80 90")."""
    values = [int("".join(map(str, group.digits))) for group in window]
    if len(values) < 3:
        return False
    if not any(group.spoken for group in window) and all(value % 5 == 0 and value < 1000 for value in values):
        return True
    steps = {
        (after - before) % 10 if _single(window) else after - before for before, after in pairwise(values)
    }
    return len(steps) == 1


def _single(window: DigitRun) -> bool:
    return all(len(group.digits) == 1 for group in window)


_NUMBERS = (
    (PersonalData.CARD, _is_card),
    (PersonalData.AADHAAR, _is_aadhaar),
    (PersonalData.PHONE, _is_phone),
)


def _emails(text: str, said: list[tuple[str, int, int]], words: SpokenWords) -> Iterator[PersonalDataFinding]:
    for match in _EMAIL.finditer(text):
        yield PersonalDataFinding(*_span(match), PersonalData.EMAIL)
    for index in range(len(said)):
        for phrase in words.at:
            after = index + len(phrase)
            if tuple(word for word, _, _ in said[index:after]) != phrase or index == 0:
                continue
            behind = said[after : after + _AFTER_AT]
            dots = [place for place, (word, _, _) in enumerate(behind) if word in words.dot]
            if dots:
                end = behind[min(dots[-1] + 1, len(behind) - 1)][2]
                start = said[index - 1][1]
                yield PersonalDataFinding(start, end - start, PersonalData.EMAIL)
                break


def _finding(window: DigitRun, kind: PersonalData) -> PersonalDataFinding:
    return PersonalDataFinding(window[0].start, window[-1].end - window[0].start, kind)


def _digits(window: DigitRun) -> tuple[int, ...]:
    return tuple(digit for group in window for digit in group.digits)


def _length(window: tuple[DigitGroup, ...]) -> int:
    return sum(len(group.digits) for group in window)


def _span(match: "regex.Match[str]") -> tuple[int, int]:
    return match.start(), match.end() - match.start()
