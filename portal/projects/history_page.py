"""Earlier versions of a project's settings: who changed what, when and why; and the way back to one of them."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Path, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.config.changes import changes_between
from catalog.config.configuration import ConfigurationError
from catalog.config.project_files import ChangedMeanwhile
from catalog.config.yaml_document import Broken
from catalog.project_versions import BY_HAND, VersionLine, version_text, versions_of
from catalog.tables import Person
from portal.access.guard import Manager
from portal.access.session import Signed
from portal.context import context_of
from portal.http.pages import render
from portal.projects.dangers import Danger, dangers_of, refused_name
from portal.projects.saving import check_text, save_settings, standing_file
from portal.projects.sentences import meaning_of

router = APIRouter(include_in_schema=False)
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]


@router.get("/manage/settings/versions")
def versions(request: Request, signed: Manager) -> Response:
    """Every version, the newest first."""
    context = context_of(request)
    with context.catalog.reading() as session:
        found = versions_of(session, signed.project)
        people = _handles(session, found)
    now = standing_file(context, signed.project)
    return render(
        request,
        "projects/versions.html.j2",
        versions=found,
        people=people,
        by_hand=BY_HAND,
        stands=now.sha256,
        unknown=not found or found[0].sha256 != now.sha256,
    )


@router.get("/manage/settings/versions/{number}")
def version(request: Request, signed: Manager, number: Number) -> Response:
    """How a version differs from what holds now."""
    return _page(request, signed, number)


@router.post("/manage/settings/versions/{number}")
def take_back(
    request: Request,
    signed: Manager,
    number: Number,
    before: Annotated[str, Form(max_length=64)] = "",
    sure: Annotated[bool, Form()] = False,
) -> Response:
    """Let the settings be what they were in that version; a new version says so."""
    context = context_of(request)
    text = _text(request, signed, number)
    stands = standing_file(context, signed.project)
    if before != stands.sha256:
        return _page(request, signed, number, status=409)
    changes = changes_between(stands.text, text)
    try:
        check_text(context, signed.project, text)
        with context.catalog.reading() as session:
            project = context.project(signed.project)
            if refused := refused_name(session, project, changes):
                return _page(request, signed, number, broken=refused, status=422)
            dangers = dangers_of(session, project, changes)
        if dangers and not sure:
            return _page(request, signed, number, dangers=dangers)
        save_settings(
            context,
            signed.project,
            text,
            before=before,
            by=signed.person_id,
            because=f"back to version {number}",
        )
    except ConfigurationError as error:
        return _page(request, signed, number, broken=error.broken, status=422)
    except ChangedMeanwhile:
        return _page(request, signed, number, status=409)
    return RedirectResponse("/manage/settings?done=back", status_code=303)


def _page(
    request: Request,
    signed: Signed,
    number: int,
    *,
    broken: Sequence[Broken] = (),
    dangers: Sequence[Danger] = (),
    status: int = 200,
) -> Response:
    context = context_of(request)
    text = _text(request, signed, number)
    now = standing_file(context, signed.project)
    return render(
        request,
        "projects/version.html.j2",
        status=status,
        number=number,
        changes=changes_between(text, now.text),
        text=text,
        before=now.sha256,
        broken=broken,
        dangers=dangers,
        conflict=status == 409,
        meaning_of=meaning_of,
    )


def _text(request: Request, signed: Signed, number: int) -> str:
    with context_of(request).catalog.reading() as session:
        text = version_text(session, signed.project, number)
    if text is None:
        raise HTTPException(404)
    return text


def _handles(session: Session, found: Sequence[VersionLine]) -> Mapping[str, str]:
    """Handles by person id."""
    ids = {each.changed_by for each in found}
    rows = session.execute(select(Person.id, Person.handle).where(Person.id.in_(ids)))
    return {row.id: row.handle for row in rows}
