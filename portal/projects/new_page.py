"""An owner makes a project: a short form of steps, from its name to the first day."""

import math
import re
from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from catalog.config.configuration import ConfigurationError
from catalog.config.notice_forms import load_notice_forms
from catalog.config.project_files import ProjectExists
from catalog.config.release_rules import DATA_LICENCES
from catalog.config.yaml_document import Broken
from catalog.consent import Purpose
from catalog.states import Role
from portal.access import session as sessions
from portal.access.guard import Owner
from portal.context import context_of
from portal.http.pages import _, render
from portal.projects.new_project import NAMED_BY_FORMS, NewProject, project_text
from portal.projects.purpose_names import PURPOSE_NAMES
from portal.projects.saving import check_text, make_project, recipes_of

router = APIRouter(include_in_schema=False)

Short = Annotated[str, Form(max_length=200)]
Many = Annotated[list[str] | None, Form(max_length=60)]
Ticked = Annotated[bool, Form()]
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
NO_NAME = _("A short name has small letters (a to z), digits and hyphens, and no spaces.")
NAME_TAKEN = _("There is a project of this name already. Choose another one.")
NO_TITLE = _("Write what people will call it.")
NO_LANGUAGE = _("Choose at least one language.")
NO_HOURS = _("Hours are a number above 0, with a point for the fraction.")
BEGIN = NewProject("", "", (), NAMED_BY_FORMS, "CC-BY-4.0", "field")


@router.get("/owner/projects/new")
def ask(request: Request, signed: Owner) -> Response:
    """The form, with what the examples have."""
    return _page(request, BEGIN)


@router.post("/owner/projects/new")
def make(
    request: Request,
    signed: Owner,
    name: Short = "",
    title: Short = "",
    language: Many = None,
    purpose: Annotated[list[Purpose] | None, Form()] = None,
    licence: Short = "",
    recipe: Short = "",
    transcribers: Annotated[int, Form(ge=1, le=2)] = 1,
    hours: Short = "",
    demonstration: Ticked = False,
    records: Ticked = False,
) -> Response:
    """Make it, with whoever asks as its manager; the next page says what is left to do before the first recording."""
    context = context_of(request)
    new = NewProject(
        name.strip(),
        title.strip(),
        tuple(code for code in context.languages if code in (language or ())),
        tuple(each for each in NAMED_BY_FORMS if each in (purpose or ())),
        licence,
        recipe,
        transcribers,
        _hours(hours),
        demonstration,
    )
    faults = _faults(new, hours, known=context.projects)
    if faults:
        return _page(request, new, faults=faults, hours=hours)
    roles = [Role.MANAGER, Role.COORDINATOR] if records else [Role.MANAGER]
    try:
        text = project_text(new, load_notice_forms(context.configs))
        check_text(context, new.name, text)
        make_project(context, new.name, new.title, text, by=signed.person_id, roles=roles)
    except ProjectExists:
        return _page(request, new, faults={"name": NAME_TAKEN}, hours=hours)
    except ConfigurationError as error:
        return _page(request, new, broken=error.broken, hours=hours)
    with context.catalog.writing() as session:
        sessions.choose_project(session, signed.session_id, new.name)
    return RedirectResponse("/manage/settings?done=made", status_code=303)


def _faults(new: NewProject, hours: str, *, known: Mapping[str, object]) -> dict[str, str]:
    """By field; English, translated where it is shown. The file's own loader has the last word."""
    faults = {}
    if not new.title:
        faults["title"] = NO_TITLE
    if not NAME.fullmatch(new.name):
        faults["name"] = NO_NAME
    elif new.name in known:
        faults["name"] = NAME_TAKEN
    if not new.languages:
        faults["language"] = NO_LANGUAGE
    if hours.strip() and new.hours is None:
        faults["hours"] = NO_HOURS
    return faults


def _hours(text: str) -> float | None:
    """
    >>> _hours(" 2.5 "), _hours(""), _hours("two"), _hours("-1"), _hours("inf")
    (2.5, None, None, None, None)
    """
    try:
        hours = float(text)
    except ValueError:
        return None
    return hours if 0 < hours < math.inf else None


def _page(
    request: Request,
    new: NewProject,
    *,
    faults: Mapping[str, str] | None = None,
    broken: tuple[Broken, ...] = (),
    hours: str = "",
) -> Response:
    context = context_of(request)
    forms = load_notice_forms(context.configs)
    return render(
        request,
        "projects/new.html.j2",
        status=422 if faults or broken else 200,
        new=new,
        hours=hours,
        faults=faults or {},
        broken=broken,
        languages=[context.languages[code] for code in context.languages if code in forms],
        purposes={each: PURPOSE_NAMES[each] for each in NAMED_BY_FORMS},
        licences=sorted(DATA_LICENCES),
        recipes=recipes_of(context),
    )
