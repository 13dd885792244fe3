"""Parts of a long list: so many ids as one statement may name."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")


def in_parts(found: Iterable[Item], most: int) -> Iterator[list[Item]]:
    """
    >>> list(in_parts("abcde", 2))
    [['a', 'b'], ['c', 'd'], ['e']]
    """
    left = iter(found)
    while part := list(islice(left, most)):
        yield part
