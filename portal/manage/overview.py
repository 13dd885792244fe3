"""The manager's first page: the pace against the plan, what is stuck and wants a decision, how everything stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from fastapi import APIRouter, BackgroundTasks, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from catalog import reasons
from catalog.calendar import ZONE
from catalog.config.project import Project
from portal import charts
from portal.access.guard import Manager
from portal.context import context_of
from portal.datasets.flow_server import FlowRun, FlowServer, FlowServerAway, FlowServerRefused
from portal.datasets.runs import STATES, TITLES
from portal.figures import FigureQuery, figure
from portal.http.pages import render
from portal.manage.breaches import breaches_seen_by
from portal.manage.held_back import at_work, held_back
from portal.manage.pace import ProjectPace, forecast, pace
from portal.manage.queue_health import OLD, Arrivals, QueueHealth, arrivals, is_old, queues
from portal.manage.refusals import RefusalsOf, refusals
from portal.voices import project_voices

router = APIRouter(include_in_schema=False)

RUNS_SHOWN = 5
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class ProjectProgress:
    """Against what is wanted. wanted: seconds, None where the project's file names no hours; done_on: at this pace.

    received, accepted: the chart of the days; plan: seconds that the field means to bring in a week
    """

    pace: ProjectPace
    accepted_seconds: float
    wanted: float | None
    plan: float | None
    done_on: date | None
    received: list[charts.Bar]
    accepted: str


@dataclass(frozen=True, slots=True)
class ProjectOverview:
    """What is counted of the whole project. at_work: people who wrote this week, by language"""

    queues: list[QueueHealth]
    arrivals: Arrivals
    pace: ProjectPace
    refusals: list[RefusalsOf]
    at_work: dict[str, int]


def _overview(session: Session, project: Project, now: datetime) -> ProjectOverview:
    return ProjectOverview(
        queues=queues(session, project.name, project.languages, now=now),
        arrivals=arrivals(session, project.name),
        pace=pace(session, project.name, now=now),
        refusals=refusals(session, project.name, now=now),
        at_work=dict(at_work(session, project.name, since=now - WEEK)),
    )


OVERVIEW = FigureQuery("overview", ProjectOverview, _overview)


@router.get("/manage")
def overview(request: Request, signed: Manager, behind: BackgroundTasks) -> Response:
    """How everything stands."""
    context = context_of(request)
    project, now = context.project(signed.project), context.clock()
    counted = figure(context, signed.project, OVERVIEW, behind)
    found = counted.value
    # a kept figure may know a language that the project's file has dropped since
    health = [queue for queue in found.queues if queue.language in project.languages]
    with context.catalog.reading() as session:
        held = held_back(session, signed.project)
        voices = project_voices(session, signed.project)
    stuck = {"refusals": found.refusals, "held": held, "voices": voices, "at_work": found.at_work}
    flows = FlowServer(context.prefect, context.prefect_auth)
    runs: Sequence[FlowRun] | None
    try:
        runs = flows.runs(flows.deployments(signed.project), now=now, most=RUNS_SHOWN)
    except (FlowServerAway, FlowServerRefused):
        runs = None
    return render(
        request,
        "manage/overview.html.j2",
        queues=health,
        progress=_progress(project, found.pace, health, now),
        counted=counted,
        stuck=stuck,
        currency=project.pay.currency if project.pay else None,
        arrivals=found.arrivals,
        breaches=[each for each in breaches_seen_by(context, signed) if each.closed_at is None],
        reasons=[(reasons.reason(code), count) for code, count in found.arrivals.reasons],
        language_names={code: context.languages[code].own_name for code in project.languages},
        runs=runs,
        run_states=STATES,
        run_titles=TITLES,
        is_old=is_old,
        old_after=OLD,
        prefect=flows.pages if runs is not None else None,
    )


def _progress(
    project: Project, at_pace: ProjectPace, health: Sequence[QueueHealth], now: datetime
) -> ProjectProgress:
    accepted = sum(each.accepted_seconds for each in health)
    wanted = sum(quota.hours for quota in project.quotas.values()) * 3600 or None
    top = max((max(day.received, day.accepted) for day in at_pace.days), default=0.0)
    today = now.astimezone(ZONE).date()
    return ProjectProgress(
        pace=at_pace,
        accepted_seconds=accepted,
        wanted=wanted,
        plan=project.weekly_hours * 3600 if project.weekly_hours else None,
        done_on=forecast(accepted, wanted, at_pace.accepted_per_day, today) if wanted else None,
        received=charts.bars([day.received for day in at_pace.days], top),
        accepted=charts.line([day.accepted for day in at_pace.days], top),
    )
