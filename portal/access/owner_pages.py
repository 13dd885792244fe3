"""The owners' page: which projects there are, and who manages each."""

from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from catalog.states import Role
from portal.access.authority import check_a_manager_stays
from portal.access.guard import Owner
from portal.context import context_of
from portal.http.pages import _, render
from transcription.context import NotAllowed
from transcription.people import add_person, find_person, list_people, roles_in, set_roles

router = APIRouter(include_in_schema=False)

Handle = Annotated[str, Form(max_length=30)]
ProjectName = Annotated[str, Form(max_length=200)]
NO_SUCH_NAME = _("A short name has 2 to 30 letters, figures, dots or hyphens, and no spaces.")


@router.get("/owner")
def show_managers(request: Request, signed: Owner) -> Response:
    """Every project with its managers."""
    context = context_of(request)
    with context.catalog.reading() as session:
        managers = {name: list_people(session, name, role=Role.MANAGER) for name in context.projects}
    return render(request, "access/owner.html.j2", managers=managers)


@router.post("/owner/managers")
def make_manager(request: Request, signed: Owner, handle: Handle, project: ProjectName) -> Response:
    """Make somebody the manager of a project; whoever is new is taken on, and gets a link on their own page."""
    context = context_of(request)
    if project not in context.projects:
        raise HTTPException(404)
    handle = handle.strip()
    if not is_handle(handle):
        raise NotAllowed(NO_SUCH_NAME)
    now = context.clock()
    with context.catalog.writing() as session:
        person = find_person(session, handle)
        if person is None:
            add_person(
                session,
                handle,
                project=project,
                roles=[Role.MANAGER],
                languages=context.projects[project].languages,
                by=signed.person_id,
                now=now,
            )
        else:
            roles = roles_in(session, person.id, project) | {Role.MANAGER}
            set_roles(session, person.id, project, roles, by=signed.person_id, now=now)
    return RedirectResponse("/owner", status_code=303)


@router.post("/owner/managers/end")
def end_manager(request: Request, signed: Owner, handle: Handle, project: ProjectName) -> Response:
    """They manage that project no more; what else they do there stays."""
    context = context_of(request)
    with context.catalog.writing() as session:
        person = find_person(session, handle)
        roles = roles_in(session, person.id, project) if person else frozenset()
        if person is None or Role.MANAGER not in roles:
            raise HTTPException(404)
        check_a_manager_stays(session, signed, person, project)
        set_roles(
            session, person.id, project, roles - {Role.MANAGER}, by=signed.person_id, now=context.clock()
        )
    return RedirectResponse("/owner", status_code=303)


def is_handle(text: str) -> bool:
    """
    >>> is_handle("asha.k"), is_handle("a"), is_handle("asha k")
    (True, False, False)
    """
    return 2 <= len(text) <= 30 and all(letter.isalnum() or letter in ".-_" for letter in text)
