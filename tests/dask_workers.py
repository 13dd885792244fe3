"""A Dask scheduler and its workers as an operator starts them."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from catalog.config.settings import ROOT
from tests.prefect_workers import end_group
from tests.processes import free_ports
from tests.waiting import until


def start_scheduler(environment: Mapping[str, str], folder: Path) -> tuple[str, "subprocess.Popen[bytes]"]:
    """Its address, and its process."""
    port = free_ports(1)[0]
    process = _start(
        environment, folder, "scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard"
    )
    return f"tcp://127.0.0.1:{port}", process


@contextmanager
def dask_workers(
    address: str, environment: Mapping[str, str], count: int, folder: Path
) -> Iterator[list["subprocess.Popen[bytes]"]]:
    """So many workers of one batch at a time each; they are there when this yields."""
    from distributed import Client

    started = [
        _start(
            environment,
            folder,
            "worker",
            address,
            "--nthreads",
            "1",
            "--no-dashboard",
            "--name",
            f"w{number}",
        )
        for number in range(count)
    ]
    try:
        with Client(address, set_as_default=False) as client:
            until(lambda: len(client.scheduler_info()["workers"]) == count)
        yield started
    finally:
        for process in started:
            end_group(process)


def _start(environment: Mapping[str, str], folder: Path, *words: str) -> "subprocess.Popen[bytes]":
    folder.mkdir(parents=True, exist_ok=True)
    paths = [str(ROOT), environment.get("PYTHONPATH", "")]
    with (folder / f"dask-{words[0]}.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "distributed.cli.dask_" + words[0], *words[1:]],
            env={**environment, "PYTHONPATH": ":".join(filter(None, paths))},
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
