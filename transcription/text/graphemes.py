"""Characters as a person counts them: కా is one, though it is two code points."""

import regex

_CLUSTER = regex.compile(r"\X")


def graphemes(text: str) -> list[str]:
    """Extended grapheme clusters (Unicode Standard Annex 29).

    >>> graphemes("కాకి")
    ['కా', 'కి']
    """
    return list(_CLUSTER.findall(text))


def count(text: str) -> int:
    return len(graphemes(text))
