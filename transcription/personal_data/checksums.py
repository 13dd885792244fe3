"""Check digits of the numbers that stand for a person: Verhoeff (Aadhaar) and Luhn (payment cards)."""

from collections.abc import Sequence

# The dihedral group D5 and its permutation. J. Verhoeff, Error detecting decimal codes, 1969.
_TIMES = (
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
_MOVED = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
    (1, 5, 7, 6, 2, 8, 3, 0, 9, 4),
    (5, 8, 0, 3, 7, 9, 6, 1, 4, 2),
    (8, 9, 1, 6, 0, 4, 3, 5, 2, 7),
    (9, 4, 5, 3, 1, 2, 6, 8, 7, 0),
    (4, 2, 8, 6, 5, 7, 3, 9, 0, 1),
    (2, 7, 9, 3, 8, 0, 6, 4, 1, 5),
    (7, 0, 4, 6, 9, 1, 3, 2, 5, 8),
)


def verhoeff(digits: Sequence[int]) -> bool:
    """Whether the last digit is the check digit of those before it.

    >>> verhoeff([2, 3, 6, 3]), verhoeff([2, 3, 6, 4]), verhoeff([3, 2, 6, 3])
    (True, False, False)
    """
    sum_ = 0
    for position, digit in enumerate(reversed(digits)):
        sum_ = _TIMES[sum_][_MOVED[position % 8][digit]]
    return sum_ == 0


def luhn(digits: Sequence[int]) -> bool:
    """Whether the last digit is the check digit of those before it (ISO/IEC 7812-1, annex B).

    >>> luhn([7, 9, 9, 2, 7, 3, 9, 8, 7, 1, 3]), luhn([7, 9, 9, 2, 7, 3, 9, 8, 7, 1, 4])
    (True, False)
    """
    doubled = (digit * (1 + position % 2) for position, digit in enumerate(reversed(digits)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0
