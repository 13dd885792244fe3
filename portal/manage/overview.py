"""The manager's first page: the pace against the plan, what is stuck and wants a decision, how everything stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from fastapi import APIRouter, Request
from fastapi.responses import Response

from catalog import reasons
from catalog.calendar import ZONE
from catalog.config.project import Project
from portal import charts
from portal.access.guard import Manager
from portal.context import context_of
from portal.datasets.flow_server import FlowRun, FlowServer, FlowServerAway, FlowServerRefused
from portal.datasets.runs import STATES, TITLES
from portal.http.pages import render
from portal.manage.breaches import breaches_seen_by
from portal.manage.held_back import at_work, held_back
from portal.manage.pace import ProjectPace, forecast, pace
from portal.manage.queue_health import OLD, QueueHealth, arrivals, is_old, queues
from portal.manage.refusals import refusals
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


@router.get("/manage")
def overview(request: Request, signed: Manager) -> Response:
    """How everything stands."""
    context = context_of(request)
    project, now = context.project(signed.project), context.clock()
    with context.catalog.reading() as session:
        health = queues(session, signed.project, project.languages, now=now)
        came = arrivals(session, signed.project)
        at_pace = pace(session, signed.project, now=now)
        stuck = {
            "refusals": refusals(session, signed.project, now=now),
            "held": held_back(session, signed.project),
            "voices": project_voices(session, signed.project),
            "at_work": at_work(session, signed.project, since=now - WEEK),
        }
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
        progress=_progress(project, at_pace, health, now),
        stuck=stuck,
        currency=project.pay.currency if project.pay else None,
        arrivals=came,
        breaches=[each for each in breaches_seen_by(context, signed) if each.closed_at is None],
        reasons=[(reasons.reason(code), count) for code, count in came.reasons],
        language_names={code: context.languages[code].own_name for code in project.languages},
        runs=runs,
        run_states=STATES,
        run_titles=TITLES,
        is_old=is_old,
        old_after=OLD,
        prefect=flows.pages if runs is not None else None,
        store=context.store.url.partition("://")[0],
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
