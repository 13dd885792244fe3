"""The manager's first page: how the queues stand, what came in, what runs by itself."""

from collections.abc import Sequence

from fastapi import APIRouter, Request
from fastapi.responses import Response

from catalog import reasons
from portal.access.guard import Manager
from portal.context import context_of
from portal.datasets.flow_server import FlowRun, FlowServer, FlowServerAway, FlowServerRefused
from portal.datasets.runs import STATES, TITLES
from portal.http.pages import render
from portal.manage.breaches import breaches_seen_by
from portal.manage.queue_health import arrivals, is_old, queues

router = APIRouter(include_in_schema=False)

RUNS_SHOWN = 5


@router.get("/manage")
def overview(request: Request, signed: Manager) -> Response:
    """How everything stands."""
    context = context_of(request)
    project, now = context.project(signed.project), context.clock()
    with context.catalog.reading() as session:
        health = queues(session, signed.project, project.languages, now=now)
        came = arrivals(session, signed.project)
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
        arrivals=came,
        breaches=[each for each in breaches_seen_by(context, signed) if each.closed_at is None],
        reasons=[(reasons.reason(code), count) for code, count in came.reasons],
        language_names={code: context.languages[code].own_name for code in project.languages},
        runs=runs,
        run_states=STATES,
        run_titles=TITLES,
        is_old=is_old,
        prefect=flows.pages if runs is not None else None,
        store=context.store.url.partition("://")[0],
    )
