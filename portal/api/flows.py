"""Runs and schedules of a project's flows, through Prefect's own API: managers ask and set, readers look."""

from typing import Annotated
from uuid import UUID
from zoneinfo import available_timezones

from fastapi import APIRouter, HTTPException, Path, Request

from catalog.ids import new_id
from catalog.states import Role
from portal.access.api_tokens import ApiCaller
from portal.api.answers import (
    PREFIX,
    READERS,
    Caller,
    FlowName,
    ManagersCaller,
    ProjectName,
    as_http_error,
    error_responses,
    known_project,
)
from portal.api.models import FlowSchedule, Run, RunWanted, ScheduleNow, Schedules, ScheduleWanted
from portal.context import PortalContext, context_of
from portal.datasets.flow_server import (
    Deployment,
    FlowRun,
    FlowServer,
    FlowServerAway,
    FlowServerRefused,
    Schedule,
)
from portal.datasets.runs import note_asked, note_scheduled
from portal.datasets.schedules import NotASchedule, TooRare, check_often_enough, checked_cron

router = APIRouter(prefix=PREFIX, tags=["flows"])


@router.post(
    "/projects/{project}/runs",
    status_code=202,
    summary="Ask for a run",
    responses=error_responses(400, 404, 409),
)
def ask_for_run(request: Request, caller: ManagersCaller, project: ProjectName, wanted: RunWanted) -> Run:
    """Have a flow run as soon as may be, such as `publish`.

    Of two runs of one flow the later has nothing to do and is cancelled: the earlier takes up all that is there.
    """
    context = context_of(request)
    server, deployment = _deployment(context, caller, project, wanted.flow, Role.MANAGER)
    request_id = f"{caller.person_id}-{wanted.request_id or new_id('request')}"
    try:
        asked = server.ask_for_run(deployment, request_id=request_id)
    except (FlowServerAway, FlowServerRefused) as error:
        raise as_http_error(error) from error
    note_asked(context, caller.person_id, deployment, str(asked.id))
    return _run(asked)


@router.get("/runs/{run_id}", summary="One run", responses=error_responses(404))
def run(
    request: Request,
    caller: Caller,
    run_id: Annotated[UUID, Path(description="`id` of the answer to the request for it")],
) -> Run:
    """How far a run is."""
    context = context_of(request)
    try:
        found = FlowServer(context.prefect, context.prefect_auth).run(run_id)
    except (FlowServerAway, FlowServerRefused) as error:
        raise as_http_error(error) from error
    if found is None or found.project not in caller.projects_with(*READERS):
        raise HTTPException(404)
    return _run(found)


@router.get("/projects/{project}/schedules", summary="Every flow's schedule", responses=error_responses(404))
def schedules(request: Request, caller: Caller, project: ProjectName) -> Schedules:
    """The flows of a project, and when each runs by itself."""
    context = context_of(request)
    known_project(context, caller, project)
    try:
        found = FlowServer(context.prefect, context.prefect_auth).deployments(project)
    except (FlowServerAway, FlowServerRefused) as error:
        raise as_http_error(error) from error
    return Schedules(schedules=[_schedule(each) for each in found])


@router.get(
    "/projects/{project}/schedules/{flow}", summary="A flow's schedule", responses=error_responses(404)
)
def schedule(request: Request, caller: Caller, project: ProjectName, flow: FlowName) -> FlowSchedule:
    """When a flow runs by itself."""
    _, deployment = _deployment(context_of(request), caller, project, flow, *READERS)
    return _schedule(deployment)


@router.put(
    "/projects/{project}/schedules/{flow}",
    summary="Set a flow's schedule",
    responses=error_responses(400, 404, 409),
)
def set_schedule(
    request: Request, caller: ManagersCaller, project: ProjectName, flow: FlowName, wanted: ScheduleWanted
) -> FlowSchedule:
    """Let a flow run by this schedule from now on; `active: false` stops it from running by itself.

    `collect` obeys withdrawals of consent: it can be made rarer, to once a day, and not stopped.
    """
    context = context_of(request)
    server, deployment = _deployment(context, caller, project, flow, Role.MANAGER)
    if deployment.schedules > 1 or (deployment.schedules == 1 and deployment.schedule is None):
        raise HTTPException(409, "This flow has schedules that only Prefect's own pages can change.")
    if wanted.timezone not in available_timezones():
        raise HTTPException(409, f"There is no time zone {wanted.timezone}; write one such as Asia/Kolkata.")
    try:
        chosen = Schedule(checked_cron(wanted.cron), wanted.timezone, wanted.active)
        check_often_enough(flow, chosen)
        server.set_schedule(deployment, chosen)
    except TooRare as error:
        raise HTTPException(409, f"This can't be set: {error}.") from error
    except NotASchedule as error:
        raise HTTPException(409, f"It would never run: {error}.") from error
    except (FlowServerAway, FlowServerRefused) as error:
        raise as_http_error(error) from error
    note_scheduled(context, caller.person_id, deployment, chosen)
    return FlowSchedule(
        flow=flow,
        project=project,
        schedule=ScheduleNow(cron=chosen.cron, timezone=chosen.timezone, active=chosen.active),
        paused=deployment.paused,
    )


def _deployment(
    context: PortalContext, caller: ApiCaller, project: str, flow: str, *roles: Role
) -> tuple[FlowServer, Deployment]:
    """Raises HTTPException."""
    known_project(context, caller, project, *roles)
    server = FlowServer(context.prefect, context.prefect_auth)
    try:
        found = server.deployment(project, flow)
    except (FlowServerAway, FlowServerRefused) as error:
        raise as_http_error(error) from error
    if found is None:
        raise HTTPException(404)
    return server, found


def _run(each: FlowRun) -> Run:
    return Run(
        id=each.id,
        flow=each.flow,
        project=each.project,
        state=each.state,
        message=each.message,
        expected_at=each.expected,
        started_at=each.started,
        ended_at=each.ended,
    )


def _schedule(each: Deployment) -> FlowSchedule:
    now = each.schedule
    return FlowSchedule(
        flow=each.flow,
        project=each.project,
        schedule=ScheduleNow(cron=now.cron, timezone=now.timezone, active=now.active) if now else None,
        paused=each.paused,
    )
