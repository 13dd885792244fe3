"""Strangers who open connections and say nothing more: how long others wait meanwhile.

    python -m bench.strangers [--half-open 1500] [--slow 200] [--descriptors 1024]

The portal is the real one (`python -m boli.serve.portal`) in a process of its own that may open so many files;
everybody else is this process, on the same cores.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import httpx
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.page import write_section
from boli.serve.portal_context import open_portal_context
from catalog.config.settings import Settings
from catalog.states import Role
from tests.portal.http.strangers import half_open, portal_process, slow_bodies
from tests.portal.people import sign_in
from tests.processes import free_ports

TIMES = 40


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--half-open", type=int, default=1500)
    parser.add_argument("--slow", type=int, default=200)
    parser.add_argument("--descriptors", type=int, default=1024)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as strangers:
        settings = Settings(home=Path(folder) / "home", portal_port=free_ports(1)[0])
        with open_portal_context(settings) as portal:
            somebody = sign_in(portal, "somebody", [Role.COORDINATOR])
        strangers.enter_context(portal_process(settings, descriptors=options.descriptors))
        cookies = {somebody.cookie[0]: somebody.cookie[1]}
        quiet = _waits(settings.portal_url, cookies)
        strangers.enter_context(half_open(settings.portal_port, options.half_open))
        strangers.enter_context(slow_bodies(settings.portal_port, options.slow))
        besieged = _waits(settings.portal_url, cookies)
    text = _section(options, quiet, besieged)
    print(text)
    write_section("strangers", text)


def _waits(address: str, cookies: Mapping[str, str]) -> dict[str, list[float]]:
    """Seconds of each request, each on a connection of its own."""
    waits: dict[str, list[float]] = {"/health": [], "/record, signed in": []}
    for _ in range(TIMES):
        for name, seconds in waits.items():
            began = time.perf_counter()
            path = name.partition(",")[0]
            answer = httpx.get(address + path, cookies=dict(cookies), timeout=60, trust_env=False)
            answer.raise_for_status()
            seconds.append(time.perf_counter() - began)
    return waits


def _section(
    options: argparse.Namespace, quiet: Mapping[str, Sequence[float]], besieged: Mapping[str, Sequence[float]]
) -> str:
    lines = [
        "## Strangers at the door",
        "",
        f"{options.half_open} connections that stopped in the middle of their headers and {options.slow} in the middle "
        f"of a form, against a portal that may open {options.descriptors} files; {TIMES} requests each, every one on a "
        "new connection. Milliseconds.",
        "",
        "| request | alone: half of them | the slowest | among strangers: half of them | the slowest |",
        "|---|--:|--:|--:|--:|",
    ]
    for name in quiet:
        figures = [
            f"{1000 * figure:.0f}"
            for waits in (quiet[name], besieged[name])
            for figure in (float(np.median(waits)), max(waits))
        ]
        lines.append(f"| {name} | {' | '.join(figures)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
