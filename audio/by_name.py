"""A function that only a child process loads."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Generic, TypeVar

Value = TypeVar("Value")


@dataclass(frozen=True)
class ByName(Generic[Value]):
    """A job for `audio.sandbox` by its name: who orders it need not load the libraries with which it is done.

    It travels as its name and arrives as the function itself.

    module, name: where the function stands, such as `audio.files` and `measure_file`
    returns:      the type of its answer

    >>> ByName("math", "sqrt", float)(4)
    2.0
    """

    module: str
    name: str
    returns: type[Value]

    def __call__(self, *args: Any, **kwargs: Any) -> Value:
        value: Value = _loaded(self.module, self.name)(*args, **kwargs)
        return value

    def __reduce__(self) -> tuple[Callable[[str, str], Callable[..., Any]], tuple[str, str]]:
        return _loaded, (self.module, self.name)


def _loaded(module: str, name: str) -> Callable[..., Any]:
    function: Callable[..., Any] = getattr(import_module(module), name)
    return function
