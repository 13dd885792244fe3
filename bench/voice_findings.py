"""What is said of voices, how often wrongly, at what cost: on recordings as they come, by codec, speakers left out.

    python -m bench.voice_findings

A recording is a file of ../shared/data, heard as `boli` hears it. Malayalam alone has enough speakers to plant one
under another's name. Thresholds are chosen on some of the speakers and tried on the others, beside the product's.
"""

import csv
import itertools
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from audio.detect.engine import open_detector
from audio.files import measure_file
from audio.limits import Limits
from audio.measure.voices import Voices
from audio.recipe import DetectionRules, Recipe
from audio.voices.compare import common_of
from audio.voices.embedding import centre, distinct, likeness, unpacked
from audio.voices.heard import VoiceMeter
from audio.voices.values import FEWEST_OWN, NOT_THEIRS, SEVERAL
from bench.detection_data import through_amr
from bench.page import write_section
from bench.sound_data import DATA, RATE, Samples
from bench.sound_session import decode
from releases.voices import alike_speakers, together

ROOT = Path(__file__).resolve().parents[1]
LANGUAGE = "ml"
LONELY = ("te", "sw", "kn")
MOST_FILES = 10  # of one speaker
TARGET = 0.01
PARTS = 4  # of the speakers: thresholds are chosen on all but one, tried on that one
PLANTED, AT_ONCE = 100, 10  # voices under a second name, in all and in one project
JOINED, HALF = 40, 3
CODECS = ("as recorded", "AMR-NB", "AMR-NB against as recorded")

BySpeaker = Mapping[str, Sequence[bytes]]


@dataclass(frozen=True, slots=True)
class Trials:
    """Likenesses to the speaker's others, by speaker: of their own recordings, and of everybody else's."""

    own: Mapping[str, Sequence[float]]
    others: Mapping[str, Sequence[float]]

    def of(self, speakers: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        own, others = ([x for name in speakers for x in each[name]] for each in (self.own, self.others))
        return np.asarray(own), np.asarray(others)


def recordings(language: str) -> Mapping[str, Sequence[Path]]:
    found: dict[str, list[Path]] = defaultdict(list)
    with (DATA / "MANIFEST.csv").open(encoding="utf-8", newline="") as manifest:
        for row in csv.DictReader(manifest):
            if row["kind"] == "transcribed" and row["language"] == language and row["speaker"]:
                found[row["speaker"]].append(DATA / row["path"])
    return {speaker: paths[:MOST_FILES] for speaker, paths in sorted(found.items())}


def voice(sound: Samples) -> bytes | None:
    detector, meter = open_detector(DetectionRules()), VoiceMeter()
    meter.feed(sound, (*detector.feed(sound), *detector.finish()), len(sound))
    heard = meter.finish()
    return heard.embedding if heard else None


def voices(files: Mapping[str, Sequence[Path]], *, phone: bool) -> BySpeaker:
    """Those of whom enough recordings have a voice."""
    found = {}
    for speaker, paths in files.items():
        sounds = (decode(str(path))[0] for path in paths)
        heard = [voice(through_amr(sound) if phone else sound) for sound in sounds]
        known = [each for each in heard if each is not None]
        if len(known) > FEWEST_OWN:
            found[speaker] = known
    return found


def trials(first: BySpeaker, second: BySpeaker) -> Trials:
    """Each recording of `first` against the others of each speaker in `second`."""
    common = common_of([each[0] for each in second.values()])
    own: dict[str, list[float]] = defaultdict(list)
    others: dict[str, list[float]] = defaultdict(list)
    for speaker, heard in first.items():
        for number, embedding in enumerate(heard):
            mine = distinct(unpacked(embedding), common)
            for name, known in second.items():
                rest = [unpacked(each) for at, each in enumerate(known) if name != speaker or at != number]
                alike = likeness(mine, distinct(centre(rest), common))
                (own[speaker] if name == speaker else others[speaker]).append(alike)
    return Trials(own, others)


def held_out(found: Trials) -> tuple[float, float, list[float]]:
    """(false alarms, missed) on speakers whose recordings had no part in choosing the threshold; the thresholds"""
    speakers = sorted(found.own)
    alarms, missed, chosen = [], [], []
    for part in range(PARTS):
        tried = speakers[part::PARTS]
        own, _ = found.of([each for each in speakers if each not in tried])
        chosen.append(float(np.quantile(own, TARGET)))
        own, others = found.of(tried)
        alarms += (own < chosen[-1]).tolist()
        missed += (others >= chosen[-1]).tolist()
    return float(np.mean(alarms)), float(np.mean(missed)), chosen


def elsewhere(malayalam: BySpeaker) -> list[str]:
    """Languages of which one speaker is here: among their own recordings, and under each Malayalam speaker's name."""
    rows = [
        "| language | among their own, under others' names | the product's: at | false alarms | missed |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for language in LONELY:
        one = voices(recordings(language), phone=False)
        everybody = {**malayalam, **one}
        found = trials(everybody, everybody)
        line = NOT_THEIRS.of(speakers=len(malayalam) + 1)
        for speaker in one:
            own, others = found.of([speaker])
            rows.append(
                f"| {language} | {len(own)}, {len(others)} | {line:.2f} | {np.mean(own < line):.1%} "
                f"| {np.mean(others >= line):.1%} |"
            )
    return rows


def whose(clean: BySpeaker, phone: BySpeaker) -> list[str]:
    rows = [
        "| recordings | of their speaker, of others | chosen on others' speakers: at | false alarms | missed | "
        "the product's: at | false alarms | missed |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for codecs, first, second in zip(CODECS, (clean, phone, phone), (clean, phone, clean), strict=True):
        found = trials(first, {name: second[name] for name in second if name in first})
        alarms, missed, chosen = held_out(found)
        own, others = found.of(sorted(found.own))
        line = NOT_THEIRS.of(speakers=len(second))
        rows.append(
            f"| {codecs} | {len(own)}, {len(others)} | {min(chosen):.2f} to {max(chosen):.2f} | {alarms:.1%} "
            f"| {missed:.1%} | {line:.2f} | {np.mean(own < line):.1%} | {np.mean(others >= line):.1%} |"
        )
    return rows


@dataclass
class Found:
    """Of voices under a second name, and of pairs of two people."""

    planted: int = 0
    sure: int = 0
    one_split: int = 0
    reported: int = 0
    people: int = 0
    taken_for_one: int = 0
    bound: int = 0
    named: int = 0


def plant(clean: BySpeaker, phone: BySpeaker, *, seed: int = 0) -> Found:
    """Projects of all speakers, some of them under two names with half of their recordings each."""
    found, random = Found(), np.random.default_rng(seed)
    able = [name for name in clean if min(len(clean[name]), len(phone.get(name, ()))) >= 2 * FEWEST_OWN]
    while found.planted < PLANTED:
        project: dict[str, Sequence[bytes]] = {name: list(each) for name, each in clean.items()}
        second = random.choice(able, AT_ONCE, replace=False).tolist()
        for name in second:
            count = min(len(clean[name]), len(phone[name]))
            order = random.permutation(count)
            project[name] = [clean[name][at] for at in order[: count // 2]]
            project[f"{name} again"] = [phone[name][at] for at in order[count // 2 :]]
        _count(project, {frozenset((name, f"{name} again")) for name in second}, found)
    return found


def _count(project: BySpeaker, planted: set[frozenset[str]], found: Found) -> None:
    pairs = alike_speakers(project)
    groups = together(pairs)
    named = {frozenset((pair.first, pair.second)): pair.is_sure for pair in pairs}
    for one, other in itertools.combinations(sorted(project), 2):
        pair, is_bound = frozenset((one, other)), other in groups.get(one, ())
        if pair in planted:
            found.planted += 1
            found.sure += named.get(pair, False)
            found.one_split += is_bound
            found.reported += pair in named
        else:
            found.people += 1
            found.taken_for_one += named.get(pair, False)
            found.bound += is_bound
            found.named += pair in named


def in_splits(clean: BySpeaker, phone: BySpeaker) -> list[str]:
    rows = [
        "| second name's recordings | planted | new: one split | frozen apart: held back | or named | "
        "unreported | pairs of two people | in one split | taken for one |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for codecs, first, second in zip(CODECS, (clean, phone, clean), (clean, phone, phone), strict=True):
        found = plant(first, second)
        rows.append(
            f"| {codecs} | {found.planted} | {found.one_split} | {found.sure} | {found.reported - found.sure} "
            f"| {found.planted - found.reported} | {found.people} | {found.bound / found.people:.2%} "
            f"| {found.taken_for_one / found.people:.2%} |"
        )
    return rows


def several(files: Mapping[str, Sequence[Path]]) -> list[str]:
    """Recordings joined from six of one person's, and from three each of two people's: told apart by which measure."""
    random = np.random.default_rng(0)
    able = [name for name, paths in files.items() if len(paths) >= 2 * HALF]
    heard: dict[bool, list[tuple[float, float]]] = {False: [], True: []}
    for _ in range(JOINED):
        one, other = random.choice(able, 2, replace=False).tolist()
        first, second = ([files[name][at] for at in random.permutation(2 * HALF)] for name in (one, other))
        heard[False].append(_joined(first))
        heard[True].append(_joined([*first[:HALF], *second[:HALF]]))
    rows = [
        "| measure | line | one person: false alarms | two people: found |",
        "| --- | ---: | ---: | ---: |",
    ]
    for column, (title, line) in enumerate((("pitch", 0.6), ("embeddings", 1 - SEVERAL))):
        shares = (np.mean([each[column] >= line for each in heard[two]]) for two in (False, True))
        rows.append(f"| {title} | {line:g} | {' | '.join(f'{share:.0%}' for share in shares)} |")
    return rows


def _joined(paths: Sequence[Path]) -> tuple[float, float]:
    """Likelihood of several voices by pitch, and unlikeness by embeddings; 0 where a measure says nothing."""
    pause = np.zeros(RATE, np.float32)
    sound = np.concatenate([part for path in paths for part in (decode(str(path))[0], pause)])
    detector, meter, pitch = open_detector(DetectionRules()), VoiceMeter(), Voices()
    speech = (*detector.feed(sound), *detector.finish())
    meter.feed(sound, speech, len(sound))
    pitch.feed(sound, 0, list(speech))
    heard = meter.finish()
    return pitch.finish() or 0.0, 1 - heard.within if heard and heard.within is not None else 0.0


def cost(files: Mapping[str, Sequence[Path]]) -> list[str]:
    """CPU seconds an hour of sound, measured with and without the voice."""
    short = [path for paths in files.values() for path in paths][:40]
    rows = ["| measured | without voices, CPU s an hour | with |", "| --- | ---: | ---: |"]
    for title, paths in (
        ("short recordings", short),
        ("sessions", sorted((ROOT / "examples" / "recordings").glob("*/*_session_*"))),
    ):
        spent = {}
        for meter in (False, True):
            seconds, start = 0.0, time.process_time()
            for path in paths:
                heard = VoiceMeter() if meter else None
                seconds += measure_file(path, Recipe(), Limits(), heard).duration
                if heard is not None:
                    heard.finish()
            spent[meter] = (time.process_time() - start) / seconds * 3600
        length = f"{len(paths)} of {seconds / len(paths):.1f} s"
        rows.append(f"| {title} ({length}) | {spent[False]:.0f} | {spent[True]:.0f} |")
    return rows


def main() -> None:
    files = recordings(LANGUAGE)
    clean, phone = voices(files, phone=False), voices(files, phone=True)
    tables = [
        f"## What is said of voices\n\n{len(clean)} Malayalam speakers, up to {MOST_FILES} recordings each, as they "
        "came (most are 2 to 6 s). *Another voice than in this speaker's other recordings*: "
        f"thresholds for {TARGET:.0%} false alarms, chosen on three quarters of the speakers, tried on the rest.",
        "\n".join(whose(clean, phone)),
        "\n".join(elsewhere(clean)),
        f"One voice under two names: {PLANTED} planted, {AT_ONCE} in a project of all speakers, half of the "
        "recordings under each name.",
        "\n".join(in_splits(clean, phone)),
        f"Several people in one recording: {JOINED} joined from six recordings of one person, and {JOINED} from three "
        "each of two people (each with a microphone of their own).",
        "\n".join(several(files)),
        "What hearing voices costs where a recording is measured:",
        "\n".join(cost(files)),
    ]
    text = "\n\n".join(tables)
    print(text)
    write_section("voice_findings", text)


if __name__ == "__main__":
    main()
