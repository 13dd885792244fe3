"""Flows of the project: when they run, what came of it, to run one now, and by which schedule."""

from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, HTTPException, Query, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from catalog import audit
from catalog.ids import new_id
from catalog.states import Role
from portal.access.guard import Manager, holding
from portal.access.session import Signed
from portal.context import PortalContext, context_of
from portal.datasets.flow_server import (
    Deployment,
    FlowRun,
    FlowServer,
    FlowServerAway,
    FlowServerRefused,
    Schedule,
)
from portal.datasets.schedules import (
    DAILY,
    How,
    NotASchedule,
    ScheduleForm,
    TooRare,
    check_often_enough,
    schedule_form,
    schedule_of,
)
from portal.http import pages
from portal.http.pages import _

RUNS_SHOWN = 20
TITLES = {
    "pipeline": _("Take up what came in"),
    "ingest": _("Check what came in"),
    "segment": _("Cut into clips"),
    "route": _("Hand out clips"),
    "draft": _("Hear clips before people do"),
    "collect": _("Decide on texts"),
    "align": _("Time the words"),
    "train_aligner": _("Learn to time the words better"),
    "publish": _("Publish a version"),
}
"""By flow; one that stands here not is shown by its name."""
DAYS = (
    _("Sunday"),
    _("Monday"),
    _("Tuesday"),
    _("Wednesday"),
    _("Thursday"),
    _("Friday"),
    _("Saturday"),
)
STATES = {
    "SCHEDULED": ("going", _("waits for its turn")),
    "PENDING": ("going", _("is about to begin")),
    "RUNNING": ("going", _("runs now")),
    "PAUSED": ("going", _("is paused")),
    "CANCELLING": ("going", _("is being stopped")),
    "COMPLETED": ("ok", _("done")),
    "FAILED": ("bad", _("failed")),
    "CRASHED": ("bad", _("broke off")),
    "CANCELLED": ("warn", _("stopped, or one was running already")),
}
UNDER_WAY = frozenset({"PENDING", "RUNNING", "CANCELLING"})
"""By Prefect's type of state: the mark, and the words."""
AWAY = _("Prefect, which runs the flows, does not answer. `boli up` starts it; ask whoever runs this portal.")
REFUSED = _("Prefect does not take this.")
TOO_RARE = _(
    "This flow carries out withdrawals of consent: it runs once a day at least, and is not switched off."
)
NO_TIME = _("This is no time to run at. Write hours and minutes, or five fields of cron.")
Said = Literal["", "asked", "set", "no_time", "too_rare", "refused"]

router = APIRouter(include_in_schema=False)
Reader = Annotated[Signed, Depends(holding(Role.ML_READER, Role.MANAGER))]


@router.get("/datasets/runs")
def all_runs(
    request: Request, signed: Reader, said: Said = "", flow: Annotated[str, Query(max_length=60)] = ""
) -> Response:
    """Every flow of the project with its schedule, and what ran of late."""
    context = context_of(request)
    server = FlowServer(context.prefect, context.prefect_auth)
    try:
        deployments = sorted(server.deployments(signed.project), key=_place_on_the_way)
        runs = server.runs(deployments, now=context.clock(), most=RUNS_SHOWN)
    except (FlowServerAway, FlowServerRefused):
        return pages.render(request, "datasets/runs_away.html.j2", status=503, away=AWAY)
    return pages.render(
        request,
        "datasets/runs.html.j2",
        flows=[(each, schedule_form(each.schedule)) for each in deployments],
        last={each.flow: next((run for run in runs if run.flow == each.flow), None) for each in deployments},
        runs=runs,
        under_way=not deployments or any(_is_under_way(run) for run in runs),
        titles=TITLES,
        states=STATES,
        days=DAYS,
        said=said,
        said_of=flow,
        no_time=NO_TIME,
        too_rare=TOO_RARE,
        daily=DAILY,
        may_set=signed.has(Role.MANAGER),
        refused=REFUSED,
        request_id=new_id("request"),
        prefect=server.pages,
    )


@router.post("/datasets/runs/{flow}")
def run_now(
    request: Request, signed: Manager, flow: str, request_id: Annotated[str, Form(max_length=80)]
) -> Response:
    """Ask for a run. The same form sent twice asks once."""
    context = context_of(request)
    server, deployment = deployment_of(context, signed.project, flow)
    try:
        asked = server.ask_for_run(deployment, request_id=f"{signed.person_id}-{request_id}")
    except FlowServerAway as error:
        raise HTTPException(503, AWAY) from error
    except FlowServerRefused:
        return _back("refused", flow)
    note_asked(context, signed.person_id, deployment, str(asked.id))
    return _back("asked", flow)


@router.post("/datasets/runs/{flow}/schedule")
def set_schedule(
    request: Request,
    signed: Manager,
    flow: str,
    how: Annotated[How, Form()],
    clock: Annotated[str, Form(max_length=8)] = "",
    day: Annotated[int, Form(ge=0, le=6)] = 0,
    cron: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Let a flow run by another schedule from now on."""
    context = context_of(request)
    server, deployment = deployment_of(context, signed.project, flow)
    try:
        schedule = schedule_of(ScheduleForm(how, clock, day, cron), deployment.schedule)
        check_often_enough(flow, schedule)
        server.set_schedule(deployment, schedule)
    except TooRare:
        return _back("too_rare", flow)
    except NotASchedule:
        return _back("no_time", flow)
    except FlowServerRefused:
        return _back("refused", flow)
    except FlowServerAway as error:
        raise HTTPException(503, AWAY) from error
    note_scheduled(context, signed.person_id, deployment, schedule)
    return _back("set", flow)


def note_asked(context: PortalContext, actor: str, deployment: Deployment, run_id: str) -> None:
    """Write down who asked for a run."""
    with context.catalog.writing() as session:
        audit.record(
            session,
            at=context.clock(),
            actor=actor,
            action="flow.asked_for",
            subject=("flow", f"{deployment.flow}/{deployment.project}"),
            detail={"run": run_id},
        )


def note_scheduled(context: PortalContext, actor: str, deployment: Deployment, schedule: Schedule) -> None:
    """Write down who chose which schedule."""
    with context.catalog.writing() as session:
        audit.record(
            session,
            at=context.clock(),
            actor=actor,
            action="flow.scheduled",
            subject=("flow", f"{deployment.flow}/{deployment.project}"),
            detail={"cron": schedule.cron, "timezone": schedule.timezone, "active": schedule.active},
        )


def _is_under_way(run: FlowRun) -> bool:
    """Whether more of it is seen within moments; one that waits for its time is not."""
    return run.state in UNDER_WAY or (run.asked_for and run.state == "SCHEDULED")


def _place_on_the_way(deployment: Deployment) -> tuple[int, str]:
    """In the order in which a recording meets the flows."""
    way = [*TITLES]
    return (way.index(deployment.flow) if deployment.flow in way else len(way)), deployment.flow


def deployment_of(context: PortalContext, project: str, flow: str) -> tuple[FlowServer, Deployment]:
    """A flow of a project on Prefect's server. Raises HTTPException: there is none, or nobody can be asked."""
    server = FlowServer(context.prefect, context.prefect_auth)
    try:
        deployment = server.deployment(project, flow)
    except (FlowServerAway, FlowServerRefused) as error:
        raise HTTPException(503, AWAY) from error
    if deployment is None:
        raise HTTPException(404)
    return server, deployment


def _back(said: Said, flow: str) -> Response:
    return RedirectResponse("/datasets/runs?" + urlencode({"said": said, "flow": flow}), status_code=303)
