"""The scheduled flows of every project, run by this process as their time comes: `python -m boli.serve_flows`.

Settings and the server's address (PREFECT_API_URL) come from the environment that `boli up` prepares.
"""

from importlib import import_module

from prefect import Flow, serve
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
from prefect.deployments.runner import RunnerDeployment
from prefect.schedules import Cron
from prefect.types.entrypoint import EntrypointType

from boli.deployments import AT_ONCE, SCHEDULED, TIMEZONE, Scheduled, projects
from boli.settings import load_settings

# Of two runs of one deployment the later has nothing to do: the earlier takes up all that is there.
ONE_RUN = ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW)


def main() -> None:
    """Register every project's flows and run them until a signal comes."""
    serve(
        *(
            _deployment(project, scheduled)
            for project in projects(load_settings().configs)
            for scheduled in SCHEDULED
        ),
        limit=AT_ONCE,
        print_starting_message=False,
    )


def _deployment(project: str, scheduled: Scheduled) -> RunnerDeployment:
    flow: Flow[..., object] = getattr(import_module(f"flows.{scheduled.flow}"), scheduled.flow)
    deployment = flow.to_deployment(
        project,
        schedule=Cron(scheduled.cron, timezone=TIMEZONE),
        parameters=scheduled.parameters(project),
        tags=["boli", project],
        description=scheduled.description,
        concurrency_limit=ONE_RUN,
        entrypoint_type=EntrypointType.MODULE_PATH,  # found from whatever folder `boli up` was started in
    )
    assert isinstance(deployment, RunnerDeployment)  # a coroutine only where an event loop runs
    return deployment


if __name__ == "__main__":
    main()
