"""Numbers of identity cards, which are never written down here."""

import re
import unicodedata

from transcription.personal_data.checksums import verhoeff

_RUN = re.compile(r"(?<![0-9])(\+?)([0-9](?:[ .\-–]{0,2}[0-9])+)(?![0-9])")
_DIGITS = 12


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
        if (
            not plus
            and not is_mobile
            and digits[0] not in "01"
            and verhoeff([int(digit) for digit in digits])
        ):
            return True
    return False


def _plain_digits(text: str) -> str:
    """Digits of every script as 0 to 9."""
    return "".join(
        str(unicodedata.decimal(letter)) if unicodedata.category(letter) == "Nd" else letter
        for letter in text
    )
