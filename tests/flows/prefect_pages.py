"""What a run left on Prefect's server."""

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from tests.servers import PrefectServer
from tests.waiting import soon

Value = TypeVar("Value")


def eventually(ask: Callable[[], Value], good: Callable[[Value], bool]) -> Value:
    """The answer once it is good: the server writes task runs and events down some seconds after they happen."""
    answers: list[Value] = []

    def is_good() -> bool:
        answers.append(ask())
        return good(answers[-1])

    soon(is_good)
    return answers[-1]


def runs_below(server: PrefectServer, root: UUID) -> dict[str, dict[str, Any]]:
    """The flow run, those that it called, by name."""
    tasks_of_root = {"flow_runs": {"id": {"any_": [str(root)]}}}
    parents = {row["id"] for row in server.ask("task_runs/filter", tasks_of_root)}
    found = server.ask("flow_runs/filter", {"limit": 200, "sort": "START_TIME_DESC"})
    ours = [row for row in found if row["id"] == str(root) or row["parent_task_run_id"] in parents]
    return {row["name"]: row for row in ours}


def tasks_of(server: PrefectServer, run: str) -> dict[str, dict[str, Any]]:
    rows = server.ask("task_runs/filter", {"flow_runs": {"id": {"any_": [run]}}})
    return {row["name"]: row for row in rows}


def artifacts_of(server: PrefectServer, run: str) -> dict[str, dict[str, Any]]:
    rows = server.ask("artifacts/filter", {"artifacts": {"flow_run_id": {"any_": [run]}}})
    return {row["key"]: row for row in rows}
