"""The objects of a dataset as they lie in the store, for `boli release pull` through this portal."""

import re
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Path, Query, Request
from starlette.responses import Response

from catalog import audit
from catalog.store import NotStored
from portal.access.api_tokens import ApiCaller
from portal.api.answers import PREFIX, Caller, Cursor, DatasetName, error_responses, readable
from portal.api.models import ObjectAddress, StoredObjects
from portal.context import PortalContext, context_of
from portal.datasets import download
from portal.datasets.editions import Edition, editions
from portal.datasets.kept_versions import KeptVersions, kept_versions
from portal.datasets.noting import edition_of_object, note_bytes
from portal.datasets.taken_back import GONE, holds_taken_back
from portal.http.byte_range import byte_range

router = APIRouter(prefix=PREFIX, tags=["datasets"])

A_PAGE = 1000
_NUMBER = r"[0-9]{1,6}\.[0-9]{1,6}\.[0-9]{1,6}"
_READABLE = re.compile(
    rf"versions/{_NUMBER}(\.(redactions|marks)/[0-9]{{1,6}})?\.json|parts/[0-9a-f]{{64}}\.parquet|withdrawn\.jsonl"
    rf"|forms/(files/[0-9a-f]{{64}}|{_NUMBER}/[a-z]{{1,20}}\.json)"
    rf"|(redacting/)?{_NUMBER}/[A-Za-z0-9][A-Za-z0-9._/-]{{0,250}}"
)
"""What a copy is made from; claims and notes about unused parts are nobody's outside."""
ObjectPath = Annotated[
    str, Path(max_length=400, description="From the dataset's folder", examples=["versions/1.0.0.json"])
]
Prefix = Annotated[
    str,
    Query(
        pattern=r"^[A-Za-z0-9._/-]{0,400}$", description="Only those that begin so", examples=["versions/"]
    ),
]

Of = Annotated[
    str,
    Query(
        pattern=rf"^({_NUMBER})?$",
        description="The version that is being fetched: for the list of who holds which, as versions share parts",
        examples=["1.0.0"],
    ),
]


@router.get("/datasets/{name}/objects", summary="What lies in the store", responses=error_responses(404))
def objects(
    request: Request, caller: Caller, name: DatasetName, prefix: Prefix = "", cursor: Cursor = ""
) -> StoredObjects:
    """Every object of a dataset that a copy is made from, by path."""
    context = context_of(request)
    _refuse_unknown(context, caller, name)
    if prefix.startswith((".", "/")) or "//" in prefix or "/." in prefix:
        raise HTTPException(404)
    root = f"datasets/{name}/"
    found = sorted(
        (each.key.removeprefix(root), each.size)
        for each in context.store.list(root + prefix)
        if _READABLE.fullmatch(each.key.removeprefix(root)) and each.key.removeprefix(root) > cursor
    )
    page = found[:A_PAGE]
    return StoredObjects(
        objects=[ObjectAddress(path=path, bytes=size) for path, size in page],
        next_cursor=page[-1][0] if len(found) > A_PAGE else None,
    )


@router.get(
    "/datasets/{name}/objects/{path:path}",
    summary="One object",
    responses=error_responses(404, 410),
    response_class=Response,
)
def one_object(
    request: Request,
    caller: Caller,
    name: DatasetName,
    path: ObjectPath,
    kept: Annotated[KeptVersions, Depends(kept_versions)],
    of: Of = "",
) -> Response:
    """An object, or a range of it (`Range: bytes=…`): a redirect where the store has links of its own.

    Who fetched rows of which version, and how much, is written down.
    """
    context = context_of(request)
    found = _refuse_unknown(context, caller, name)
    if not _READABLE.fullmatch(path) or ".." in path or "//" in path:
        raise HTTPException(404)
    key = f"datasets/{name}/{path}"
    stored = context.store.head(key)
    if stored is None:
        raise HTTPException(404)
    if path.startswith("parts/"):
        _refuse_taken_back(context, found, name)
    wanted = request.headers.get("Range")
    # of a form, its list is asked for once, before thousands of small files
    if (
        path.startswith(("parts/", "forms/"))
        and "/files/" not in path
        and (wanted is None or wanted.startswith("bytes=0-"))
    ):
        with context.catalog.writing() as session:
            audit.record(
                session,
                at=context.clock(),
                actor=caller.person_id,
                action="release.part_given",
                subject=("dataset", name),
                detail={"part": path, "token": caller.token_id},
            )
    fetched = edition_of_object(context, kept, found, path, of=of)
    span = byte_range(wanted, stored.size)
    if fetched is not None and span is not None:
        note_bytes(context, caller.person_id, fetched, len(span))
    try:
        return download.sent_object(context.store, key, stored.size, wanted)
    except NotStored as error:
        raise HTTPException(404) from error


def _refuse_unknown(context: PortalContext, caller: ApiCaller, name: str) -> Sequence[Edition]:
    """Its versions. Raises HTTPException for a dataset of which no project that the caller reads published anything."""
    with context.catalog.reading() as session:
        found = editions(session, readable(caller), dataset=name)
    if not found:
        raise HTTPException(404)
    return found


def _refuse_taken_back(context: PortalContext, found: Sequence[Edition], name: str) -> None:
    """A part's name here says nothing of its rows, so that all wait while one is written anew."""
    projects = {each.project for each in found}
    with context.catalog.reading() as session:
        if any(holds_taken_back(session, name, project=project, now=context.clock()) for project in projects):
            raise HTTPException(410, GONE)
