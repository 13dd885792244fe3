"""How much speech is lost when page, tab or browser die while it is recorded. Written into docs/benchmarks.md.

    python -m bench.recorder [--kills 200] [--seed 1]

Chromium with a profile of its own and a recorded voice as its microphone, against the real portal in a process of its
own. At a random moment the page is closed, its process is killed, or the whole browser is (kill -9), in turn; then
the coordinator comes back, hears what broke off and sends it. Lost is what the recorder ran, by the clock, minus the
sound that the server decodes from what arrived.
"""

import argparse
import itertools
import os
import random
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import soundfile
from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.page import write_section
from boli.serve.portal_context import open_portal_context
from catalog.config.settings import Settings
from catalog.states import Role
from tests.portal.browser.serving import serving
from tests.portal.live import Live
from tests.portal.people import sign_in
from tests.portal.record.field import meets
from tests.portal.record.mortal_phone import Death, Loss, MortalPhone, seconds_received
from tests.processes import free_ports

VOICE = Path(__file__).resolve().parent.parent / "examples" / "recordings" / "te" / "te-01_001.mp3"
SPEAKER = "DUM-001"
GOAL = 1.0
"""Seconds lost at most."""
SHORTEST, LONGEST = 0.5, 6.0
"""Seconds of speech before a death."""


def losses(phone: MortalPhone, folder: Path, dice: random.Random, kills: int) -> Iterator[Loss]:
    """Speak, die in each way in turn, come back, and send what is left."""
    for death in itertools.islice(itertools.cycle(Death), kills):
        phone.speaks(SPEAKER)
        phone.page.wait_for_timeout(1000 * dice.uniform(SHORTEST, LONGEST))
        recorded = phone.dies(death)
        yield Loss(death, recorded, seconds_received(phone.live, phone.comes_back(), folder))


def measure(folder: Path, kills: int, seed: int) -> list[Loss]:
    """A portal, a coordinator, a voice: and that many deaths."""
    samples, rate = soundfile.read(VOICE, dtype="int16")
    voice = folder / "voice.wav"
    soundfile.write(voice, samples, rate)
    settings = Settings(home=folder / "home", portal_port=free_ports(1)[0], workers=1)
    with (
        open_portal_context(settings) as portal,
        serving(settings.home, settings.portal_port),
        sync_playwright() as playwright,
    ):
        asha = sign_in(portal, "asha", [Role.COORDINATOR])
        meets(portal, SPEAKER, asha.person_id)
        program, profile = playwright.chromium, folder / "profile"
        phone = MortalPhone(program, Live(portal), asha, profile=profile, voice=voice)
        found = []
        for loss in losses(phone, folder, random.Random(seed), kills):
            print(f"{loss.death:8} {loss.recorded:5.2f} s recorded, {loss.lost:5.2f} s lost", flush=True)
            found.append(loss)
        phone.close()
    return found


def section(found: list[Loss], *, load: float) -> str:
    """The table: one row a death, and all of them."""
    rows = [(f"{death} killed" if death is not Death.PAGE else "page closed", death) for death in Death]
    lines = [
        "## A recorder that dies",
        "",
        f"{len(found)} deaths, {SHORTEST:g} to {LONGEST:g} s after Record was pressed, at random moments (`python -m "
        "bench.recorder`). Chromium with a recorded voice as its microphone, against the real portal in a process of "
        "its own. Afterwards the coordinator comes back, hears what broke off, and sends it. Seconds lost are what the "
        "recorder ran, by the clock, minus what the server decodes from what arrived; the recorder's own start is in "
        f"them. The goal is at most {GOAL:g} s. The machine's load was {load:.1f}.",
        "",
        "| death | how many | lost: half of them | 95 of 100 | most | over the goal |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    lines += [_row(name, [each.lost for each in found if each.death is death]) for name, death in rows]
    lines.append(_row("**all**", [each.lost for each in found]))
    return "\n".join(lines)


def _row(name: str, lost: list[float]) -> str:
    ordered = sorted(lost)
    most_of_them = ordered[round(0.95 * (len(ordered) - 1))]
    over = sum(each > GOAL for each in ordered)
    return (
        f"| {name} | {len(ordered)} | {statistics.median(ordered):.2f} s | {most_of_them:.2f} s "
        f"| {ordered[-1]:.2f} s | {over} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=200, help="at least 3: one of each death")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if options.kills < len(Death):
        parser.error(f"--kills is {len(Death)} or more, given {options.kills}")

    with tempfile.TemporaryDirectory(prefix="boli-recorder-") as folder:
        found = measure(Path(folder), options.kills, options.seed)
    text = section(found, load=os.getloadavg()[1])
    print(text)
    write_section("recorder", text)


if __name__ == "__main__":
    main()
