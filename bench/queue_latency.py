"""How long a person waits for their next clip: 1,000 people, ten thousand clips and a million.

    python -m bench.queue_latency [--clips 10000 1000000] [--people 1000] [--claims 3000] [--rate 30]

People come at random, `rate` a second (1,000 people who each take half a minute a clip), from 8 processes, each
with its own connections, as a portal would have them. Each claims, and hands in what they held before, so that
slots go on being found, taken and filled. The time is that of `claim`, its commit included.
PostgreSQL runs from a wheel with fsync off: the table measures the search, not the disk.
"""

import argparse
import multiprocessing
import random
import sys
import time
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.queue_ground import START, TEXT, bench_project, databases, fill, open_project_context
from catalog.config.project import Project
from transcription.queue import claim
from transcription.slots.lease import Lease
from transcription.submission import submit

PROCESSES = 8


def measure(url: str, project: Project, people: list[str], *, claims: int, rate: float) -> list[float]:
    """Seconds that each claim took, shortest first."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, "transcription.submission"])
    with context.Pool(PROCESSES) as pool:
        shares = [people[index::PROCESSES] for index in range(PROCESSES)]
        jobs = [
            (url, project, share, claims // PROCESSES, rate / PROCESSES, n) for n, share in enumerate(shares)
        ]
        return sorted(second for times in pool.starmap(_people, jobs) for second in times)


def _people(
    url: str, project: Project, people: list[str], claims: int, rate: float, seed: int
) -> list[float]:
    project_context = open_project_context(url, project)
    dice = random.Random(seed)
    holding: dict[str, Lease] = {}
    times: list[float] = []
    waiting = [*people]
    claim(project_context, waiting[0], now=START)  # the first of a process pays for its connection
    due = time.perf_counter()
    for number in range(claims):
        due += dice.expovariate(rate)
        time.sleep(max(0.0, due - time.perf_counter()))
        person = waiting[number % len(waiting)]
        now = START + timedelta(seconds=number / rate)
        if held := holding.pop(person, None):
            submit(project_context, held.hold, TEXT, request_id=str(number), now=now)
        began = time.perf_counter()
        lease = claim(project_context, person, now=now)
        times.append(time.perf_counter() - began)
        if lease:
            holding[person] = lease
    project_context.catalog.close()
    return times


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--clips", type=int, nargs="+", default=[10_000, 1_000_000])
    parser.add_argument("--people", type=int, default=1_000)
    parser.add_argument("--claims", type=int, default=3_000)
    parser.add_argument("--rate", type=float, default=30.0)
    parser.add_argument("--database", default="postgresql")
    options = parser.parse_args()
    project = bench_project(transcribers=2, lease_minutes=240)
    print(
        f"{'clips':>10} {'slots':>10} {'claims':>7} {'p50 ms':>7} {'p95 ms':>7} {'p99 ms':>7} {'most ms':>8}"
    )
    for clips in options.clips:
        with databases(options.database) as urls:
            url = urls[options.database]
            project_context = open_project_context(url, project)
            people = fill(project_context, clips=clips, people=options.people)
            project_context.catalog.close()
            times = measure(url, project, people, claims=options.claims, rate=options.rate)
        at = [1000 * times[min(len(times) - 1, int(len(times) * share))] for share in (0.5, 0.95, 0.99, 1.0)]
        print(
            f"{clips:10} {clips * 2:10} {len(times):7} {at[0]:7.1f} {at[1]:7.1f} {at[2]:7.1f} {at[3]:8.1f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
