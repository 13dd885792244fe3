"""Map in parallel, with results in order: a store far away answers slowly, not seldom."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

AT_ONCE = 8


def map_in_order(
    function: Callable[[Item], Result], items: Iterable[Item], *, at_once: int = AT_ONCE
) -> Iterator[Result]:
    """Results in the order of the items, at most twice `at_once` of them waiting. The first error is raised.

    >>> list(map_in_order(abs, [-3, 2, -1]))
    [3, 2, 1]
    """
    source = iter(items)
    waiting: deque[Future[Result]] = deque()
    with ThreadPoolExecutor(at_once) as pool:
        try:
            waiting.extend(pool.submit(function, item) for item in islice(source, 2 * at_once))
            while waiting:
                result = waiting.popleft().result()
                waiting.extend(pool.submit(function, item) for item in islice(source, 1))
                yield result
        finally:
            for future in waiting:
                future.cancel()
