"""Amounts as the texts beside a version say them."""


def length(seconds: float) -> str:
    """Time as a person says it.

    >>> length(7200), length(90), length(3)
    ('2.00 h', '1.5 min', '3.0 s')
    """
    if seconds >= 3600:
        return f"{seconds / 3600:.2f} h"
    return f"{seconds / 60:.1f} min" if seconds >= 60 else f"{seconds:.1f} s"


def several(count: int, noun: str) -> str:
    """So many of them.

    >>> several(1, "clip"), several(12, "clip"), several(0, "speaker")
    ('1 clip', '12 clips', '0 speakers')
    """
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
