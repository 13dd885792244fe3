"""Projects and how far they are."""

from collections.abc import Sequence
from datetime import datetime

from fastapi import APIRouter, BackgroundTasks, Request
from sqlalchemy import Float, cast, func, null, select
from sqlalchemy.orm import Session

from catalog.config.project import Project
from catalog.coverage import Board
from catalog.tables import Clip, Recording, Task, Upload
from portal.api.answers import PREFIX, Caller, ProjectName, error_responses, known_project, readable
from portal.api.models import (
    Coverage,
    CoverageCell,
    LanguageCoverage,
    LanguageEntry,
    ProjectEntry,
    Projects,
    StateCount,
    Status,
)
from portal.context import PortalContext, context_of
from portal.coverage import boards_of
from portal.figures import FigureQuery, figure

router = APIRouter(prefix=PREFIX, tags=["projects"])


@router.get("/projects", summary="Every project that you read", responses=error_responses())
def projects(request: Request, caller: Caller) -> Projects:
    """What is collected here, in which languages, and into which dataset."""
    context = context_of(request)
    theirs = readable(caller) & context.projects.keys()
    return Projects(projects=[_project(context, name) for name in sorted(theirs)])


@router.get("/projects/{project}/status", summary="How much stands where", responses=error_responses(404))
def status(request: Request, caller: Caller, project: ProjectName, behind: BackgroundTasks) -> Status:
    """Counts by state of what was received, the recordings, their clips, and the work on those."""
    context = context_of(request)
    known_project(context, caller, project)
    return figure(context, project, STATUS, behind).value


@router.get(
    "/projects/{project}/coverage", summary="Hours against what is wanted", responses=error_responses(404)
)
def coverage(request: Request, caller: Caller, project: ProjectName, behind: BackgroundTasks) -> Coverage:
    """Seconds of speech by language, district, gender and age, against the project's quotas."""
    context = context_of(request)
    boards, _ = boards_of(context, known_project(context, caller, project), behind)
    return Coverage(project=project, languages=[_covered(each) for each in boards])


def _covered(found: Board) -> LanguageCoverage:
    return LanguageCoverage(
        language=found.language,
        recorded=found.recorded,
        accepted=found.accepted,
        wanted=found.wanted,
        cells=[
            CoverageCell(
                district=cell.group.district or None,
                gender=cell.group.gender or None,
                age_band=cell.group.age_band or None,
                recorded=cell.recorded,
                accepted=cell.accepted,
                wanted=cell.wanted,
            )
            for row in found.rows
            for cell in row.cells
        ],
    )


def _status(session: Session, project: Project, _now: datetime) -> Status:
    sound = func.sum(cast(Recording.samples, Float) / Recording.sample_rate)
    return Status(
        project=project.name,
        uploads=_counts(session, Upload, project.name, null()),
        recordings=_counts(session, Recording, project.name, sound),
        clips=_counts(session, Clip, project.name, func.sum(Clip.seconds)),
        tasks=_counts(session, Task, project.name, null()),
    )


STATUS = FigureQuery("status", Status, _status)


def _counts(
    session: Session, table: type[Upload | Recording | Clip | Task], project: str, seconds: object
) -> list[StateCount]:
    rows: Sequence[tuple[str, int, float | None]] = (
        session.execute(
            select(table.state, func.count(), seconds)  # type: ignore[call-overload]  # a column or NULL
            .where(table.project_id == project)
            .group_by(table.state)
            .order_by(table.state)
        )
        .tuples()
        .all()
    )
    return [StateCount(state=state, count=count, seconds=length) for state, count, length in rows]


def _project(context: PortalContext, name: str) -> ProjectEntry:
    project = context.projects[name]
    return ProjectEntry(
        name=name,
        title=project.title,
        languages=[LanguageEntry(code=code, name=context.languages[code].name) for code in project.languages],
        dataset=project.release.name,
        licence=project.release.licence,
    )
