"""Matrix products by one thread."""

from contextlib import AbstractContextManager
from functools import cache
from threading import Lock

from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]  # ships no types


class _OneThread:
    """Entered again within itself, it is only counted: to ask the libraries takes longer than a small product."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._depth = 0
        self._limit: AbstractContextManager[object] | None = None

    def __enter__(self) -> None:
        with self._lock:
            if not self._depth:
                self._limit = _blas().limit(limits=1, user_api="blas")
                self._limit.__enter__()
            self._depth += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._depth -= 1
            if not self._depth and self._limit is not None:
                self._limit.__exit__(None, None, None)
                self._limit = None


_one_thread = _OneThread()


def one_thread() -> AbstractContextManager[None]:
    """Within it, matrix products are made by a single thread.

    Products as small as ours lose tenfold when several threads share them, and gain reproducible sums without.
    """
    return _one_thread


@cache
def _blas() -> ThreadpoolController:
    return ThreadpoolController()
