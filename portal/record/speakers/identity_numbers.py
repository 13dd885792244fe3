"""Numbers of identity cards, which are never written down here."""

import re
import unicodedata

_RUN = re.compile(r"(?<![0-9])(\+?)([0-9](?:[ .\-–]{0,2}[0-9])+)(?![0-9])")
_DIGITS = 12
# Verhoeff's scheme: multiplication in the dihedral group of ten, and its permutation; the last digit of every
# Aadhaar number is chosen so that the whole comes to 0. J. Verhoeff, Error Detecting Decimal Codes, 1969.
_PRODUCT = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
    (1, 2, 3, 4, 0, 6, 7, 8, 9, 5),
    (2, 3, 4, 0, 1, 7, 8, 9, 5, 6),
    (3, 4, 0, 1, 2, 8, 9, 5, 6, 7),
    (4, 0, 1, 2, 3, 9, 5, 6, 7, 8),
    (5, 9, 8, 7, 6, 0, 4, 3, 2, 1),
    (6, 5, 9, 8, 7, 1, 0, 4, 3, 2),
    (7, 6, 5, 9, 8, 2, 1, 0, 4, 3),
    (8, 7, 6, 5, 9, 3, 2, 1, 0, 4),
    (9, 8, 7, 6, 5, 4, 3, 2, 1, 0),
)
_PLACES = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
    (1, 5, 7, 6, 2, 8, 3, 0, 9, 4),
    (5, 8, 0, 3, 7, 9, 6, 1, 4, 2),
    (8, 9, 1, 6, 0, 4, 3, 5, 2, 7),
    (9, 4, 5, 3, 1, 2, 6, 8, 7, 0),
    (4, 2, 8, 6, 5, 7, 3, 9, 0, 1),
    (2, 7, 9, 3, 8, 0, 6, 4, 1, 5),
    (7, 0, 4, 6, 9, 1, 3, 2, 5, 8),
)


def passes_verhoeff(digits: str) -> bool:
    """Whether the last digit checks the others.

    >>> passes_verhoeff("2363"), passes_verhoeff("2364")
    (True, False)
    """
    check = 0
    for place, digit in enumerate(reversed(digits)):
        check = _PRODUCT[check][_PLACES[place % 8][int(digit)]]
    return check == 0


def holds_identity_number(text: str, *, phone: bool = False) -> bool:
    """Whether somebody wrote a number in it that may be an Aadhaar number.

    Nothing else that belongs to a speaker has twelve digits, so a mistyped one counts as well. A phone with its
    country code has twelve too: there only a number counts that is no Indian mobile and whose last digit checks.

    >>> holds_identity_number("2341 2341 2346"), holds_identity_number("२३४१ २३४१ २३४६")
    (True, True)
    >>> holds_identity_number("+91 98480 12345", phone=True), holds_identity_number("born 1984")
    (False, False)
    """
    for plus, run in _RUN.findall(_plain_digits(text)):
        digits = re.sub(r"[^0-9]", "", run)
        if len(digits) != _DIGITS:
            continue
        if not phone:
            return True
        is_mobile = digits.startswith("91") and digits[2] in "6789"
        if not plus and not is_mobile and digits[0] not in "01" and passes_verhoeff(digits):
            return True
    return False


def _plain_digits(text: str) -> str:
    """Digits of every script as 0 to 9."""
    return "".join(
        str(unicodedata.decimal(letter)) if unicodedata.category(letter) == "Nd" else letter
        for letter in text
    )
