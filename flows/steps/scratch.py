"""A folder that lives as long as a step."""

import errno
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from catalog.store import StoreFull


@contextmanager
def scratch_folder(parent: Path, name: str) -> Iterator[Path]:
    """An empty folder of this step's own, gone at the end. What killed runs left is cleared at the start.

    Two runs of the same step at once have a folder each. Raises StoreFull where the disk of `parent` has no room.
    """
    place = parent / "steps"
    with _room_named(place):
        place.mkdir(parents=True, exist_ok=True)
        with _alone_in(place):
            _clear_left_behind(place)
            folder = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=place))
            held = os.open(folder, os.O_RDONLY)
            fcntl.flock(
                held, fcntl.LOCK_EX
            )  # the kernel lets go of it when this process ends, however it ends
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(held)


@contextmanager
def _alone_in(place: Path) -> Iterator[None]:
    held = os.open(place, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)


def _clear_left_behind(place: Path) -> None:
    for folder in place.iterdir():
        held = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:  # its run is at work
            continue
        else:
            shutil.rmtree(folder, ignore_errors=True)
        finally:
            os.close(held)


@contextmanager
def _room_named(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise StoreFull(
            f"{place} has no room left on its disk. Free some space and run the same command again: it resumes."
        ) from error
