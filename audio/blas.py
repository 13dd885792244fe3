"""Matrix products by one thread."""

from contextlib import AbstractContextManager
from functools import cache

from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]  # ships no types


def one_thread() -> AbstractContextManager[object]:
    """Within it, matrix products are made by a single thread.

    Products as small as ours lose tenfold when several threads share them, and gain reproducible sums without.
    """
    limit: AbstractContextManager[object] = _blas().limit(limits=1, user_api="blas")
    return limit


@cache
def _blas() -> ThreadpoolController:
    return ThreadpoolController()
