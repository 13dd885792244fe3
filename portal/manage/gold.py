"""Gold clips: those whose text is beyond doubt, and those that could become gold."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import ColumnElement, exists, literal_column, select
from sqlalchemy.orm import Session, aliased

from catalog.reports import is_hidden
from catalog.states import Role, TaskState
from catalog.tables import Clip, Gold, Task, Transcript
from portal.access.guard import Manager
from portal.access.session import Signed
from portal.context import context_of
from portal.http.pages import render
from transcription.gold import add_gold, list_gold, retire_gold

router = APIRouter(include_in_schema=False)

MOST_OFFERED = 30
# Written into the statement, not bound to it: only so does SQLite know that the partial index covers it.
_origin: ColumnElement[str] = literal_column("transcript.origin")
_REVIEWED = _origin == literal_column("'review'")
TaskId = Annotated[str, Form(alias="task", max_length=200)]


@dataclass(frozen=True, slots=True)
class GoldCandidate:
    """A clip that a reviewer's text was accepted for, and that is not gold yet."""

    task_id: str
    language: str
    verbatim: str
    seconds: float


@router.get("/manage/gold")
def gold(request: Request, signed: Manager) -> Response:
    """Clips whose text is beyond doubt, and those that could be."""
    context = context_of(request)
    project = context.project(signed.project)
    with context.catalog.reading() as session:
        in_use = list_gold(session, signed.project, project.languages)
        offered = gold_candidates(session, signed.project)
    return render(
        request,
        "manage/gold.html.j2",
        gold=in_use,
        offered=offered,
        languages=context.languages,
        may_add=signed.has(Role.REVIEWER),
    )


@router.post("/manage/gold")
def make_gold(request: Request, signed: Manager, task_id: TaskId) -> Response:
    """Make a reviewed clip gold. The service lets only a reviewer do it."""
    context = context_of(request)
    _check_own_task(request, signed, task_id)
    add_gold(
        context.project_context(signed.project), task_id, reviewer_id=signed.person_id, now=context.clock()
    )
    return RedirectResponse("/manage/gold", status_code=303)


@router.post("/manage/gold/retire")
def stop_gold(request: Request, signed: Manager, task_id: TaskId) -> Response:
    """Give it to nobody any more."""
    context = context_of(request)
    _check_own_task(request, signed, task_id)
    with context.catalog.reading() as session:
        if session.get(Gold, task_id) is None:
            raise HTTPException(404)
    retire_gold(context.project_context(signed.project), task_id, by=signed.person_id, now=context.clock())
    return RedirectResponse("/manage/gold", status_code=303)


def gold_candidates(
    session: Session, project_id: str, *, most: int = MOST_OFFERED
) -> Sequence[GoldCandidate]:
    """Reviewed clips that are not gold yet, the last accepted first."""
    later, work = aliased(Transcript), aliased(Task)
    # Asked of each reviewed text, which are few: SQLite would begin with all tasks of the project.
    ours = exists().where(
        work.clip_id == Transcript.clip_id, work.project_id == project_id, work.state == TaskState.ACCEPTED
    )
    rows = session.execute(
        select(Task.id, Task.language, Transcript.verbatim, Clip.seconds)
        .select_from(Transcript)
        .join(Clip, Clip.id == Transcript.clip_id)
        .join(Task, Task.clip_id == Clip.id)
        .outerjoin(Gold, Gold.task_id == Task.id)
        .where(
            _REVIEWED,
            ours,
            ~exists().where(later.clip_id == Transcript.clip_id, later.version > Transcript.version),
            Gold.task_id.is_(None),
            Transcript.withheld_at.is_(None),
            ~is_hidden(Clip.id),
        )
        .order_by(Transcript.accepted_at.desc(), Task.id)
        .limit(most)
    )
    return [GoldCandidate(row.id, row.language, row.verbatim, row.seconds) for row in rows]


def _check_own_task(request: Request, signed: Signed, task_id: str) -> None:
    """404 for a task of another project."""
    with context_of(request).catalog.reading() as session:
        task = session.get(Task, task_id)
    if task is None or task.project_id != signed.project:
        raise HTTPException(404)
