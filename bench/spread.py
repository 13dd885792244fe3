"""What two workers do over one: the same recordings cut by one and two of this machine's, of Prefect's and of Dask's.

python -m bench.spread [HOURS]

Catalogue and store are PostgreSQL and an S3 server, as many workers need them. Each worker is a process of this machine
that does one batch at a time with one child; on one machine alone they are children. The servers and the run that gives
the batches out share the cores with them, as on a small installation. Starting the workers is not counted; a batch's
own start is.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

from bench.sound_speed import MINUTES, phone_file
from catalog.config.settings import ROOT
from flows.sources import FolderSource
from flows.steps.ingest import ingest_batch, waiting_uploads
from flows.steps.receive import receive_all
from flows.steps.segment import uncut_recordings
from flows.workspace import open_workspace
from tests.dask_workers import dask_workers, start_scheduler
from tests.end_to_end.cluster import Cluster
from tests.end_to_end.conftest import Installation
from tests.prefect_workers import end_group, make_pool, workers

HOURS = 10.0
AS_USUAL = {"BOLI_S3_SILENT_SECONDS": "60", "BOLI_S3_ATTEMPTS": "5", "BOLI_BATCH_MINUTES": "30"}
SEGMENT = (
    "import time\n"
    "from flows.segment import segment\n"
    "start = time.monotonic()\n"
    "segment('demo')\n"
    "print('seconds', time.monotonic() - start)\n"
)


def rows(folder: Path, hours: float = HOURS) -> Iterator[str]:
    """Seconds by the clock for one worker and for two, each way."""
    cluster = Cluster.start(folder)
    try:
        made = cluster.install(folder / "accepted", **AS_USUAL)
        batches = _accept(made, folder / "inbox", round(hours * 60 / MINUTES))
        yield f"{hours:.2f} h of made field sessions, {batches} batches of {MINUTES}-minute files\n"
        yield "| way | one worker | two workers | two over one |\n|---|---:|---:|---:|"
        for way, measure in (
            ("one machine", _one_machine),
            ("Prefect work pool", _prefect),
            ("Dask", _dask),
        ):
            one, two = (measure(cluster, made, folder / f"{way} {count}", count) for count in (1, 2))
            yield f"| {way} | {one:.0f} s | {two:.0f} s | {one / two:.2f} |"
    finally:
        cluster.stop()


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


def _one_machine(cluster: Cluster, made: Installation, home: Path, count: int) -> float:
    return _seconds(_copy(cluster, made, home, BOLI_WORKERS=str(count)).environment)


def _prefect(cluster: Cluster, made: Installation, home: Path, count: int) -> float:
    copied = _copy(cluster, made, home)
    pool = make_pool(cluster.prefect)
    environment = {
        **copied.environment,
        "BOLI_TASK_RUNNER": "prefect",
        "BOLI_BATCH_DEPLOYMENT": pool.deployment,
    }
    names = tuple(f"w{number}" for number in range(count))
    with workers(pool, environment, names, home / "logs"):
        return _seconds(environment)


def _dask(cluster: Cluster, made: Installation, home: Path, count: int) -> float:
    copied, logs = _copy(cluster, made, home), home / "logs"
    with ExitStack() as at_end:
        address, scheduler = start_scheduler(copied.environment, logs)
        at_end.callback(end_group, scheduler)
        environment = {**copied.environment, "BOLI_TASK_RUNNER": "dask", "BOLI_DASK_ADDRESS": address}
        at_end.enter_context(dask_workers(address, environment, count, logs))
        return _seconds(environment)


def _copy(cluster: Cluster, made: Installation, home: Path, **more: str) -> Installation:
    return cluster.copy(made, home, **AS_USUAL, **more)


def _seconds(environment: Mapping[str, str]) -> float:
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
