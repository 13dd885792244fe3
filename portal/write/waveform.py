"""A clip's waveform as a few numbers that come along with the clip, so that it shows at once."""

import json

from catalog.store import NotStored, StoreReader

MOST_POINTS = 400
"""Bars on the widest screen that we draw for."""
PEAKS_BYTES = 2**20


def peaks_of(store: StoreReader, key: str) -> list[int]:
    """The drawn waveform of a clip that lies in the store; nothing where it is not there."""
    try:
        return loudness(store.get_bytes(key, PEAKS_BYTES))
    except NotStored:
        return []


def loudness(peaks: bytes, *, most: int = MOST_POINTS) -> list[int]:
    """The loudest of each stretch, 0 to 128.

    peaks: audiowaveform JSON, version 2, 8 bits, one channel

    >>> loudness(b'{"version": 2, "channels": 1, "bits": 8, "data": [-3, 5, -9, 2, 0, 1]}', most=2)
    [9, 1]
    """
    pairs = json.loads(peaks)["data"]
    points = [max(abs(low), abs(high)) for low, high in zip(pairs[::2], pairs[1::2], strict=True)]
    step = -(-len(points) // most) or 1
    return [max(points[start : start + step]) for start in range(0, len(points), step)]
