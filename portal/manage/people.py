"""People: everybody of a project with how their work holds up, taking somebody on, letting somebody work again."""

from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Form, HTTPException, Query, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from catalog.states import Role
from portal.access.authority import check_may_give, colleague_somewhere, roles_after
from portal.access.guard import Manager
from portal.access.owner_pages import NO_SUCH_NAME, is_handle
from portal.access.role_names import ROLE_NAMES
from portal.access.session import Signed
from portal.context import context_of
from portal.figures import FigureQuery, figure
from portal.http.pages import _, render
from portal.manage.quality import TeamWork, colleagues, quizzes_of, team_work
from portal.text_comparisons import text_comparisons
from transcription import quiz
from transcription.context import NotAllowed
from transcription.decisions import trust
from transcription.people import (
    HandleTaken,
    StaffMember,
    add_person,
    member_of,
    people_page,
    roles_by_project,
    roles_in,
    set_roles,
)

router = APIRouter(include_in_schema=False)

FormText = Annotated[str, Form(max_length=200)]
PAGE = 50
"""People."""
PEOPLE = FigureQuery("people", TeamWork, lambda session, project, _now: team_work(session, project.name))
TAKEN = _("Somebody has this name already. Choose another.")
NO_ROLE = _("Choose what they will do.")
NOTHING_GIVEN = dict.fromkeys(("handle", "role", "district", "dialect", "name", "phone"), "")
NO_REASON = _("Write why, for the record.")


@router.get("/manage/people")
def people(
    request: Request,
    signed: Manager,
    behind: BackgroundTasks,
    after: Annotated[str, Query(max_length=200)] = "",
    gone: bool = False,
) -> Response:
    """Everybody, and how their work holds up, a page at a time; those who were let go come last."""
    return _people_page(request, signed, {}, {}, behind, after=after, gone=gone)


@router.post("/manage/people")
def take_on(
    request: Request,
    signed: Manager,
    behind: BackgroundTasks,
    handle: FormText = "",
    role: Annotated[list[Role] | None, Form()] = None,
    language: Annotated[list[str] | None, Form()] = None,
    district: FormText = "",
    dialect: FormText = "",
    name: FormText = "",
    phone: FormText = "",
) -> Response:
    """Somebody new; the next page makes their invite."""
    context = context_of(request)
    known = set(context.project(signed.project).languages)
    given = {"handle": handle.strip(), "district": district, "dialect": dialect, "name": name, "phone": phone}
    faults: dict[str, str] = {}
    check_may_give(signed, role or ())
    if not is_handle(given["handle"]):
        faults["handle"] = NO_SUCH_NAME
    if not role:
        faults["role"] = NO_ROLE
    if not faults:
        try:
            with context.catalog.writing() as session:
                add_person(
                    session,
                    given["handle"],
                    project=signed.project,
                    roles=role or (),
                    languages=[code for code in language or () if code in known],
                    by=signed.person_id,
                    now=context.clock(),
                    district=district.strip() or None,
                    dialect=dialect.strip() or None,
                    name=name.strip() or None,
                    phone=phone.strip() or None,
                )
        except HandleTaken:
            faults["handle"] = TAKEN
    if faults:
        return _people_page(request, signed, given, faults, behind, status=422)
    return RedirectResponse(request.url_for("show_access", handle=given["handle"]).path, status_code=303)


@router.get("/manage/people/{handle}")
def person(request: Request, signed: Manager, handle: str) -> Response:
    """One person's work, with the texts that speak for or against it."""
    context = context_of(request)
    project_context = context.project_context(signed.project)
    with context.catalog.reading() as session:
        member = member_of(session, signed.project, handle)
        if member is None:
            raise HTTPException(404)
        work = team_work(session, signed.project, person_id=member.id)
        found = colleagues(session, project_context, [member], work)
        quizzes = quizzes_of(session, project_context, member)
        texts = text_comparisons(session, member.id, signed.project, project_context.guidelines)
        held = roles_by_project(session, member.id)
    return render(
        request,
        "manage/person.html.j2",
        colleague=found[0],
        quizzes=quizzes,
        role_names=ROLE_NAMES,
        roles_to_give=_roles_to_give(signed),
        roles_held={name: held.get(name, frozenset()) for name in sorted(signed.projects_with(Role.MANAGER))},
        is_me=member.id == signed.person_id,
        text_comparisons=texts,
        languages=context.languages,
        currency=project_context.project.pay.currency if project_context.project.pay else None,
    )


@router.post("/manage/people/{handle}/roles")
def change_roles(
    request: Request,
    signed: Manager,
    handle: str,
    project: FormText,
    role: Annotated[list[Role] | None, Form()] = None,
) -> Response:
    """What somebody does from now on in a project of the sender's: these roles; none, and it is closed to them."""
    context = context_of(request)
    if project not in signed.projects_with(Role.MANAGER):
        raise HTTPException(404)
    with context.catalog.writing() as session:
        found = colleague_somewhere(session, signed, handle)
        if found is None:
            raise HTTPException(404)
        roles = roles_after(signed, found, roles_in(session, found.id, project), role or ())
        set_roles(session, found.id, project, roles, by=signed.person_id, now=context.clock())
        stays = bool(roles_in(session, found.id, signed.project))
    return _to_person(request, handle) if stays else RedirectResponse("/manage/people", status_code=303)


@router.post("/manage/people/{handle}/reinstate")
def reinstate(
    request: Request, signed: Manager, handle: str, language: FormText, because: FormText = ""
) -> Response:
    """Let somebody who is held back work again, on record."""
    context = context_of(request)
    trust.reinstate(
        context.project_context(signed.project),
        _person_id(request, signed, handle),
        language,
        manager_id=signed.person_id,
        because=_said(because),
        now=context.clock(),
    )
    return _to_person(request, handle)


@router.post("/manage/people/{handle}/let-off")
def let_off(
    request: Request, signed: Manager, handle: str, language: FormText, because: FormText = ""
) -> Response:
    """Let somebody begin without the quiz, on record."""
    context = context_of(request)
    quiz.let_off(
        context.project_context(signed.project),
        _person_id(request, signed, handle),
        language,
        manager_id=signed.person_id,
        because=_said(because),
        now=context.clock(),
    )
    return _to_person(request, handle)


def _people_page(
    request: Request,
    signed: Signed,
    given: dict[str, str],
    faults: dict[str, str],
    behind: BackgroundTasks,
    *,
    status: int = 200,
    after: str = "",
    gone: bool = False,
) -> Response:
    context = context_of(request)
    project_context = context.project_context(signed.project)
    counted = figure(context, signed.project, PEOPLE, behind)
    with context.catalog.reading() as session:
        members = _from(session, signed.project, after=after, gone=gone)
        found = colleagues(session, project_context, members[:PAGE], counted.value)
    return render(
        request,
        "manage/people.html.j2",
        status=status,
        colleagues=found,
        counted=counted,
        following=members[PAGE - 1] if len(members) > PAGE else None,
        is_first=not after and not gone,
        role_names=ROLE_NAMES,
        roles_to_give=_roles_to_give(signed),
        languages={code: context.languages[code] for code in project_context.project.languages},
        currency=project_context.project.pay.currency if project_context.project.pay else None,
        given=NOTHING_GIVEN | given,
        faults=NOTHING_GIVEN | faults,
        is_refused=bool(faults),
    )


def _from(session: Session, project: str, *, after: str, gone: bool) -> list[StaffMember]:
    """One more than a page holds, where there are so many. gone: begins among those who were let go"""
    if gone:
        return [*people_page(session, project, active=False, after=after, most=PAGE + 1)]
    there = people_page(session, project, active=True, after=after, most=PAGE + 1)
    return [*there, *people_page(session, project, active=False, most=PAGE + 1 - len(there))]


def _roles_to_give(signed: Signed) -> list[Role]:
    return [role for role in Role if role is not Role.MANAGER or signed.owner]


def _said(because: str) -> str:
    if not because.strip():
        raise NotAllowed(NO_REASON)
    return because.strip()


def _person_id(request: Request, signed: Signed, handle: str) -> str:
    with context_of(request).catalog.reading() as session:
        found = member_of(session, signed.project, handle)
    if found is None:
        raise HTTPException(404)
    return found.id


def _to_person(request: Request, handle: str) -> Response:
    return RedirectResponse(request.url_for("person", handle=handle).path, status_code=303)
