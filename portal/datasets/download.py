"""The files of a version for whoever may have them: by the store's own short links, or through the portal."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from urllib.parse import quote, urlencode

from starlette.responses import RedirectResponse, Response, StreamingResponse

from catalog.keys import NAME
from catalog.store import NotStored, ObjectStore
from portal.house import House
from releases.versions import File, Version

LASTS = timedelta(hours=1)
"""Of a link: long enough to begin a large download; one that has begun goes on."""
BLOCK = 256 * 1024


def link(house: House, dataset: str, version: str, path: str, *, by: str, now: datetime) -> str:
    """An address that gives one file to anybody, for LASTS: to be handed to a program, never shown to others."""
    until = str(int((now + LASTS).timestamp()))
    proof = house.signature("download", dataset, version, path, by, until)
    query = urlencode({"by": by, "until": until, "proof": proof})
    return f"{house.address}/datasets/{dataset}/{version}/signed/{quote(path)}?{query}"


def is_linked(house: House, dataset: str, version: str, path: str, by: str, until: str, proof: str) -> bool:
    return house.is_signed(proof, "download", dataset, version, path, by, until)


def is_name(text: str) -> bool:
    """Whether a dataset or a version can be called so."""
    return NAME.fullmatch(text) is not None


def sent(store: ObjectStore, version: Version, file: File, wanted: str | None) -> Response:
    """The answer to a request for a file, or for a range of it: a redirect where the store has links of its own.

    wanted: the Range header
    Raises NotStored for a file that was taken out meanwhile.
    """
    return sent_object(store, version.key(file), file.size, wanted, name=file.path.rsplit("/", 1)[-1])


def sent_object(
    store: ObjectStore, key: str, size: int, wanted: str | None, *, name: str | None = None
) -> Response:
    """The same for any object. name: as a browser saves it"""
    name = name or key.rsplit("/", 1)[-1]
    linked = store.presign(key, int(LASTS.total_seconds()), download_name=name)
    if linked is not None:
        return RedirectResponse(linked, status_code=307, headers={"Cache-Control": "no-store"})
    if not store.exists(key):
        raise NotStored(f"{key} is not in the store any more")
    headers = {
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-store",
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
        # Sound and Parquet are packed already; and a range is one of the bytes as they are.
        "Content-Encoding": "identity",
    }
    span = span_of(wanted, size)
    if span is None:
        headers["Content-Range"] = f"bytes */{size}"
        return Response(status_code=416, headers=headers)
    start, end = span
    whole = (start, end) == (0, size)
    if not whole:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    headers["Content-Length"] = str(end - start)
    return StreamingResponse(
        _blocks(store, key, start, end),
        status_code=200 if whole else 206,
        media_type="application/octet-stream",
        headers=headers,
    )


def span_of(wanted: str | None, size: int) -> tuple[int, int] | None:
    """First byte and the one after the last that a Range header asks for (RFC 9110, 14); None where there is none.

    >>> span_of(None, 10), span_of("bytes=4-", 10), span_of("bytes=-3", 10), span_of("bytes=10-", 10)
    ((0, 10), (4, 10), (7, 10), None)
    """
    unit, _, span = (wanted or "").partition("=")
    first, dash, last = span.partition("-")
    if unit != "bytes" or not dash or not (first + last).isdigit():
        return 0, size
    start = int(first) if first else max(0, size - int(last))
    end = min(int(last) + 1, size) if first and last else size
    return (start, end) if start < end else None


def _blocks(store: ObjectStore, key: str, start: int, end: int) -> Iterator[bytes]:
    with store.open(key) as file:
        file.seek(start)  # a store without links of its own is a folder, whose files can seek
        left = end - start
        while left > 0 and (block := file.read(min(BLOCK, left))):
            left -= len(block)
            yield block
