"""A folder of configuration files as it is now: what a person or a page changes holds without a restart."""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Generic, TypeVar

from catalog.config.configuration import Broken, ConfigurationError
from catalog.errors import UserError

T = TypeVar("T")
V = TypeVar("V")
_State = tuple[int, int, int]

log = logging.getLogger("boli.configuration")


class NotNow(UserError):
    """What a file says can't be taken up at this moment: it is tried again when somebody next asks."""


class LiveFolder(Mapping[str, T], Generic[T]):
    """Every `*.yaml` of a folder as a value, by its name without the ending.

    A file that was broken by hand, or taken away, keeps the value that it had: a slip of the pen must not close a
    project to the people who work in it. What is wrong is logged once, and stands in `broken`.

    read:   makes the value; raises ConfigurationError, or NotNow
    broken: by name, what is wrong with files as they lie there
    Raises ConfigurationError and NotNow when it is made: a program starts with all files sound, or not at all.
    """

    def __init__(self, folder: Path, read: Callable[[Path], T]) -> None:
        if not folder.is_dir():
            raise ConfigurationError(folder, [Broken((), "isn't a folder", "Check the path of the configs.")])
        self.folder = folder
        self.broken: dict[str, ConfigurationError] = {}
        self._read = read
        self._lock = threading.Lock()
        self._states: dict[str, _State] = {}
        self._values: dict[str, T] = {}
        for path, state in self._changed():
            self._take_up(path, state)

    def __getitem__(self, name: str) -> T:
        return self._newest()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._newest())

    def __len__(self) -> int:
        return len(self._newest())

    def _newest(self) -> Mapping[str, T]:
        with self._lock:
            self._look()
            return self._values

    def _look(self) -> None:
        for path, state in self._changed():
            try:
                self._take_up(path, state)
            except NotNow as reason:
                log.warning("%s is taken up later: %s", path, reason)
            except ConfigurationError as error:
                log.warning("a file can't be used, and what it said before holds on: %s", error)
                self.broken[path.stem] = error
                self._states[path.stem] = state

    def _changed(self) -> Iterator[tuple[Path, _State]]:
        """Files that are not as they were at the last look."""
        for path in sorted(self.folder.glob("*.yaml")):
            try:
                found = path.stat()
            except FileNotFoundError:  # taken away since it was listed
                continue
            state = (found.st_mtime_ns, found.st_size, found.st_ino)
            if self._states.get(path.stem) != state:
                yield path, state

    def _take_up(self, path: Path, state: _State) -> None:
        value = self._read(path)
        self.broken.pop(path.stem, None)
        # a new mapping: whoever goes through the one before is not disturbed
        self._values = dict(sorted({**self._values, path.stem: value}.items()))
        self._states[path.stem] = state


class PartOf(Mapping[str, V], Generic[V, T]):
    """One part of every value of a mapping, as it is now."""

    def __init__(self, whole: Mapping[str, T], part: Callable[[T], V]) -> None:
        self._whole = whole
        self._part = part

    def __getitem__(self, name: str) -> V:
        return self._part(self._whole[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._whole)

    def __len__(self) -> int:
        return len(self._whole)
