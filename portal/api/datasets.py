"""Dataset versions: figures, lines and files."""

from bisect import bisect_right
from itertools import groupby
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, Request

from catalog import audit
from catalog.tables import ReleaseItem
from portal.access.api_tokens import ApiCaller
from portal.api.answers import (
    PREFIX,
    Caller,
    Cursor,
    DatasetName,
    Limit,
    VersionName,
    error_responses,
    readable,
)
from portal.api.models import (
    DatasetEntry,
    DatasetLine,
    DatasetLines,
    Datasets,
    FactFigure,
    FileLink,
    Files,
    RowReport,
    RowReported,
    VersionDetail,
    VersionSummary,
)
from portal.context import PortalContext, context_of
from portal.datasets import download
from portal.datasets.amounts import FactAmount, amounts
from portal.datasets.corrections import report_row
from portal.datasets.editions import Edition, edition, editions
from portal.datasets.kept_versions import KeptVersions, kept_versions
from portal.datasets.loading import store_address
from portal.datasets.noting import note_bytes
from portal.datasets.released import released_lines
from releases.lists import audio_path
from releases.refusals import BrokenManifest, NoSuchVersion
from releases.rows import Split
from releases.versions import Version

router = APIRouter(prefix=PREFIX, tags=["datasets"])
Kept = Annotated[KeptVersions, Depends(kept_versions)]


@router.get("/datasets", summary="Every dataset that you read", responses=error_responses())
def datasets(request: Request, caller: Caller) -> Datasets:
    """Every dataset of the projects that you read, with all its published versions."""
    with context_of(request).catalog.reading() as session:
        found = editions(session, readable(caller))
    return Datasets(
        datasets=[
            DatasetEntry(name=name, versions=[_summary(each) for each in versions])
            for name, versions in groupby(found, key=lambda each: each.dataset)
        ]
    )


@router.get("/datasets/{name}", summary="One dataset", responses=error_responses(404))
def dataset(request: Request, caller: Caller, name: DatasetName) -> DatasetEntry:
    """A dataset with all its published versions, the newest first."""
    with context_of(request).catalog.reading() as session:
        found = editions(session, readable(caller), dataset=name)
    if not found:
        raise HTTPException(404)
    return DatasetEntry(name=name, versions=[_summary(each) for each in found])


@router.get("/datasets/{name}/versions/{version}", summary="One version", responses=error_responses(404))
def version(
    request: Request, caller: Caller, name: DatasetName, version: VersionName, kept: Kept
) -> VersionDetail:
    """What a version holds now, and where it lies."""
    context = context_of(request)
    found = _edition(context, caller, name, version)
    files = _version(context, kept, found).files
    with context.catalog.reading() as session:
        counted = amounts(session, found)
    return VersionDetail(
        version=_summary(found),
        address=store_address(context.store.url, name, version),
        files=len(files),
        bytes=sum(file.size for file in files),
        total=_figure(counted.total),
        figures={fact: [_figure(each) for each in values] for fact, values in counted.by_fact.items()},
    )


@router.get(
    "/datasets/{name}/versions/{version}/files", summary="Files with links", responses=error_responses(404)
)
def files(
    request: Request,
    caller: Caller,
    name: DatasetName,
    version: VersionName,
    kept: Kept,
    cursor: Cursor = "",
    limit: Limit = 100,
) -> Files:
    """Every file with its SHA-256 and a link that gives it to whoever has the link, for an hour.

    Who was given links to what is written down.
    """
    context = context_of(request)
    found = _edition(context, caller, name, version)
    listed = sorted(_version(context, kept, found).files, key=lambda file: file.path)
    start = bisect_right(listed, cursor, key=lambda file: file.path)
    page = listed[start : start + limit]
    now = context.clock()
    _note_given(context, caller, found, [file.path for file in page])
    return Files(
        files=[
            FileLink(
                path=file.path,
                bytes=file.size,
                sha256=file.sha256,
                url=download.link(context, name, version, file.path, by=caller.person_id, now=now),
            )
            for file in page
        ],
        next_cursor=page[-1].path if start + limit < len(listed) else None,
    )


@router.get(
    "/datasets/{name}/versions/{version}/lines", summary="Clips with texts", responses=error_responses(404)
)
def lines(
    request: Request,
    caller: Caller,
    name: DatasetName,
    version: VersionName,
    split: Annotated[Split | None, Query(description="One split; all without it")] = None,
    cursor: Cursor = "",
    limit: Limit = 100,
) -> DatasetLines:
    """The clips of a version with their texts, in the order of their ids."""
    context = context_of(request)
    found = _edition(context, caller, name, version)
    query = (
        released_lines(found)
        .where(ReleaseItem.clip_id > cursor)
        .order_by(ReleaseItem.clip_id)
        .limit(limit + 1)
    )
    if split is not None:
        query = query.where(ReleaseItem.split == split)
    with context.catalog.reading() as session:
        rows = session.execute(query).all()
    if rows:
        texts = sum(len(row.normalised.encode()) for row in rows[:limit])
        note_bytes(context, caller.person_id, found, texts)
    return DatasetLines(
        lines=[
            DatasetLine(
                id=row.clip_id,
                split=row.split,
                language=row.language,
                speaker=row.speaker,
                seconds=row.seconds,
                text=row.normalised,
                sound=audio_path(row.split, row.clip_id),
                row_sha256=row.row_sha256,
            )
            for row in rows[:limit]
        ],
        next_cursor=rows[limit - 1].clip_id if len(rows) > limit else None,
    )


@router.post(
    "/datasets/{name}/versions/{version}/reports",
    status_code=202,
    summary="Report a row",
    responses=error_responses(400, 404),
)
def report(
    request: Request, caller: Caller, name: DatasetName, version: VersionName, said: RowReport
) -> RowReported:
    """Report a row whose text is wrong: a reviewer looks at it, and until then it is in no new version."""
    context = context_of(request)
    found = _edition(context, caller, name, version)
    return RowReported(
        clip=said.clip, new=report_row(context, found, said.clip, by=caller.person_id, why=said.why)
    )


def _summary(each: Edition) -> VersionSummary:
    return VersionSummary(
        dataset=each.dataset,
        version=each.version,
        project=each.project,
        parent=each.parent,
        state=each.state,
        mark=each.mark,
        mark_why=each.mark_why,
        clips=each.clips,
        seconds=each.seconds,
        erased=each.erased,
        published_at=each.published_at,
    )


def _figure(amount: FactAmount) -> FactFigure:
    return FactFigure(
        value=amount.value,
        clips=amount.clips,
        speakers=amount.speakers,
        seconds=amount.seconds,
        seconds_by_split=dict(amount.by_split),
    )


def _edition(context: PortalContext, caller: ApiCaller, name: str, version: str) -> Edition:
    with context.catalog.reading() as session:
        found = edition(session, readable(caller), name, version)
    if found is None:
        raise HTTPException(404)
    return found


def _version(context: PortalContext, kept: KeptVersions, found: Edition) -> Version:
    try:
        return kept.of(context.store, found.dataset, found.version)
    except (NoSuchVersion, BrokenManifest) as error:
        raise HTTPException(503, "The store's list of this version's files can't be read.") from error


def _note_given(context: PortalContext, caller: ApiCaller, found: Edition, paths: list[str]) -> None:
    if not paths:
        return
    with context.catalog.writing() as session:
        audit.record(
            session,
            at=context.clock(),
            actor=caller.person_id,
            action="release.links_given",
            subject=("release", found.id),
            detail={"first": paths[0], "last": paths[-1], "files": len(paths), "token": caller.token_id},
        )
