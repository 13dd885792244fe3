"""What people do about a published version: report a row that is wrong, say that a version should not be used."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import RedirectResponse
from sqlalchemy import select
from starlette.responses import Response

from catalog.config.sentence import sentence_of
from catalog.states import Role, TaskState
from catalog.tables import Clip, ReleaseItem, Task
from portal.access.guard import holding_somewhere
from portal.access.session import Signed
from portal.context import PortalContext, context_of
from portal.datasets import download
from portal.datasets.editions import Edition, edition
from portal.datasets.released import released_lines
from releases.marks import mark
from releases.refusals import NoSuchVersion, PublishConflict
from releases.release_rows import note_mark
from transcription.context import NotAllowed
from transcription.review import look_again
from transcription.second_look import open_reports

LONGEST_WHY = 500
READERS = (Role.ML_READER, Role.MANAGER)

router = APIRouter(include_in_schema=False)

Why = Annotated[str, Form(min_length=1, max_length=LONGEST_WHY)]


@router.post("/datasets/{name}/{version}/report")
def report(
    request: Request,
    signed: Annotated[Signed, Depends(holding_somewhere(*READERS))],
    name: str,
    version: str,
    clip: Annotated[str, Form(max_length=200)],
    why: Why,
) -> Response:
    """A reviewer looks at the row's text; until then no new version has it."""
    context = context_of(request)
    found = edition_of(context, signed, name, version, *READERS)
    said = "reported" if report_row(context, found, clip, by=signed.person_id, why=why) else "looked_at"
    return RedirectResponse(f"/datasets/{name}/{version}/samples?said={said}", status_code=303)


@router.post("/datasets/{name}/{version}/mark")
def mark_version(
    request: Request,
    signed: Annotated[Signed, Depends(holding_somewhere(Role.MANAGER))],
    name: str,
    version: str,
    kind: Annotated[Literal["yanked", "deprecated", "in use"], Form()],
    why: Why,
) -> Response:
    """Say it of a version of a project that they manage, for everybody who asks for it from now on."""
    context = context_of(request)
    edition_of(context, signed, name, version, Role.MANAGER)
    now = context.clock()
    try:
        made = mark(
            context.store, name, version, kind, why=why.strip(), by=signed.person_id, at=now.isoformat()
        )
    except NoSuchVersion as error:
        raise HTTPException(404) from error
    except PublishConflict as error:
        raise HTTPException(409, sentence_of(error)) from error
    note_mark(context.catalog, made, now=now)
    return RedirectResponse(f"/datasets/{name}/{version}", status_code=303)


def report_row(context: PortalContext, found: Edition, clip: str, *, by: str, why: str) -> bool:
    """Ask for a second look at a row's text. False where somebody is looking at it already.

    Raises HTTPException for a row that the version has not.
    """
    with context.catalog.reading() as session:
        line = released_lines(found).where(ReleaseItem.clip_id == clip).subquery()
        task = session.execute(
            select(Task.id, Task.state)
            .join(Clip, Clip.id == Task.clip_id)
            .join(line, line.c.clip_id == Clip.id)
            .where(Task.project_id == found.project)
        ).first()
        reported = session.scalar(open_reports(found.project).where(Task.clip_id == clip))
    if task is None:
        raise HTTPException(404)
    if reported or task.state is not TaskState.ACCEPTED:
        return False
    try:
        look_again(
            context.project_context(found.project), task.id, by=by, why=why.strip(), now=context.clock()
        )
    except NotAllowed:  # somebody was faster
        return False
    return True


def edition_of(context: PortalContext, signed: Signed, name: str, version: str, *roles: Role) -> Edition:
    """A version of a project in which they have one of these roles. Raises HTTPException."""
    if not (download.is_name(name) and download.is_name(version)):
        raise HTTPException(404)
    with context.catalog.reading() as session:
        found = edition(session, signed.projects_with(*roles), name, version)
    if found is None:
        raise HTTPException(404)
    return found
