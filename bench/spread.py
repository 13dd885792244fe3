"""What two workers do over one: the same recordings cut by one and by two of Prefect's workers, and of Dask's.

python -m bench.spread [HOURS]

Each worker is a process of this machine that does one batch at a time with one child. Prefect's server, the run that
gives the batches out and the catalogue (SQLite) share the cores with them, as on a small installation. Starting the
workers is not counted; a batch's own start is.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from bench.sound_speed import MINUTES, phone_file
from catalog.config.settings import ROOT
from flows.sources import FolderSource
from flows.steps.ingest import ingest_batch, waiting_uploads
from flows.steps.receive import receive_all
from flows.steps.segment import uncut_recordings
from flows.workspace import open_workspace
from tests.dask_workers import dask_workers, start_scheduler
from tests.end_to_end.conftest import Installation, install
from tests.prefect_workers import end_group, make_pool, workers
from tests.servers import PrefectServer, SharedServers

HOURS = 4 / 3
BATCH_MINUTES = MINUTES + 1  # a file a batch
SEGMENT = (
    "import time\n"
    "from flows.segment import segment\n"
    "start = time.monotonic()\n"
    "segment('demo')\n"
    "print('seconds', time.monotonic() - start)\n"
)


def rows(folder: Path, hours: float = HOURS) -> Iterator[str]:
    """Seconds by the clock for one worker and for two, each way."""
    servers = SharedServers.create()
    try:
        server = servers.prefect()
        made = install(folder / "accepted", server, BOLI_WORKERS="1", BOLI_BATCH_MINUTES=str(BATCH_MINUTES))
        batches = _accept(made, folder / "inbox", round(hours * 60 / MINUTES))
        yield f"{hours:.2f} h of made field sessions, {batches} batches of {MINUTES} minutes\n"
        yield "| way | one worker | two workers | two over one |\n|---|---:|---:|---:|"
        for way, measure in (("Prefect work pool", _prefect), ("Dask", _dask)):
            one, two = (measure(_copy(made, folder / f"{way} {count}"), server, count) for count in (1, 2))
            yield f"| {way} | {one:.0f} s | {two:.0f} s | {one / two:.2f} |"
    finally:
        servers.stop()


def _accept(installation: Installation, inbox: Path, files: int) -> int:
    """So many files of ten minutes received and ingested; returns the batches that wait to be cut."""
    inbox.mkdir()
    lists = ["file\tlanguage\tspeaker"]
    for seed in range(files):
        phone_file(inbox, seed=seed).rename(inbox / f"{seed}.m4a")
        lists.append(f"{seed}.m4a\tte\tte-01")
    for left in inbox.glob("session-*"):
        left.unlink()
    (inbox / "recordings.tsv").write_text("\n".join(lists) + "\n", "utf-8")
    shutil.copyfile(ROOT / "examples" / "recordings" / "consents.tsv", inbox / "consents.tsv")
    with open_workspace("demo", installation.settings) as workspace:
        receive_all(workspace, FolderSource(inbox.resolve()))
        accepted = sum(ingest_batch(workspace, batch).accepted for batch in waiting_uploads(workspace))
        assert accepted == files, f"{accepted} of {files} files were accepted"
        return len(uncut_recordings(workspace))


def _copy(made: Installation, home: Path) -> Installation:
    shutil.copytree(made.settings.home, home)
    return replace(
        made,
        settings=made.settings.model_copy(update={"home": home}),
        environment={**made.environment, "BOLI_HOME": str(home)},
    )


def _prefect(installation: Installation, server: PrefectServer, count: int) -> float:
    pool = make_pool(server, installation.environment)
    environment = {
        **installation.environment,
        "BOLI_TASK_RUNNER": "prefect",
        "BOLI_BATCH_DEPLOYMENT": pool.deployment,
    }
    names = tuple(f"w{number}" for number in range(count))
    with workers(pool, environment, names, installation.settings.home / "logs"):
        return _seconds(environment)


def _dask(installation: Installation, _server: PrefectServer, count: int) -> float:
    logs = installation.settings.home / "logs"
    with ExitStack() as at_end:
        address, scheduler = start_scheduler(installation.environment, logs)
        at_end.callback(end_group, scheduler)
        environment = {
            **installation.environment,
            "BOLI_TASK_RUNNER": "dask",
            "BOLI_DASK_ADDRESS": address,
        }
        at_end.enter_context(dask_workers(address, environment, count, logs))
        return _seconds(environment)


def _seconds(environment: dict[str, str]) -> float:
    done = subprocess.run(
        [sys.executable, "-c", SEGMENT],
        env={**environment, "PYTHONPATH": os.pathsep.join([str(ROOT), environment.get("PYTHONPATH", "")])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return float(done.stdout.rsplit("seconds", 1)[1])


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        for line in rows(Path(folder), *map(float, sys.argv[1:2])):
            print(line, flush=True)


if __name__ == "__main__":
    main()
