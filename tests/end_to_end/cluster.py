"""An S3 server, PostgreSQL and Prefect's server of a test's own: to be killed, frozen and started again."""

import os
import signal
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from sqlalchemy import make_url

from tests.end_to_end.conftest import Installation, install
from tests.processes import stop_process
from tests.servers import (
    REGION,
    PostgresServer,
    PrefectServer,
    S3Server,
    restart_postgres,
    start_postgres,
    start_prefect,
    start_seaweedfs,
)

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

BUCKET = "boli-cluster"
SETTINGS = {
    "BOLI_WORKERS": "1",
    "BOLI_BATCH_MINUTES": "1",
    "BOLI_S3_SILENT_SECONDS": "3",
    "BOLI_S3_ATTEMPTS": "2",
}


@dataclass
class Cluster:
    """What several machines share. Whatever is killed or frozen here goes on on its data."""

    folder: Path
    s3: S3Server
    postgres: PostgresServer
    prefect: PrefectServer

    @classmethod
    def start(cls, folder: Path) -> "Cluster":
        s3 = start_seaweedfs(folder / "s3", owner=os.getpid())
        postgres = start_postgres(folder / "postgres", owner=os.getpid())
        prefect = start_prefect(folder / "prefect", owner=os.getpid())
        s3.create_bucket(BUCKET)
        return cls(folder, s3, postgres, prefect)

    def install(self, home: Path, *, database: str = "template1", **more: str) -> Installation:
        """An empty catalogue and an empty store, batches of a recording each, little patience with the store.

        database: to copy, instead of an empty one
        """
        return install(
            home,
            self.prefect,
            BOLI_DATABASE_URL=self.postgres.url(self.postgres.create_database(database)),
            BOLI_STORE_URL=f"s3://{BUCKET}/{uuid.uuid4().hex}",
            BOLI_S3_ENDPOINT=self.s3.endpoint,
            BOLI_S3_REGION=REGION,
            BOLI_S3_ACCESS_KEY=self.s3.access_key,
            BOLI_S3_SECRET_KEY=self.s3.secret_key,
            **{**SETTINGS, **more},
        )

    def copy(self, installation: Installation, home: Path, **more: str) -> Installation:
        """Another one that holds the same. Nobody may be using the first."""
        database = str(make_url(installation.settings.catalog_url).database)
        made = self.install(home, database=database, **more)
        client, place, there = self.client, place_of(installation), place_of(made)
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=place):
            for each in page.get("Contents", []):
                name = each["Key"].replace(place, there, 1)
                client.copy_object(Bucket=BUCKET, Key=name, CopySource=f"{BUCKET}/{quote(each['Key'])}")
        return made

    @contextmanager
    def frozen_s3(self) -> Iterator[None]:
        """The S3 server takes connections and answers nothing."""
        os.kill(self.s3.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.s3.pid, signal.SIGCONT)

    def kill_s3(self) -> None:
        """Kill -9, and a start on its data at the same address."""
        stop_process(self.s3.pid)
        self.s3 = start_seaweedfs(self.folder / "s3", owner=os.getpid(), port=urlsplit(self.s3.endpoint).port)

    def kill_postgres(self) -> None:
        """As kill_s3."""
        stop_process(self.postgres.pid)
        self.postgres = restart_postgres(self.folder / "postgres", owner=os.getpid())

    def kill_prefect(self) -> None:
        """As kill_s3."""
        stop_process(self.prefect.pid)
        self.prefect = start_prefect(self.folder / "prefect", owner=os.getpid(), again=self.prefect)

    def tried_again(self) -> int:
        """How often a task of any run was tried once more."""
        found = self.prefect.ask("task_runs/filter", {"sort": "EXPECTED_START_TIME_DESC", "limit": 200})
        return sum(max(0, each["run_count"] - 1) for each in found)

    def holds(self, installation: Installation, prefix: str) -> bool:
        """Whether the store of an installation has an object under a prefix."""
        name = f"{place_of(installation)}{prefix}"
        found = self.client.list_objects_v2(Bucket=BUCKET, Prefix=name, MaxKeys=1)
        return found["KeyCount"] > 0

    @cached_property
    def client(self) -> "S3Client":
        """One for all: to make one takes longer than what a test waits for."""
        return self.s3.client()

    def stop(self) -> None:
        """A stopped process ends by SIGKILL too."""
        stop_process(self.s3.pid)
        stop_process(self.prefect.pid)
        stop_process(self.postgres.pid, signal.SIGQUIT)


def place_of(installation: Installation) -> str:
    """What the names of all its objects begin with."""
    return installation.settings.store_address.removeprefix(f"s3://{BUCKET}/") + "/"
