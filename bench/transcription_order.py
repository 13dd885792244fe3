"""Which order of work brings a language's words soonest: as it comes, coverage alone, or with an eye on new words.

    python -m bench.transcription_order [--draws 5]

Malayalam volunteers read sentences, many of them the same ones. What each was asked to read, and who read it, is
known before anybody writes. The clips go through the real routing, queue and judgement, on SQLite; one person at a
time writes what was said; after each tenth of the minutes what waits is weighed anew. Districts are drawn, four of
them.
"""

import argparse
import csv
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import func, select, update

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.queue_ground import bench_project
from catalog.database import Catalog, open_catalog
from catalog.ids import content_id
from catalog.tables import Clip, ProjectRow, RecordingSpeaker, Transcript, Upload
from tests.transcription.village import START, Village, add_voice, after, guidelines
from transcription.context import ProjectContext
from transcription.queue import claim
from transcription.routing import route_clips
from transcription.slots.ordering import order_waiting
from transcription.submission import SubmissionOutcome, submit
from transcription.text import comparison

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
PARTS = 10


@dataclass(frozen=True, slots=True)
class Reading:
    """A sentence as somebody read it. words: in comparison form"""

    speaker: str
    text: str
    words: frozenset[str]
    seconds: float


def readings(corpus: str = "ml_msc", language: str = "ml", data: Path = DATA) -> list[Reading]:
    """What was read in a corpus of ../shared/data."""
    with (data / "MANIFEST.csv").open(encoding="utf-8", newline="") as lines:
        lengths = {row["path"]: float(row["seconds"] or 0) for row in csv.DictReader(lines)}
    guideline = guidelines()[language]
    folder = f"transcribed/{corpus}"
    found: list[Reading] = []
    with (data / folder / "transcripts.tsv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            words = frozenset(comparison(row["text"], guideline).split())
            found.append(Reading(row["speaker"], row["text"], words, lengths[f"{folder}/{row['file']}"]))
    return found


def growth(
    catalog: Catalog,
    read: Sequence[Reading],
    *,
    weigh: bool,
    seed: int,
    until: float = 1.0,
    prompts: bool = True,
) -> list[int]:
    """Different words known after each tenth of the minutes.

    weigh: with an eye on new words, or coverage alone; prompts: is it known what everybody was to read?
    """
    village, said = _village(catalog, read, random.Random(seed), prompts)
    project_context = village.context
    people = [village.person(f"p{number}", languages=["ml"]).id for number in range(30)]
    part = sum(each.seconds for each in read) / PARTS
    known: set[str] = set()
    found: list[int] = []
    seconds = 0.0
    for number in range(len(read)):
        if seconds >= part * (len(found) + 1):
            found.append(len(known))
            if len(found) >= until * PARTS:
                break
            if weigh:
                order_waiting(project_context, now=after(20.0 * number))
        now = after(20.0 * number)
        lease = claim(project_context, people[number % len(people)], now=now)
        assert lease is not None
        reading = said[lease.clip_id]
        sent = submit(project_context, lease.hold, reading.text, request_id="1", now=now)
        assert sent.outcome is SubmissionOutcome.RECEIVED, sent
        known |= reading.words
        seconds += reading.seconds
    with catalog.reading() as session:
        accepted = session.scalar(select(func.count()).select_from(Transcript))
    assert (accepted or 0) > 0.9 * number, (
        f"{accepted} of {number} texts were accepted: the order can't learn"
    )
    return found


def as_it_comes(read: Sequence[Reading], seed: int) -> list[int]:
    """The same in a drawn order."""
    order = random.Random(seed).sample(list(read), len(read))
    part = sum(each.seconds for each in read) / PARTS
    known: set[str] = set()
    found: list[int] = []
    seconds = 0.0
    for reading in order:
        known |= reading.words
        seconds += reading.seconds
        if seconds >= part * (len(found) + 1):
            found.append(len(known))
    return found


def _village(
    catalog: Catalog, read: Sequence[Reading], dice: random.Random, prompts: bool
) -> tuple[Village, dict[str, Reading]]:
    demo = bench_project(transcribers=1)
    consent = replace(demo.consent, notices={"ml": "…"}, purposes={})
    project = replace(demo, languages=("ml",), quotas={}, consent=consent)
    said: dict[str, Reading] = {}
    speakers: dict[str, str] = {}
    with catalog.writing() as session:
        session.add(ProjectRow(id=project.name, title=project.title, created_at=START))
        session.flush()
        for number, reading in enumerate(dice.sample(list(read), len(read))):
            district = f"district {int(content_id('d', reading.speaker)[-4:], 16) % 4}"
            voice, ids = add_voice(
                session,
                project,
                number,
                clips=1,
                language="ml",
                district=district,
                gender="female",
            )
            clip = session.get_one(Clip, ids[0])
            clip.seconds = reading.seconds
            said[clip.id] = reading
            if prompts:
                asked = update(Upload).where(Upload.speaker_id == voice)
                session.execute(asked.values(prompt=content_id("prompt", reading.text)))
            known = speakers.setdefault(reading.speaker, voice)
            heard = update(RecordingSpeaker).where(RecordingSpeaker.speaker_id == voice)
            session.execute(heard.values(speaker_id=known))
    project_context = ProjectContext(catalog, project, guidelines())
    route_clips(project_context, now=START)
    return Village(project_context, (), tuple(said)), said


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--draws", type=int, default=5)
    options = parser.parse_args()
    read = readings()
    minutes = sum(each.seconds for each in read) / 60
    every = len(frozenset[str]().union(*(each.words for each in read)))
    print(
        f"{len(read)} clips, {minutes:.1f} minutes, {every} different words; known after a share of the minutes:"
    )
    print(f"{'order':24}" + "".join(f"{n / PARTS:>8.0%}" for n in range(1, PARTS)))
    services = {
        "coverage alone": (False, True),
        "new words by voice": (True, False),
        "new words": (True, True),
    }
    ways: dict[str, list[list[int]]] = {name: [] for name in ("as it comes", *services)}
    for seed in range(options.draws):
        ways["as it comes"].append(as_it_comes(read, seed))
        for name, (weigh, prompts) in services.items():
            with TemporaryDirectory(prefix="boli-bench-") as folder:
                catalog = open_catalog(f"sqlite:///{folder}/boli.sqlite")
                ways[name].append(growth(catalog, read, weigh=weigh, seed=seed, prompts=prompts))
                catalog.close()
    for name, runs in ways.items():
        means = [sum(run[n] for run in runs) / len(runs) for n in range(PARTS - 1)]
        print(f"{name:24}" + "".join(f"{mean:8.0f}" for mean in means), flush=True)


if __name__ == "__main__":
    main()
