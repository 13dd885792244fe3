"""The scheduled flows of every project, run by this process as their time comes: `python -m boli.serve.flows`.

Settings and the server's address (PREFECT_API_URL) come from the environment that `boli up` prepares. A project that
is made meanwhile is taken up without a restart; every run of a flow reads its project's file anew.
"""

import asyncio
import logging
from contextlib import suppress
from importlib import import_module
from pathlib import Path

import httpx
from prefect import Flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import DeploymentScheduleCreate
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
from prefect.deployments.runner import RunnerDeployment
from prefect.exceptions import ObjectNotFound, TerminationSignal
from prefect.runner import Runner
from prefect.schedules import Cron
from prefect.types.entrypoint import EntrypointType

from boli.serve import silent_runs
from boli.serve.deployments import AT_ONCE, SCHEDULED, TIMEZONE, Scheduled, projects
from catalog.config.settings import load_settings
from portal.datasets.flow_server import CHOSEN

# Of two runs of one deployment the later has nothing to do: the earlier takes up all that is there.
ONE_RUN = ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW)


LOOK_SECONDS = 5.0
"""How often it is looked for new projects: who makes one waits for its flows."""

log = logging.getLogger("boli.flows")


def main() -> None:
    """Register every project's flows and run them until a signal comes."""
    configs = load_settings().configs
    runner, taken_up = Runner(limit=AT_ONCE), set[str]()
    take_up_new(runner, configs, taken_up)
    try:
        silent_runs.register()
    except httpx.HTTPError as error:  # flows go on without; a run that dies then stands as running
        log.warning("Prefect's server took no rule to end runs that fall silent: %s", error)
    with suppress(KeyboardInterrupt, TerminationSignal):
        asyncio.run(_run(runner, configs, taken_up))


def take_up_new(runner: Runner, configs: Path, taken_up: set[str]) -> None:
    """Let the runner run the flows of each project that is not among those taken up, and add it to them."""
    for project in projects(configs):
        if project not in taken_up:
            for scheduled in SCHEDULED:
                runner.add_deployment(deployment(project, scheduled))
            taken_up.add(project)


async def look_for_new(runner: Runner, configs: Path, taken_up: set[str]) -> None:
    """Take up new projects while the runner goes on; where Prefect's server is away, the next look finds them."""
    try:
        await asyncio.to_thread(take_up_new, runner, configs, taken_up)
    except httpx.HTTPError as error:
        log.warning("a new project could not be taken up yet: %s", error)


async def _run(runner: Runner, configs: Path, taken_up: set[str]) -> None:
    looking = asyncio.create_task(_look(runner, configs, taken_up))
    try:
        await runner.start()
    finally:
        looking.cancel()


async def _look(runner: Runner, configs: Path, taken_up: set[str]) -> None:
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        await look_for_new(runner, configs, taken_up)


def deployment(project: str, scheduled: Scheduled) -> RunnerDeployment:
    """A project's flow, with the schedule that somebody chose in the portal, or else with ours."""
    flow: Flow[..., object] = getattr(import_module(f"flows.{scheduled.flow}"), scheduled.flow)
    made = flow.to_deployment(
        project,
        schedules=_chosen(project, scheduled) or [Cron(scheduled.cron, timezone=TIMEZONE)],
        parameters=scheduled.parameters(project),
        tags=["boli", project],
        description=scheduled.description,
        concurrency_limit=ONE_RUN,
        entrypoint_type=EntrypointType.MODULE_PATH,  # found from whatever folder `boli up` was started in
    )
    assert isinstance(made, RunnerDeployment)  # a coroutine only where an event loop runs
    return made


def _chosen(project: str, scheduled: Scheduled) -> list[DeploymentScheduleCreate]:
    """What people chose instead: to deploy again would put our own schedule in its place."""
    with get_client(sync_client=True) as client:
        try:
            there = client.read_deployment_by_name(f"{scheduled.flow}/{project}")
        except ObjectNotFound:
            return []
    return [
        DeploymentScheduleCreate(schedule=each.schedule, active=each.active, slug=each.slug)
        for each in there.schedules
        if each.slug == CHOSEN
    ]


if __name__ == "__main__":
    main()
