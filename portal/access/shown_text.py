"""Text from anywhere as it may stand in a line of the log."""


def shown(text: str, most: int = 200) -> str:
    """A text from anywhere as one line that can't pretend to be another, or turn its neighbours round.

    >>> shown("asha\\n2026-11-22 operator"), shown("a\\u202eb")
    ('asha\\\\n2026-11-22 operator', 'a\\\\u202eb')
    """
    safe = "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode() for each in text[:most]
    )
    return safe + "…" if len(text) > most else safe
