"""Flows of a project on the session's Prefect server, deployed as `boli up` does, but run by nobody."""

from dataclasses import dataclass
from uuid import uuid4

from portal.datasets.flow_server import TAG, ZONE
from portal.house import House
from tests.servers import PrefectServer


@dataclass(frozen=True, slots=True)
class Deployed:
    """house: serves a project of its own, `project`, whose flow `publish` runs at half past two"""

    house: House
    project: str
    deployment_id: str


def deploy(house: House, server: PrefectServer) -> Deployed:
    from dataclasses import replace

    project = f"flows-{uuid4().hex[:8]}"
    flow = server.ask("flows/", {"name": "publish"})["id"]
    wanted = {
        "name": project,
        "flow_id": flow,
        "tags": [TAG, project],
        "parameters": {"project": project},
        "schedules": [{"schedule": {"cron": "30 2 * * *", "timezone": ZONE}, "active": True}],
    }
    made = server.ask("deployments/", wanted)["id"]
    projects = {**house.projects, project: replace(house.projects["demo"], name=project)}
    guidelines = {**house.guidelines, project: house.guidelines["demo"]}
    return Deployed(
        replace(house, projects=projects, guidelines=guidelines, prefect=server.api), project, made
    )
