"""A project's own list of districts, as it lies beside its configuration: `configs/places/<project>.csv`."""

import hashlib
import os
import tempfile
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from catalog.places import MOST_BYTES, PlaceList, read_places
from catalog.table_reader import UnreadableTable


def places_of(configs: Path, project: str) -> PlaceList | None:
    """None where the project has brought no list, or somebody's hand has spoilt it: the page of the list says so."""
    try:
        return read_own(configs, project)
    except UnreadableTable:
        return None


def read_own(configs: Path, project: str) -> PlaceList | None:
    """None where the project has brought no list. Raises UnreadableTable."""
    try:
        with _path(configs, project).open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        return None
    return _read(data)


def kept_bytes(configs: Path, project: str) -> bytes | None:
    """The list as it lies there; None where there is none."""
    try:
        return _path(configs, project).read_bytes()
    except FileNotFoundError:
        return None


def remove_places(configs: Path, project: str) -> None:
    """Districts are written freely again. Raises OSError where the folder can't be written."""
    _path(configs, project).unlink(missing_ok=True)


def keep_places(configs: Path, project: str, data: bytes) -> None:
    """Put a list in place, whole. Raises OSError where the folder can't be written."""
    path = _path(configs, project)
    path.parent.mkdir(exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".draft-", delete=False) as draft:
        draft.write(data)
        draft.flush()
        os.fsync(draft.fileno())
    written = Path(draft.name)
    written.chmod(0o644)
    written.replace(path)


def digest(data: bytes) -> str:
    """By which a page knows that what is kept is what was looked at."""
    return hashlib.sha256(data).hexdigest()


def in_their_spelling(places: PlaceList | None, fields: Mapping[str, str]) -> dict[str, str]:
    """A speaker's form with its districts as the list has them, so that one district is counted as one."""
    names = ("district", "native_district")
    spelled = {name: places.spelled(fields[name]) for name in names if places and fields.get(name)}
    return {**fields, **spelled}


def offered(written: Sequence[str], places: PlaceList | None) -> list[tuple[str, str]]:
    """Districts to choose from, each with what tells it from others of its name; those of the project come first."""
    listed = places.districts if places else ()
    about = {each.name: " · ".join(filter(None, (each.local_name, each.parent))) for each in listed}
    return [(name, about.get(name, "")) for name in dict.fromkeys([*written, *about])]


def _path(configs: Path, project: str) -> Path:
    return configs / "places" / f"{project}.csv"


@lru_cache(maxsize=32)
def _read(data: bytes) -> PlaceList:
    return read_places(data)
