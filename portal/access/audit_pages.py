"""The audit log as a page: who did what, when."""

from datetime import date
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from catalog.states import Role
from portal.access.act_names import ACT_NAMES
from portal.access.audit_log import known_actions, read_log
from portal.access.guard import Manager
from portal.context import context_of
from portal.http.pages import render

router = APIRouter(include_in_schema=False)

FormText = Annotated[str, Query(max_length=200)]


@router.get("/manage/audit")
def show_log(
    request: Request,
    signed: Manager,
    person: FormText = "",
    action: FormText = "",
    day: FormText = "",
    before: Annotated[int | None, Query(ge=1, le=2**62)] = None,
) -> Response:
    """Who did what in the project, when; the newest first. An empty form field asks for everything."""
    context = context_of(request)
    chosen = _day(day)
    with context.catalog.reading() as session:
        # Whoever manages every project there is sees every act, also those that are no project's.
        everything = signed.owner or signed.projects_with(Role.MANAGER) >= context.projects.keys()
        project = None if everything else signed.project
        log = read_log(
            session, context.store, project, handle=person.strip(), action=action, day=chosen, before=before
        )
        actions = known_actions(session)
    asked = {"person": person, "action": action, "day": day}
    return render(
        request,
        "access/audit.html.j2",
        log=log,
        actions=actions,
        act_names=ACT_NAMES,
        person=person,
        action=action,
        day=day,
        older=urlencode({**asked, "before": log.before}) if log.before else None,
        first=before is None,
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
