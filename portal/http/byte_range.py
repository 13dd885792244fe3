"""Byte ranges: which part of a file a Range header asks for (RFC 9110, section 14)."""

import re

_ONE_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")
"""18 digits fit every file; more than one range, or another unit, is answered with the whole, as the RFC allows."""


def byte_range(header: str | None, size: int) -> range | None:
    """Positions of the bytes that are asked for, of a file of `size` bytes; None where none of them is there (416).

    >>> byte_range(None, 10), byte_range("bytes=4-", 10), byte_range("bytes=2-3", 10)
    (range(0, 10), range(4, 10), range(2, 4))
    >>> byte_range("bytes=-3", 10), byte_range("bytes=10-", 10)
    (range(7, 10), None)
    """
    match = _ONE_RANGE.fullmatch(header or "")
    if match is None or not (match[1] or match[2]):
        return range(size)
    first, last = match.groups()
    start = int(first) if first else max(0, size - int(last))
    end = min(int(last) + 1, size) if first and last else size
    return range(start, end) if start < end else None


def range_headers(wanted: range | None, size: int) -> dict[str, str]:
    """Headers of the answer beside its own: what is sent of how much.

    >>> range_headers(range(2, 4), 10)
    {'Accept-Ranges': 'bytes', 'Content-Range': 'bytes 2-3/10'}
    >>> range_headers(range(10), 10)
    {'Accept-Ranges': 'bytes'}
    """
    headers = {"Accept-Ranges": "bytes"}
    if wanted is None:
        headers["Content-Range"] = f"bytes */{size}"
    elif len(wanted) < size:
        headers["Content-Range"] = f"bytes {wanted.start}-{wanted.stop - 1}/{size}"
    return headers


def range_status(wanted: range | None, size: int) -> int:
    """200 for the whole, 206 for a part, 416 where nothing of it is there."""
    if wanted is None:
        return 416
    return 206 if len(wanted) < size else 200
