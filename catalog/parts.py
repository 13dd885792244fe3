"""Parts of a long list: so many ids as one statement may name."""

from collections.abc import Iterable
from typing import TypeVar

Item = TypeVar("Item")
AT_A_TIME = 500


def in_parts(found: Iterable[Item], most: int = AT_A_TIME) -> list[list[Item]]:
    """
    >>> in_parts("abcde", 2)
    [['a', 'b'], ['c', 'd'], ['e']]
    >>> [len(part) for part in in_parts(["x"] * 1001)]
    [500, 500, 1]
    """
    items = list(found)
    return [items[begin : begin + most] for begin in range(0, len(items), most)]
