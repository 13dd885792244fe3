"""Metrics of the portal for Prometheus: queues, lag of each step, files, refusals, failures, requests, disk.

Counts and ages by project, language, step and reason; nothing of any person. Figures of a large project are those that
its managers see (`portal.figures`), with their age.
"""

import hmac
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address

from fastapi import APIRouter, BackgroundTasks, HTTPException, Request
from fastapi.responses import PlainTextResponse, Response
from sqlalchemy.orm import Session

from catalog.config.project import Project
from catalog.figures import Figure
from catalog.lag import FailedCount, StepLag, failed_counts, lags
from portal.context import PortalContext, context_of
from portal.figures import FigureQuery, figure
from portal.http.exposition import CONTENT_TYPE, Metric, Sample, exposition
from portal.http.request_counts import RequestCounts
from portal.manage.overview import OVERVIEW, ProjectOverview

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class ProjectLag:
    """What waits for the steps of a project, and what they failed on."""

    steps: list[StepLag]
    failed: list[FailedCount]


def _lag(session: Session, project: Project, now: datetime) -> ProjectLag:
    return ProjectLag(lags(session, project.name, now=now), failed_counts(session, project.name))


LAG = FigureQuery("lag", ProjectLag, _lag)


@router.get("/metrics")
def metrics(request: Request, behind: BackgroundTasks) -> Response:
    """For whoever sends the operator's token; without one, for this machine alone. 404 for anybody else."""
    context = context_of(request)
    if not _may_read(request, context):
        raise HTTPException(404)
    found = [*_of_process(request, context)]
    seen = {
        name: (figure(context, name, OVERVIEW, behind), figure(context, name, LAG, behind))
        for name in sorted(context.projects)
    }
    found += _of_projects(seen, context.clock())
    return PlainTextResponse(
        exposition(found), media_type=CONTENT_TYPE, headers={"Cache-Control": "no-store"}
    )


def _may_read(request: Request, context: PortalContext) -> bool:
    if context.metrics_token is not None:
        given = request.headers.get("Authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {context.metrics_token}".encode())
    # Behind a proxy on this machine everybody comes from it: whoever was passed on is not let in.
    passed_on = any(name in request.headers for name in ("forwarded", "x-forwarded-for", "x-real-ip"))
    return not passed_on and request.client is not None and _is_loopback(request.client.host)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _of_process(request: Request, context: PortalContext) -> Iterator[Metric]:
    counted: RequestCounts = request.app.state.request_counts
    totals = counted.totals()
    disk = shutil.disk_usage(context.folder)
    yield Metric(
        "boli_info", "gauge", "The version that runs.", (Sample(1, {"version": request.app.version}),)
    )
    yield Metric(
        "boli_requests_total",
        "counter",
        "Requests that were answered since the start, by class of status.",
        tuple(Sample(count, {"status": status}) for status, count in totals.ended.items()),
    )
    yield Metric(
        "boli_request_seconds_total",
        "counter",
        "Seconds spent on them, all together.",
        (Sample(totals.seconds),),
    )
    yield Metric("boli_disk_free_bytes", "gauge", "Room left where uploads arrive.", (Sample(disk.free),))
    yield Metric("boli_disk_size_bytes", "gauge", "Room in all on that disk.", (Sample(disk.total),))


def _of_projects(
    seen: dict[str, tuple[Figure[ProjectOverview], Figure[ProjectLag]]], now: datetime
) -> Iterator[Metric]:
    clips, oldest, files, refused, waiting, lag, failed, age = ([] for _ in range(8))
    for project, (overview, behind) in seen.items():
        of = {"project": project}
        for queue in overview.value.queues:
            here = {**of, "language": queue.language}
            for state in ("waiting", "disputed", "returned", "in_hand", "in_review", "accepted", "rejected"):
                clips.append(Sample(getattr(queue, state), {**here, "state": state}))
            for kind, since in (("writing", queue.oldest), ("review", queue.oldest_review)):
                oldest.append(Sample(_age(since, now), {**here, "kind": kind}))
        came = overview.value.arrivals
        for state in ("waiting", "taken", "refused", "failed"):
            files.append(Sample(getattr(came, state), {**of, "state": state}))
        refused += [Sample(count, {**of, "reason": code}) for code, count in came.reasons]
        for each in behind.value.steps:
            waiting.append(Sample(each.waiting, {**of, "step": each.step.value}))
            lag.append(Sample(_age(each.oldest, now), {**of, "step": each.step.value}))
        failed += [Sample(each.count, {**of, "kind": each.kind}) for each in behind.value.failed]
        age.append(Sample(_age(min(overview.counted_at, behind.counted_at), now), of))
    for name, help_, samples in (
        ("boli_clips", "Clips by where their work stands.", clips),
        ("boli_queue_oldest_seconds", "How long the clip that waits longest has waited.", oldest),
        ("boli_files", "Files that were sent, by what became of them.", files),
        ("boli_refused_files", "Files refused or failed, by the most frequent reasons.", refused),
        ("boli_step_waiting", "Items that a step could do now and has not.", waiting),
        ("boli_step_lag_seconds", "How long the oldest of them has waited.", lag),
        ("boli_failed_items", "Items set aside because a step failed on them.", failed),
        ("boli_figures_age_seconds", "How long ago the figures of the project were counted.", age),
    ):
        yield Metric(name, "gauge", help_, tuple(samples))


def _age(since: datetime | None, now: datetime) -> float:
    """0 where nothing waits."""
    return max(0.0, (now - since).total_seconds()) if since is not None else 0.0
