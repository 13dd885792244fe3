"""Flows of a project on the session's Prefect server, deployed as `boli up` does, but run by nobody."""

from dataclasses import dataclass, replace
from uuid import uuid4

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import DeploymentScheduleCreate
from prefect.client.schemas.schedules import CronSchedule

from portal.context import PortalContext
from portal.datasets.flow_server import TAG, ZONE
from tests.prefect_workers import RUN_WHERE_THE_CODE_IS
from tests.servers import PrefectServer


@dataclass(frozen=True, slots=True)
class Deployed:
    """portal: serves a project of its own, `project`, whose one flow runs at half past two"""

    portal: PortalContext
    project: str
    deployment_id: str


def deploy(
    portal: PortalContext, server: PrefectServer, *, flow: str = "publish", entrypoint: str | None = None
) -> Deployed:
    """entrypoint: of the flow, as package.module.function, where somebody is to run it"""
    project = f"flows-{uuid4().hex[:8]}"
    with SyncPrefectClient(
        server.api, auth_string=server.auth_string
    ) as client:  # asks again where the busy server says 503
        made = client.create_deployment(
            client.create_flow_from_name(flow),
            project,
            tags=[TAG, project],
            entrypoint=entrypoint,
            pull_steps=RUN_WHERE_THE_CODE_IS,
            parameters={"project": project},
            schedules=[
                DeploymentScheduleCreate(schedule=CronSchedule(cron="30 2 * * *", timezone=ZONE), active=True)
            ],
        )
    projects = {**portal.projects, project: replace(portal.projects["demo"], name=project)}
    guidelines = {**portal.guidelines, project: portal.guidelines["demo"]}
    return Deployed(
        replace(
            portal,
            projects=projects,
            guidelines=guidelines,
            prefect=server.api,
            prefect_auth=server.auth_string,
        ),
        project,
        str(made),
    )
