"""Does anybody ever share a slot, or lose one? Many processes fight for few clips while holders are killed.

    python -m bench.queue_contention [--claims 10000] [--processes 16]

A clock that runs 120 times as fast as ours makes leases end while the fight goes on. Afterwards what every process
wrote down about what it was given is held against the database: for each slot the tokens grow one by one, each
belongs to one person, a new one was given only after the lease before had been given up or had ended, there is
one finished text for each slot, and every receipt's text is there. Then the survivors finish the rest: no slot
may stay behind.
"""

import argparse
import ctypes
import json
import multiprocessing
import os
import random
import signal
import sys
import time
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import func, select

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.queue_ground import START, TEXT, bench_project, databases, fill, open_project_context
from catalog.config.project import Project
from catalog.database import CatalogUnavailable
from catalog.states import SlotState, SubmissionKind
from catalog.tables import AuditEvent, Slot, Submission
from transcription.queue import claim, heartbeat, release_lease
from transcription.slots.lease import Hold, LeaseLost
from transcription.submission import SubmissionOutcome, save_draft, submit

SPEED = 120.0


@dataclass(frozen=True, slots=True)
class Fight:
    """How a fight went."""

    claims: int
    killed: int
    doubles: tuple[str, ...]
    """What was given to two at once, in words; empty is the goal."""
    lost: tuple[str, ...]
    """Receipts without their text, slots nobody could finish; empty is the goal."""
    finals: int
    late: int
    waited: int
    """How often a process got no turn to write within the catalogue's patience, and asked again."""
    seconds: float


def fight(
    url: str,
    project: Project,
    people: list[str],
    *,
    processes: int,
    claims: int,
    kill_every: float,
    seed: int,
) -> Fight:
    """Let processes claim, write, release and die, until that many claims were given; then finish the rest.

    kill_every: seconds between one kill -9 and the next; 0 for none
    """
    dice = random.Random(seed)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, "transcription.submission"])  # or most time goes in imports
    # One number a process, and no lock: a process killed with a lock in its hands would stop all others.
    given = context.Array("l", 4_000, lock=False)
    began = time.monotonic()
    killed = number = 0
    with TemporaryDirectory(prefix="boli-fight-") as folder:

        def start(most: int) -> multiprocessing.process.BaseProcess:
            nonlocal number
            number += 1
            log = f"{folder}/{number}.jsonl"
            work = (url, project, people, log, given, number, most, began, seed + number)
            process = context.Process(target=_work, args=work)
            process.start()
            return process

        running = [start(claims) for _ in range(processes)]
        logs = [Path(f"{folder}/{index + 1}.jsonl") for index in range(processes)]
        while kill_every and sum(given) < claims:
            time.sleep(kill_every)
            index = dice.randrange(len(running))
            # A process that is still starting holds nothing worth killing it for.
            if running[index].is_alive() and logs[index].exists() and logs[index].stat().st_size:
                os.kill(running[index].pid or 0, signal.SIGKILL)
                running[index].join()
                killed += 1
                running[index] = start(claims)
                logs[index] = Path(f"{folder}/{number}.jsonl")
        for process in running:
            process.join()
        finalisers = [start(-1) for _ in range(2)]
        for process in finalisers:
            process.join()
        seconds = time.monotonic() - began
        events = _events(Path(folder))
    return _judge(url, project, events, killed, seconds)


def _events(folder: Path) -> list[dict[str, str]]:
    return [
        json.loads(line)
        for path in sorted(folder.glob("*.jsonl"))
        for line in path.read_text().splitlines()
        if line.endswith("}")  # the last line of a killed process may be torn
    ]


def _work(
    url: str,
    project: Project,
    people: list[str],
    log_path: str,
    given: ctypes.Array[ctypes.c_long],
    number: int,
    most: int,
    began: float,
    seed: int,
) -> None:
    """One process: now this person, now that. most: stop when so many claims were given; -1: when all is done."""
    project_context = open_project_context(url, project)
    dice = random.Random(seed)
    idle = drafts = 0

    def now() -> datetime:
        return START + timedelta(seconds=(time.monotonic() - began) * SPEED)

    with Path(log_path).open("a", buffering=1) as log:

        def note(kind: str, hold: Hold, **more: object) -> None:
            facts = {
                "kind": kind,
                "slot": hold.slot_id,
                "token": hold.token,
                "person": hold.person_id,
                **more,
            }
            log.write(json.dumps(facts) + "\n")

        while most < 0 or sum(given) < most:
            person = dice.choice(people)
            at = now()
            try:
                lease = claim(project_context, person, now=at)
            except CatalogUnavailable:
                note("waited", Hold("", person, 0))  # SQLite's lock isn't fair: the same command again
                continue
            if lease is None:
                idle += 1
                if most < 0 and idle > 3 * len(people):
                    break
                continue
            idle = drafts = 0
            note("claim", lease.hold, now=at.isoformat(), until=lease.expires_at.isoformat())
            given[number] += 1
            act = dice.random() if most >= 0 else 1.0
            try:
                if act < 0.1:
                    until = heartbeat(project_context, lease.hold, now=now()).expires_at
                    note("renewed", lease.hold, until=until.isoformat())
                elif act < 0.2:
                    drafts += 1
                    saved = save_draft(
                        project_context, lease.hold, TEXT, request_id=f"{seed}-{drafts}", now=now()
                    )
                    if saved.expires_at:
                        note("renewed", lease.hold, until=saved.expires_at.isoformat())
                elif act < 0.8:
                    note("ending", lease.hold)
                    release_lease(project_context, lease.hold, now=now())
                elif act < 0.85:
                    pass  # walks away, the lease runs out
                else:
                    note("ending", lease.hold)
                    receipt = submit(
                        project_context, lease.hold, TEXT, request_id=f"{seed}-{lease.hold.token}", now=now()
                    )
                    late = receipt.outcome is SubmissionOutcome.LATE
                    note("late" if late else "final", lease.hold, submission=receipt.submission_id)
            except CatalogUnavailable:
                note("waited", Hold("", person, 0))
            except LeaseLost:
                note("lost", lease.hold)  # by another process that acts for the same person, or by time
    project_context.catalog.close()


def _judge(url: str, project: Project, events: list[dict[str, str]], killed: int, seconds: float) -> Fight:
    project_context = open_project_context(url, project)
    with project_context.catalog.reading() as session:
        left = session.scalars(select(Slot.id).where(Slot.state != SlotState.SUBMITTED)).all()
        kept = set(session.scalars(select(Submission.id)))
        finals = session.execute(
            select(Submission.slot_id, func.count().label("number"))
            .where(Submission.kind == SubmissionKind.FINAL)
            .group_by(Submission.slot_id)
        ).all()
        tokens = {row.id: row.token for row in session.execute(select(Slot.id, Slot.token))}
        leased = select(AuditEvent.detail, AuditEvent.at).where(AuditEvent.action == "slot.leased")
        given = {
            (row.detail["slot"], row.detail["token"]): row.at.isoformat() for row in session.execute(leased)
        }
    project_context.catalog.close()

    doubles = [f"{row.slot_id} has {row.number} finished texts" for row in finals if row.number != 1]
    lost = [f"slot {slot} was never finished" for slot in left]
    lost += [
        f"{e['submission']} has a receipt and no text"
        for e in events
        if e.get("submission", "") not in kept | {""}
    ]
    by_slot: dict[str, dict[int, list[dict[str, str]]]] = defaultdict(lambda: defaultdict(list))
    for event in (event for event in events if event["slot"]):
        by_slot[event["slot"]][int(event["token"])].append(event)
    for slot, leases in by_slot.items():
        for token, lived in leases.items():
            if len({event["person"] for event in lived}) > 1:
                doubles.append(f"{slot} with token {token} was given to two people")
            if token > tokens[slot]:
                doubles.append(f"{slot} gave token {token} and counts {tokens[slot]}")
            doubles += _overlaps(slot, token, lived, given.get((slot, token + 1)))
    claims = sum(event["kind"] == "claim" for event in events)
    late = sum(event["kind"] == "late" for event in events)
    waited = sum(event["kind"] == "waited" for event in events)
    written = sum(row.number for row in finals)
    return Fight(claims, killed, tuple(doubles), tuple(lost), written, late, waited, seconds)


def _overlaps(slot: str, token: int, events: list[dict[str, str]], next_given: str | None) -> list[str]:
    """A lease given while the one before still ran, though nobody had begun to give that up or to submit.

    next_given: when the next token was given, by the audit log: a process that only asked again may carry an
    earlier time
    """
    if any(event["kind"] == "ending" for event in events):
        return []  # whether it went through or the process died first: the holder wanted it over
    ends = [event["until"] for event in events if "until" in event]
    if ends and next_given and next_given < max(ends):
        return [f"{slot}: token {token + 1} was given at {next_given} while {token} ran: {events}"]
    return []


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--claims", type=int, default=10_000)
    parser.add_argument("--processes", type=int, default=16)
    parser.add_argument("--also-in-peace", action="store_true", help="a run without kills as well")
    parser.add_argument("--databases", nargs="+", default=["postgresql", "sqlite"])
    options = parser.parse_args()
    project = bench_project(transcribers=2, lease_minutes=2, heartbeat_minutes=1)
    columns = ("kill -9", "claims", "doubles", "lost", "late", "waited", "claims/s")
    print(f"{'database':12}" + "".join(f"{column:>9}" for column in columns))
    for kind in options.databases:
        for kill_every in (0.0, 0.5) if options.also_in_peace else (0.5,):
            with databases(kind) as urls:
                project_context = open_project_context(urls[kind], project)
                people = fill(project_context, clips=options.claims // 8, people=60)
                project_context.catalog.close()
                found = fight(
                    urls[kind],
                    project,
                    people,
                    processes=options.processes,
                    claims=options.claims,
                    kill_every=kill_every,
                    seed=7,
                )
            counts = (
                found.killed,
                found.claims,
                len(found.doubles),
                len(found.lost),
                found.late,
                found.waited,
                round(found.claims / found.seconds),
            )
            print(f"{kind:12}" + "".join(f"{count:9}" for count in counts), flush=True)
            for problem in (*found.doubles, *found.lost)[:10]:
                print(f"    {problem}")


if __name__ == "__main__":
    main()
