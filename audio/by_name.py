"""A function that only a child process loads."""

from dataclasses import dataclass
from importlib import import_module
from typing import Any, Generic, TypeVar

Value = TypeVar("Value")


@dataclass(frozen=True)
class ByName(Generic[Value]):
    """A job for `audio.sandbox` by its name: who orders it need not load the libraries with which it is done.

    module, name: where the function stands, such as `audio.files` and `measure_file`

    >>> ByName[float]("math", "sqrt")(4)
    2.0
    """

    module: str
    name: str

    def __call__(self, *args: Any, **kwargs: Any) -> Value:
        value: Value = getattr(import_module(self.module), self.name)(*args, **kwargs)
        return value
