"""The files of a version for whoever may have them: by the store's own short links, or through the portal."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from urllib.parse import quote

from starlette.responses import RedirectResponse, Response, StreamingResponse

from catalog.keys import NAME
from catalog.store import NotStored, ObjectStore
from portal.context import PortalContext
from portal.http.byte_range import byte_range, range_headers, range_status
from portal.http.signed_link import signed_query
from releases.versions import File, Version

LASTS = timedelta(hours=1)
"""Of a link: long enough to begin a large download; one that has begun goes on."""
KIND_OF_LINK = "download"
REDIRECT_LASTS = timedelta(minutes=1)
"""Of the store's own link, which is followed at once: who comes later asks us, who know what was taken back."""
BLOCK = 256 * 1024


def link(context: PortalContext, dataset: str, version: str, path: str, *, by: str, now: datetime) -> str:
    """An address that gives one file to anybody, for LASTS: to be handed to a program, never shown to others."""
    query = signed_query(context, KIND_OF_LINK, dataset, version, path, by=by, now=now, lasts=LASTS)
    return f"{context.address}/datasets/{dataset}/{version}/signed/{quote(path)}?{query}"


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
    linked = store.presign(key, int(REDIRECT_LASTS.total_seconds()), download_name=name)
    if linked is not None:
        return RedirectResponse(linked, status_code=307, headers={"Cache-Control": "no-store"})
    if not store.exists(key):
        raise NotStored(f"{key} is not in the store any more")
    span = byte_range(wanted, size)
    headers = range_headers(span, size) | {
        "Cache-Control": "private, no-store",
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
        # Sound and Parquet are packed already; and a range is one of the bytes as they are.
        "Content-Encoding": "identity",
    }
    if span is None:
        return Response(status_code=416, headers=headers)
    headers["Content-Length"] = str(len(span))
    return StreamingResponse(
        _blocks(store, key, span),
        status_code=range_status(span, size),
        media_type="application/octet-stream",
        headers=headers,
    )


def _blocks(store: ObjectStore, key: str, span: range) -> Iterator[bytes]:
    with store.open(key) as file:
        file.seek(span.start)  # a store without links of its own is a folder, whose files can seek
        left = len(span)
        while left > 0 and (block := file.read(min(BLOCK, left))):
            left -= len(block)
            yield block
