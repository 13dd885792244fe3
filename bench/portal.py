"""Two hundred transcribers at work at once, against the portal as `boli up` runs it: how long each waits.

    python -m bench.portal [--people 200] [--minutes 3] [--clips 20000] [--processes 1]

The portal is the real one (`python -m boli.serve.portal`: uvicorn, SQLite on the disk, previews in a folder) in
processes of its own; all people are one asyncio client in another, on the same cores. Each signs in, opens the write
screen, and then lives a clip as its scripts do: listens, types for a while with a check and a saved draft every few
seconds, now and then a sign of life or the page loaded anew, hands in, fills up to three clips at hand and fetches
the sound of the next one. A person does something every 3 to 6 seconds. The first half minute, in which all come at
once, is given apart.
"""

import argparse
import asyncio
import hashlib
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from pydantic import SecretStr
from sqlalchemy import update

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from audio.peaks import PeakMeter
from audio.render import preview_bytes
from bench.page import write_section
from bench.queue_ground import bench_project, databases, fill, open_project_context
from boli.serve.portal_context import open_portal_context
from catalog.config.settings import Settings
from catalog.states import Role
from catalog.tables import Clip
from portal.access.guard import TOKEN_HEADER
from tests.portal.people import Somebody, sign_in
from tests.processes import descendants, free_ports

THINKS = (3.0, 6.0)
LOOKS_ANEW = 0.1
"""Share of the clips before which somebody loads the page again, as phones do that had no memory left."""
WARM_SECONDS = 30.0
WORDS = ("వాన", "బాగా", "పడింది", "ఈరోజు", "ఊరిలో", "పొలం", "నీళ్లు", "చెరువు", "నిండింది", "పంట", "రైతు", "సాయంత్రం")
CLIP_SECONDS = 3.0


@dataclass
class Waits:
    """Seconds by kind of request, before and after all had come; errors by what went wrong."""

    warm: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    steady: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    handed_in: int = 0


@dataclass
class Person:
    """One transcriber's browser."""

    client: httpx.AsyncClient
    who: Somebody
    waits: Waits
    begun: float
    dice: random.Random

    async def work(self) -> None:
        """Come at some moment of the first seconds, then write clip after clip."""
        await asyncio.sleep(self.dice.uniform(0, WARM_SECONDS / 2))
        await self._ask("page", "GET", "/write")
        in_hand = await self._ask("claim", "POST", "/write/claim", {"want": 3})
        while in_hand and in_hand["clips"]:
            if self.dice.random() < LOOKS_ANEW:
                await self._ask("page", "GET", "/write")
            clip, *after = in_hand["clips"]
            await self._ask("sound", "GET", clip["preview"])
            await self._write(clip)
            await self._ask("today", "GET", "/write/today")
            in_hand = await self._ask("claim", "POST", "/write/claim", {"want": 3})
            if after:
                await self._ask("sound", "GET", after[0]["preview"])

    async def _write(self, clip: dict[str, Any]) -> None:
        proof = {"token": clip["token"], "proof": clip["proof"]}
        text = _said(clip["clip"])
        words = text.split()
        half = " ".join(words[: len(words) // 2])
        for typed in (half, text):
            await self._think()
            asked = {"language": "te", "text": typed, "seconds": clip["seconds"]}
            await self._ask("check", "POST", "/write/check", asked)
            await self._think()
            draft = {**proof, "text": typed, "request_id": _request()}
            await self._ask("draft", "POST", f"/write/{clip['slot']}/draft", draft)
        if self.dice.random() < 0.2:
            await self._ask("heartbeat", "POST", f"/write/{clip['slot']}/heartbeat", proof)
        await self._think()
        final = {**proof, "text": text, "request_id": _request(), "active_seconds": 20.0}
        receipt = await self._ask("submit", "POST", f"/write/{clip['slot']}/submit", final)
        if receipt and receipt["outcome"] != "received":
            self.waits.errors[f"submit: {receipt['outcome']}"] += 1
        elif receipt:
            self.waits.handed_in += 1

    async def _think(self) -> None:
        await asyncio.sleep(self.dice.uniform(*THINKS))

    async def _ask(self, kind: str, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        headers = {"Cookie": "=".join(self.who.cookie), TOKEN_HEADER: self.who.token}
        headers["Accept"] = "text/html" if kind == "page" else "application/json"
        began = time.monotonic()
        try:
            answer = await self.client.request(method, path, headers=headers, json=body)
        except httpx.HTTPError as error:
            self.waits.errors[f"{kind}: {type(error).__name__}"] += 1
            return None
        took = time.monotonic() - began
        steady = began - self.begun > WARM_SECONDS
        (self.waits.steady if steady else self.waits.warm)[kind].append(took)
        if answer.status_code not in (200, 206):
            self.waits.errors[f"{kind}: {answer.status_code}"] += 1
            return None
        return answer.json() if answer.headers["content-type"].startswith("application/json") else None


async def at_work(address: str, people: list[Somebody], seconds: float) -> Waits:
    """Everybody works until the time is over."""
    waits, begun = Waits(), time.monotonic()
    kept = httpx.Limits(max_connections=6, keepalive_expiry=60.0)
    async with AsyncExitStack() as browsers:
        tasks = []
        for number, who in enumerate(
            people
        ):  # each with connections of their own: one pool looks through all of them
            browser = httpx.AsyncClient(base_url=address, limits=kept, timeout=30.0, verify=False)
            await browsers.enter_async_context(browser)
            tasks.append(
                asyncio.create_task(Person(browser, who, waits, begun, random.Random(number)).work())
            )
        done, _ = await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_EXCEPTION)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for task in done:
            task.result()
    return waits


def furnish(settings: Settings, *, clips: int, people: int) -> list[Somebody]:
    """A home folder with clips waiting, and everybody signed in."""
    settings.home.mkdir(parents=True)
    project_context = open_project_context(settings.catalog_url, bench_project())
    fill(project_context, clips=clips, people=0)
    noise = np.random.default_rng(1).normal(0, 0.05, round(16_000 * CLIP_SECONDS)).astype(np.float32)
    meter = PeakMeter(16_000, 50)
    meter.feed(noise)
    with project_context.catalog.writing() as session:
        session.execute(update(Clip).values(preview_key="clips/preview.opus", peaks_key="clips/peaks.json"))
    project_context.catalog.close()
    with open_portal_context(settings) as portal:
        portal.store.put_bytes("clips/preview.opus", preview_bytes([noise], 16_000, 16_000))
        portal.store.put_bytes("clips/peaks.json", meter.finish().to_json().encode())
        return [sign_in(portal, f"person{number}", [Role.TRANSCRIBER]) for number in range(people)]


@contextmanager
def served(settings: Settings) -> Iterator[int]:
    """The portal in a process of its own, until the end of the block. Yields its process id."""
    environment = {
        **os.environ,
        "BOLI_HOME": str(settings.home),
        "BOLI_PORTAL_PORT": str(settings.portal_port),
        "BOLI_PORTAL_PROCESSES": str(settings.portal_processes),
        "BOLI_DATABASE_URL": settings.catalog_url,
    }
    with (settings.home / "portal.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "boli.serve.portal"], env=environment, stdout=log, stderr=log
        )
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                httpx.get(f"{settings.portal_url}/health", timeout=5)
                break
            except httpx.HTTPError:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
        yield process.pid
    finally:
        process.terminate()
        process.wait(20)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=3.0)
    parser.add_argument("--clips", type=int, default=20_000)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--processes", type=int, default=1, help="that serve the portal")
    options = parser.parse_args()

    with (
        tempfile.TemporaryDirectory(prefix="boli-bench-") as folder,
        databases(options.database) as addresses,
    ):
        settings = Settings(
            home=Path(folder) / "home",
            database_url=SecretStr(addresses[options.database]),
            portal_port=free_ports(1)[0],
            portal_processes=options.processes,
            workers=1,
        )
        people = furnish(settings, clips=options.clips, people=options.people)
        with served(settings) as pid:
            before = _processor_seconds(pid)
            ours = time.process_time()
            waits = asyncio.run(at_work(settings.portal_url, people, 60 * options.minutes))
            used = _processor_seconds(pid) - before
            ours = time.process_time() - ours
    text = _section(options, waits, used, ours)
    print(text)
    write_section("portal", text)


def _section(options: argparse.Namespace, waits: Waits, used: float, ours: float) -> str:
    length = 60 * options.minutes
    everything = [second for seconds in waits.steady.values() for second in seconds]
    coming = [second for seconds in waits.warm.values() for second in seconds]
    rows = [(kind, waits.steady[kind]) for kind in sorted(waits.steady)]
    rows += [("**all**", everything), ("all, while everybody comes at once", coming)]
    errors = sum(waits.errors.values())
    lines = [
        "## The portal under load",
        "",
        f"{options.people} transcribers at work at once for {options.minutes:g} minutes (`{_command(options)}`), "
        f"on {os.cpu_count()} cores that the client shares: "
        f"{len(everything) / (length - WARM_SECONDS):.0f} requests a second, "
        f"{waits.handed_in:,} texts handed in of {options.clips:,} clips waiting. "
        f"The portal used {used / length:.2f} of a core, the client {ours / length:.2f}; "
        f"the machine's load was {os.getloadavg()[1]:.1f}. SQLite on the disk, every "
        "text flushed to it. Milliseconds, as the client saw them:",
        "",
        "| request | how many | p50 | p95 | p99 | longest |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for name, seconds in rows:
        if seconds:
            p50, p95, p99 = (1000 * _share(seconds, part) for part in (0.5, 0.95, 0.99))
            lines.append(
                f"| {name} | {len(seconds):,} | {p50:.0f} | {p95:.0f} | {p99:.0f} | {1000 * max(seconds):.0f} |"
            )
    listed = "; ".join(f"{what} ({count})" for what, count in sorted(waits.errors.items()))
    lines += ["", f"Errors: {errors}{': ' + listed if listed else ''}."]
    return "\n".join(lines)


def _command(options: argparse.Namespace) -> str:
    usual = {"people": 200, "minutes": 3.0, "clips": 20_000, "processes": 1}
    asked = [
        f" --{name} {getattr(options, name):g}" for name in usual if getattr(options, name) != usual[name]
    ]
    return "python -m bench.portal" + "".join(asked)


def _share(seconds: list[float], part: float) -> float:
    return sorted(seconds)[round(part * (len(seconds) - 1))]


def _said(clip_id: str) -> str:
    """What is said in a clip: the same to all who hear it."""
    dice = random.Random(hashlib.sha256(clip_id.encode()).digest())
    return " ".join(dice.choices(WORDS, k=6))


def _request() -> str:
    return os.urandom(12).hex()


def _processor_seconds(pid: int) -> float:
    """What a process and those it started have used so far, in user and kernel mode together (proc(5))."""
    used = 0
    for each in (pid, *descendants(pid)):
        fields = Path(f"/proc/{each}/stat").read_text().rsplit(")", 1)[1].split()
        used += int(fields[11]) + int(fields[12])
    return used / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
