"""What a file's own tags say of where its sound comes from: the device that made it, and the day.

Phones and field recorders write these beside the sound: Android `com.android.manufacturer` and `com.android.model`,
iPhones `com.apple.quicktime.make` and `.model`, Broadcast Wave the originator (EBU Tech 3285), all of them a time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

EARLIEST = date(2000, 1, 1)
"""A clock that was never set says 1904, 1970 or 1980."""
LONGEST = 80
"""Letters of a device's name."""
_MAKERS = ("com.android.manufacturer", "com.apple.quicktime.make", "make")
_MODELS = ("com.android.model", "com.apple.quicktime.model", "model", "encoded_by")
_TIMES = ("com.apple.quicktime.creationdate", "creation_time", "date")


@dataclass(frozen=True, slots=True)
class Origin:
    """device: maker and model; recorded_on: the day by the device's own clock. None where the file says nothing."""

    device: str | None = None
    recorded_on: str | None = None
    """As 2026-11-22."""


UNKNOWN_ORIGIN = Origin()


def origin_of(tags: Mapping[str, str]) -> Origin:
    """Read a container's tags. What makes no sense is left out: a tag is no reason to refuse a recording.

    >>> origin_of({"com.android.manufacturer": "Xiaomi", "com.android.model": "Redmi 9A", "creation_time":
    ... "2026-11-22T09:30:00.000000Z"})
    Origin(device='Xiaomi Redmi 9A', recorded_on='2026-11-22')
    >>> origin_of({"creation_time": "1904-01-01T00:00:00Z", "encoder": "Lavf62"})
    Origin(device=None, recorded_on=None)
    """
    plain = {name.casefold(): " ".join(value.split()) for name, value in tags.items()}
    maker, model = _first(plain, _MAKERS), _first(plain, _MODELS)
    if model.casefold().startswith(maker.casefold()):
        maker = ""
    device = "".join(each for each in f"{maker} {model}".strip() if each.isprintable())[:LONGEST]
    days = (_day(plain[name]) for name in _TIMES if name in plain)
    return Origin(device or None, next((day.isoformat() for day in days if day), None))


def _first(tags: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((tags[name] for name in names if tags.get(name)), "")


def _day(written: str) -> date | None:
    try:
        day = date.fromisoformat(written[:10])
    except ValueError:
        return None
    return day if day >= EARLIEST else None
