"""Prefect's workers as an operator starts them, and the deployment whose runs are batches."""

import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prefect.client.orchestration import SyncPrefectClient

from catalog.config.settings import ROOT
from tests.servers import PrefectServer
from tests.waiting import until

RUN_WHERE_THE_CODE_IS = [{"prefect.deployments.steps.set_working_directory": {"directory": str(ROOT)}}]
"""As `prefect deploy` says it. Without, each run first copies the whole folder, gigabytes with its environment."""


@dataclass(frozen=True, slots=True)
class BatchPool:
    """A work pool of this test's own. deployment: whose runs are batches"""

    server: PrefectServer
    name: str
    deployment: str

    def online(self) -> set[str]:
        """Names of the workers that wait for batches."""
        found = self.server.ask(f"work_pools/{self.name}/workers/filter", {})
        return {each["name"] for each in found if each["status"] == "ONLINE"}

    def runs(self) -> list[dict[str, Any]]:
        """The batches, as Prefect's server knows them."""
        found: list[dict[str, Any]] = self.server.ask(
            "flow_runs/filter", {"work_pools": {"name": {"any_": [self.name]}}}
        )
        return found

    def set_state(self, run: str, state: str) -> None:
        """As whoever works on a batch would."""
        self.server.ask(f"flow_runs/{run}/set_state", {"state": {"type": state}, "force": True})

    def takers(self) -> set[str]:
        """Names of the workers that took a batch."""
        ids = [each["id"] for each in self.runs()]
        lines = self.server.ask("logs/filter", {"logs": {"flow_run_id": {"any_": ids}}, "limit": 200})
        return {
            name
            for name in self.names()
            for line in lines
            if f"Worker '{name}' submitting" in line["message"]
        }

    def names(self) -> set[str]:
        return {each["name"] for each in self.server.ask(f"work_pools/{self.name}/workers/filter", {})}


def make_pool(server: PrefectServer) -> BatchPool:
    """A work pool, and the deployment of `prefect.yaml` under a name of this test's own."""
    name = f"batches-{uuid.uuid4().hex[:8]}"
    server.ask("work_pools/", {"name": name, "type": "process"})
    with SyncPrefectClient(server.api, auth_string=server.auth_string) as client:
        client.create_deployment(
            client.create_flow_from_name("batch"),
            name,
            work_pool_name=name,
            entrypoint="flows.batch.batch",
            pull_steps=RUN_WHERE_THE_CODE_IS,
        )
    return BatchPool(server, name, f"batch/{name}")


@contextmanager
def workers(
    pool: BatchPool, environment: Mapping[str, str], names: tuple[str, ...], logs: Path
) -> Iterator[dict[str, "subprocess.Popen[bytes]"]]:
    """`prefect worker start` once a name, one batch at a time each; ready when this yields."""
    started = {name: start_worker(pool, environment, name, logs) for name in names}
    try:
        until(lambda: pool.online() >= set(names))
        yield started
    finally:
        for process in started.values():
            end_group(process)


def start_worker(
    pool: BatchPool, environment: Mapping[str, str], name: str, logs: Path
) -> "subprocess.Popen[bytes]":
    logs.mkdir(parents=True, exist_ok=True)
    with (logs / f"{name}.log").open("ab") as log:
        return subprocess.Popen(
            [
                sys.executable,
                "-m",
                "prefect",
                "worker",
                "start",
                "--pool",
                pool.name,
                "--name",
                name,
                "--limit",
                "1",
            ],
            env={
                **environment,
                "PYTHONPATH": str(ROOT),
                "PREFECT_WORKER_QUERY_SECONDS": "1",
                "PREFECT_LOGGING_LEVEL": "INFO",
            },
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def end_group(process: "subprocess.Popen[bytes]") -> None:
    """kill -9 on a program and all that it started in its session."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
