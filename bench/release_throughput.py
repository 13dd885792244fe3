"""How fast a version is published to an S3 server on this machine, beside boto3 on the same bytes.

python -m bench.release_throughput [RUNS [HOURS]]

An hour of sound has every fixed cost of a version in it; ten hours tell what a clip costs.
Two floors are measured beside it, run after run: boto3 sending the parts by multipart upload as if they lay ready
(bare), and boto3 reading each clip by 8 threads and then sending the parts (read and sent), since clips are objects of
their own and somebody has to read them. The server shares the cores: its processor time stands beside ours.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import pyarrow as pa
from boto3.s3.transfer import TransferConfig

from bench.release_archive import PART_SECONDS, RECORDINGS, archive_at, open_with_speakers, record
from catalog.store import S3Options, open_store
from releases.map_in_order import map_in_order
from releases.versions import Part, newest
from tests.releases.conftest import Archive
from tests.servers import REGION, S3Server, SharedServers

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

BUCKET = "bench"
RUNS = 5
HOURS = 1.0
MOST = 2**26
"""Bytes of a clip."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds by the clock, and of the processor: ours and the server's."""

    wall: float
    ours: float
    servers: float

    def __str__(self) -> str:
        return f"{self.wall:.2f} s (processor: {self.ours:.2f} s here, {self.servers:.2f} s the server)"


def rows(folder: Path, runs: int = RUNS, hours: float = HOURS) -> Iterator[str]:
    """What publishing that much sound costs, and how that compares with each floor: medians of the runs."""
    servers = SharedServers.create()
    try:
        server = servers.s3()
        server.create_bucket(BUCKET)
        options = S3Options(
            endpoint=server.endpoint,
            region=REGION,
            access_key=server.access_key,
            secret_key=server.secret_key,
        )
        with archive_at(folder, open_store(f"s3://{BUCKET}/boli", options)) as archive:
            open_with_speakers(archive)
            record(archive, round(RECORDINGS * hours), day=0)
            pa.array(["x"])  # imports pandas, which is here for the tests alone
            yield from _compared(archive, server, folder, runs, PART_SECONDS * 2 * hours)
    finally:
        servers.stop()


def _compared(
    archive: Archive, server: S3Server, folder: Path, runs: int, part_seconds: float
) -> Iterator[str]:
    client = server.client()
    clips = [each.key for each in archive.store.list("clips/") if ".clean." not in each.key]
    published, bare, read, linked = [], [], [], []
    parts: list[Path] = []
    size = 0
    for run in range(runs):
        archive.release = replace(archive.release, name=f"tiny-{run}")  # with no part in the store
        published.append(_cost(server, lambda: archive.publish(part_seconds=part_seconds)))
        parts[:] = _parts(archive, f"tiny-{run}", folder)
        size = sum(path.stat().st_size for path in parts)
        bare.append(_cost(server, lambda: _send(client, parts)))
        read.append(_cost(server, lambda: _each(lambda key: _read(client, key), clips)))
        linked.append(_cost(server, lambda: _each(lambda key: archive.store.get_bytes(key, MOST), clips)))
    both = [one.wall + other.wall for one, other in zip(read, bare, strict=True)]
    least = [
        (one.ours + one.servers + other.ours + other.servers) / (os.cpu_count() or 1)
        for one, other in zip(linked, bare, strict=True)
    ]
    yield (
        f"| publish to S3, {size / 1e6:.0f} MB of {len(clips)} clips | {_median(published)}; bare {_median(bare)}; "
        f"reading by boto3 {_median(read)}, as a publish does {_median(linked)} | |"
    )
    yield f"| over bare boto3 sending the parts | {_times(bare, published)} | 0.8 x |"
    yield f"| over boto3 reading each clip and sending the parts | {_over(both, published)} | 1.0 x |"
    yield (
        f"| the most over bare, were reading and sending all it does and no core ever idle | "
        f"{median(each.wall / floor for each, floor in zip(bare, least, strict=True)):.2f} x | |"
    )


def _cost(server: S3Server, what: Callable[[], object]) -> Cost:
    began, ours, servers = time.perf_counter(), time.process_time(), _processor(server.pid)
    what()
    return Cost(time.perf_counter() - began, time.process_time() - ours, _processor(server.pid) - servers)


def _processor(pid: int) -> float:
    """Seconds of the processor that a process has taken (proc(5): utime and stime)."""
    said = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(said[11]) + int(said[12])) / os.sysconf("SC_CLK_TCK")


def _parts(archive: Archive, dataset: str, folder: Path) -> list[Path]:
    version = newest(archive.store, dataset)
    assert version is not None
    parts: tuple[Part, ...] = version.parts
    paths = [folder / f"part-{number}" for number in range(len(parts))]
    for part, path in zip(parts, paths, strict=True):
        archive.store.fetch(version.key(part.file), path)
    return paths


def _send(client: "S3Client", parts: list[Path]) -> None:
    for path in parts:
        client.upload_file(str(path), BUCKET, f"bare/{path.name}", Config=TransferConfig(max_concurrency=4))


def _each(read: Callable[[str], bytes], clips: list[str]) -> None:
    for _ in map_in_order(read, clips):
        pass


def _read(client: "S3Client", key: str) -> bytes:
    return client.get_object(Bucket=BUCKET, Key=f"boli/{key}")["Body"].read()


def _median(costs: list[Cost]) -> Cost:
    return Cost(
        median(each.wall for each in costs),
        median(each.ours for each in costs),
        median(each.servers for each in costs),
    )


def _times(floor: list[Cost], published: list[Cost]) -> str:
    return _over([each.wall for each in floor], published)


def _over(floor: list[float], published: list[Cost]) -> str:
    """How many times the floor's speed, as a median of runs with the least and the most of them."""
    found = sorted(each / ours.wall for each, ours in zip(floor, published, strict=True))
    return f"{median(found):.2f} x ({found[0]:.2f} to {found[-1]:.2f} in {len(found)} runs)"


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else RUNS
    hours = float(sys.argv[2]) if len(sys.argv) > 2 else HOURS
    with tempfile.TemporaryDirectory(prefix="boli-bench-release-throughput-") as folder:
        for row in rows(Path(folder), runs, hours):
            print(row, flush=True)


if __name__ == "__main__":
    main()
