"""Prefect's server, asked over its REST API: which flows a project has, when they run, and to run one now.

https://docs.prefect.io/v3/api-ref/rest-api: a flow of ours is deployed for each project under the project's name,
with the tags `boli` and that name; `boli up` and `prefect deploy --all` both do so.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import httpx
from pydantic import BaseModel, TypeAdapter, ValidationError

from catalog import tracing

TAG = "boli"
ASKED = "asked-for"
"""Tag of a run that a person or their program asked for."""
CHOSEN = "chosen"
"""Slug of a schedule that people chose: `boli up` leaves it as it is when it starts again."""
TRACE_LABEL = "__OTEL_TRACEPARENT"
"""By which Prefect's own instrumentation carries a trace into a run; flows.traced reads it."""
ZONE = "Asia/Kolkata"
TIMEOUT = httpx.Timeout(8.0, connect=2.0)
PAUSES = (0.2, 0.6, 1.5, 3.0)
"""Seconds: Prefect's server says 503 while its database is busy. Nothing that we ask is done twice by asking twice."""
MOST_RUNS = 50
MOST_AHEAD = timedelta(minutes=1)
"""Runs that stand ready for a later time are the schedule's, not news."""


class FlowServerAway(Exception):
    """Prefect's server is not configured, does not answer, or answers in a way we don't know."""


class FlowServerRefused(Exception):
    """Prefect's server does not take what it was asked to; its reason is in the words."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a flow runs by itself. cron: five fields, in `timezone`"""

    cron: str
    timezone: str
    active: bool


@dataclass(frozen=True, slots=True)
class Deployment:
    """A flow of a project.

    schedule: None where it has none, several, or one that is no cron: those are changed on Prefect's own pages
    paused:   nothing runs by itself, whatever the schedule says
    """

    id: UUID
    flow: str
    project: str
    description: str
    schedule: Schedule | None
    schedules: int
    paused: bool


@dataclass(frozen=True, slots=True)
class FlowRun:
    """state: Prefect's type, as SCHEDULED or COMPLETED; started and ended: None before they were"""

    id: UUID
    name: str
    flow: str
    project: str
    state: str
    message: str
    expected: datetime | None
    started: datetime | None
    ended: datetime | None
    asked_for: bool


class _PrefectSchedule(BaseModel):
    active: bool
    schedule: dict[str, Any]


class _PrefectDeployment(BaseModel):
    id: UUID
    name: str
    flow_id: UUID
    description: str | None = None
    paused: bool = False
    tags: list[str] = []
    schedules: list[_PrefectSchedule] = []


class _PrefectFlow(BaseModel):
    id: UUID
    name: str


class _PrefectState(BaseModel):
    message: str | None = None


class _PrefectRun(BaseModel):
    id: UUID
    name: str
    deployment_id: UUID | None = None
    state_type: str | None = None
    state: _PrefectState | None = None
    expected_start_time: datetime | None = None
    start_time: datetime | None = None
    end_time: datetime | None = None
    tags: list[str] = []


Answer = TypeVar("Answer")


class FlowServer:
    """address: of its API, as http://127.0.0.1:4200/api; None where there is none
    auth_string: user:password that it asks for; None where it asks for none

    Every method raises FlowServerAway.
    """

    def __init__(self, address: str | None, auth_string: str | None = None) -> None:
        self._address = address
        name, _, password = (auth_string or "").partition(":")
        self._auth = httpx.BasicAuth(name, password) if auth_string else None

    @property
    def pages(self) -> str | None:
        """Where its own pages are, for people on that machine."""
        return self._address.removesuffix("/").removesuffix("/api") if self._address else None

    def deployments(self, project: str) -> Sequence[Deployment]:
        """The flows of a project, by name."""
        wanted = {"deployments": {"tags": {"all_": [TAG, project]}, "name": {"any_": [project]}}, "limit": 50}
        listed = self._ask(list[_PrefectDeployment], "POST", "/deployments/filter", wanted)
        return sorted(self._named(listed), key=lambda each: each.flow)

    def deployment(self, project: str, flow: str) -> Deployment | None:
        return next((each for each in self.deployments(project) if each.flow == flow), None)

    def ask_for_run(
        self, deployment: Deployment, *, request_id: str, parameters: Mapping[str, object] | None = None
    ) -> FlowRun:
        """Have it run as soon as may be. The same request_id again gives the same run.

        parameters: what this run is given beside, or instead of, those of the deployment
        """
        trace = tracing.traceparent()
        wanted = {
            "state": {"type": "SCHEDULED"},
            "idempotency_key": f"boli-{deployment.id}-{request_id}",
            "tags": [TAG, deployment.project, ASKED],
            **({"parameters": parameters} if parameters else {}),
            "labels": {TRACE_LABEL: trace} if trace else {},
        }
        created = self._ask(_PrefectRun, "POST", f"/deployments/{deployment.id}/create_flow_run", wanted)
        return _run(created, deployment)

    def run(self, run_id: UUID) -> FlowRun | None:
        """A run of one of our flows; None where there is none of that id."""
        flow_run = self._ask(_PrefectRun | None, "GET", f"/flow_runs/{run_id}", None)
        if flow_run is None or flow_run.deployment_id is None:
            return None
        found = self._ask(_PrefectDeployment | None, "GET", f"/deployments/{flow_run.deployment_id}", None)
        if found is None or TAG not in found.tags:
            return None
        (deployment,) = self._named([found])
        return _run(flow_run, deployment)

    def runs(self, deployments: Sequence[Deployment], *, now: datetime, most: int) -> Sequence[FlowRun]:
        """What ran of late, runs now or is about to, the newest first."""
        if not deployments:
            return []
        wanted = {
            "deployments": {"id": {"any_": [str(each.id) for each in deployments]}},
            "flow_runs": {"expected_start_time": {"before_": (now + MOST_AHEAD).isoformat()}},
            "sort": "EXPECTED_START_TIME_DESC",
            "limit": min(most, MOST_RUNS),
        }
        listed = self._ask(list[_PrefectRun], "POST", "/flow_runs/filter", wanted)
        by_id = {each.id: each for each in deployments}
        return [_run(each, by_id[each.deployment_id]) for each in listed if each.deployment_id in by_id]

    def set_schedule(self, deployment: Deployment, schedule: Schedule) -> None:
        """Let it run by that schedule from now on, also after `boli up` starts again. Raises FlowServerRefused."""
        body = {
            "schedules": [
                {
                    "schedule": {"cron": schedule.cron, "timezone": schedule.timezone},
                    "active": schedule.active,
                    "slug": CHOSEN,
                }
            ]
        }
        self._ask(None, "PATCH", f"/deployments/{deployment.id}", body)

    def _named(self, deployments: Sequence[_PrefectDeployment]) -> Sequence[Deployment]:
        """With the names of their flows, which Prefect has elsewhere."""
        if not deployments:
            return []
        wanted = {"flows": {"id": {"any_": [str(each.flow_id) for each in deployments]}}, "limit": 200}
        flows = {
            each.id: each.name for each in self._ask(list[_PrefectFlow], "POST", "/flows/filter", wanted)
        }
        return [_deployment(each, flows.get(each.flow_id, "")) for each in deployments]

    def _ask(self, kind: type[Answer] | Any, method: str, path: str, body: object) -> Any:
        if self._address is None:
            raise FlowServerAway("no address of Prefect's server is configured")
        for pause in (*PAUSES, None):
            try:
                answer = httpx.request(
                    method,
                    self._address.rstrip("/") + path,
                    json=body,
                    auth=self._auth,
                    timeout=TIMEOUT,
                    trust_env=False,  # a proxy of the machine is none of this server's
                )
            except httpx.HTTPError as error:
                raise FlowServerAway(f"Prefect's server does not answer: {error}") from error
            if answer.status_code != 503 or pause is None:
                break
            time.sleep(pause)
        if answer.status_code in (400, 409, 422) or (answer.status_code == 404 and method == "PATCH"):
            raise FlowServerRefused(_reason(answer))
        if answer.status_code == 401:
            raise FlowServerAway(
                "Prefect's server asks for a password that the portal does not have. Start the portal with "
                "PREFECT_API_AUTH_STRING set to the server's PREFECT_SERVER_API_AUTH_STRING."
            )
        if answer.is_error and answer.status_code != 404:
            raise FlowServerAway(f"Prefect's server answers with status {answer.status_code}")
        if kind is None:
            return None
        try:
            return TypeAdapter(kind).validate_json(b"null" if answer.status_code == 404 else answer.content)
        except ValidationError as error:
            raise FlowServerAway("Prefect's server answers as none that we know") from error


def _deployment(found: _PrefectDeployment, flow: str) -> Deployment:
    only = found.schedules[0] if len(found.schedules) == 1 else None
    cron = only.schedule.get("cron") if only else None
    schedule = (
        Schedule(str(cron), str(only.schedule.get("timezone") or "UTC"), only.active)
        if only is not None and cron
        else None
    )
    return Deployment(
        found.id, flow, found.name, found.description or "", schedule, len(found.schedules), found.paused
    )


def _run(flow_run: _PrefectRun, deployment: Deployment) -> FlowRun:
    return FlowRun(
        flow_run.id,
        flow_run.name,
        deployment.flow,
        deployment.project,
        flow_run.state_type or "PENDING",
        (flow_run.state.message if flow_run.state else None) or "",
        flow_run.expected_start_time,
        flow_run.start_time,
        flow_run.end_time,
        ASKED in flow_run.tags,
    )


def _reason(answer: httpx.Response) -> str:
    """What Prefect says is wrong, in one line."""
    try:
        body = answer.json()
    except ValueError:
        return answer.text[:200]
    details = body.get("exception_detail") or body.get("detail") if isinstance(body, dict) else body
    if isinstance(details, list) and details and isinstance(details[0], dict):
        return str(details[0].get("msg", details[0]))[:200]
    return str(details)[:200]
