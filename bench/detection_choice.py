"""How the detector's constants are chosen, and what is left of the gain where nobody chose.

Each set has no say in turn, and each convention of pauses: the constants are chosen on the others, the error printed is
that of the one left out. Both networks' log-odds are kept as long as audio/detect/ stays the same, so that a run
takes a minute.

python -m bench.detection_choice
"""

import hashlib
import itertools
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from audio.detect.adaptive import PAUSE_SHARE, RULES, SILERO_WEIGHT, Rhythm
from audio.detect.calm import Calm
from audio.detect.firered import HOP as FIRERED_HOP
from audio.detect.firered import FireRedScores
from audio.detect.fusion import HOP, OpinionTrack
from audio.detect.network import HOP as SILERO_HOP
from audio.detect.network import Ear, SpeechScorer
from audio.detect.states import SpeechStates, StateRules
from bench.detection_data import CONVENTIONS, NOISES_EACH, Labelled, field_recordings
from bench.sound_data import RATE, Samples
from bench.sound_detection import marked

_CODE = sorted((Path(__file__).parents[1] / "audio" / "detect").glob("*.py"))
_VERSION = hashlib.sha256(b"".join(path.read_bytes() for path in _CODE)).hexdigest()[:12]
FACTS = Path(tempfile.gettempdir()) / "boli-bench" / f"detection-{_VERSION}"
MS = RATE // 1000


@dataclass(frozen=True, slots=True)
class Constants:
    weight: float
    states: StateRules
    pause_share: float

    def __str__(self) -> str:
        s = self.states
        return (
            f"weight {self.weight:g}, enter {s.enter:g}, leave {s.leave:g}, min_silence {s.min_silence // MS} ms, "
            f"after {s.after // MS} ms, pause share {self.pause_share:g}"
        )


@dataclass(frozen=True, slots=True)
class Opinions:
    """What both networks say of a recording, every 10 ms (frames,)."""

    recording: Labelled
    condition: str
    silero: np.ndarray
    firered: np.ndarray


def candidates() -> Iterator[Constants]:
    for weight, enter, width, silence, after, share in itertools.product(
        (0.5, 0.7, 0.9), (-1.0, -0.75, -0.5), (0.25, 0.5), (80, 120), (-50, -30), (0.1, 0.2, 0.3)
    ):
        states = replace(RULES, enter=enter, leave=enter - width, min_silence=silence * MS, after=after * MS)
        yield Constants(weight, states, share)


def opinions() -> list[Opinions]:
    FACTS.mkdir(parents=True, exist_ok=True)
    return [
        _opinions(recording, condition)
        for condition, recordings in field_recordings().items()
        for recording in recordings
    ]


def _opinions(recording: Labelled, condition: str) -> Opinions:
    kept = FACTS / (f"{recording.name}-{NOISES_EACH}".replace("/", "_") + ".npz")
    if not kept.is_file():
        middles = np.arange(-(-len(recording.samples) // HOP)) * HOP + HOP // 2
        firered = FireRedScores()
        late = OpinionTrack(hop=FIRERED_HOP, centre=firered.centre)
        late.feed(np.concatenate([firered.feed(recording.samples), firered.finish()]))
        early = OpinionTrack(hop=SILERO_HOP, centre=SILERO_HOP // 2)
        early.feed(_silero(recording.samples))
        np.savez(kept, silero=early.at(middles), firered=late.at(middles))
    with np.load(kept) as both:
        return Opinions(recording, condition, both["silero"], both["firered"])


def _silero(samples: Samples) -> np.ndarray:
    ear, calm, opinion = Ear(), Calm(), SpeechScorer()
    heard = [ready for batch in [*ear.feed(samples), *ear.finish()] for ready in calm.feed(batch)]
    return np.concatenate([opinion.of(batch) for batch in [*heard, *calm.finish()]])


def errors(constants: Constants, known: list[Opinions]) -> dict[tuple[str, str, int], float]:
    """Per cent of frames in error by (set, condition, convention)."""
    wrong: dict[tuple[str, str, int], list[int]] = {}
    for each in known:
        states, rhythm = SpeechStates(constants.states), Rhythm(constants.pause_share)
        mean = constants.weight * each.silero + (1 - constants.weight) * each.firered
        speech = rhythm.join(states.push(mean.tolist()))
        speech += rhythm.join(states.finish(len(each.recording.samples)))
        for convention in CONVENTIONS:
            truth = _truth(each.recording.name, each.recording, convention)
            counts = wrong.setdefault((each.recording.set, each.condition, convention), [0, 0])
            counts[0] += int(np.sum(marked(speech, len(truth)) != truth))
            counts[1] += len(truth)
    return {key: 100 * bad / frames for key, (bad, frames) in wrong.items()}


_TRUTHS: dict[tuple[str, int], np.ndarray] = {}


def _truth(name: str, recording: Labelled, convention: int) -> np.ndarray:
    if (name, convention) not in _TRUTHS:
        _TRUTHS[name, convention] = recording.truth(convention)
    return _TRUTHS[name, convention]


def mean(found: dict[tuple[str, str, int], float], sets: Iterable[str], conventions: Iterable[int]) -> float:
    """Hand-labelled sets count the same; the languages of strung words count as two sets together."""
    chosen, conventions = set(sets), set(conventions)
    words = sum(name.startswith("words/") for name in chosen)
    weight = {name: 2 / words if name.startswith("words/") else 1.0 for name in chosen}
    kept = {key: value for key, value in found.items() if key[0] in chosen and key[2] in conventions}
    total = sum(weight[key[0]] for key in kept)
    return sum(weight[key[0]] * value for key, value in kept.items()) / total


def rows() -> Iterator[str]:
    """Markdown."""
    known = opinions()
    results = {constants: errors(constants, known) for constants in candidates()}
    sets = sorted({each.recording.set for each in known})
    today = errors(Constants(SILERO_WEIGHT, RULES, PAUSE_SHARE), known)

    def choose(sets: Iterable[str], conventions: Iterable[int]) -> Constants:
        sets, conventions = list(sets), list(conventions)
        return min(results, key=lambda constants: mean(results[constants], sets, conventions))

    yield "| left out | chosen on the others | error there | in use | best there |"
    yield "| --- | --- | ---: | ---: | ---: |"
    groups = [(name, [name]) for name in sets if name.startswith("vad/")]
    groups.append(("words/*", [name for name in sets if name.startswith("words/")]))
    for name, left in groups:
        yield _row(name, results, today, choose(set(sets) - set(left), CONVENTIONS), left, CONVENTIONS)
    yield _row("nothing", results, today, choose(sets, CONVENTIONS), sets, CONVENTIONS)
    for convention in CONVENTIONS:
        others = [each for each in CONVENTIONS if each != convention]
        yield _row(f"{convention} ms", results, today, choose(sets, others), sets, [convention])


def _row(
    name: str,
    results: dict[Constants, dict[tuple[str, str, int], float]],
    today: dict[tuple[str, str, int], float],
    chosen: Constants,
    sets: Iterable[str],
    conventions: Iterable[int],
) -> str:
    sets, conventions = list(sets), list(conventions)
    there = min(mean(found, sets, conventions) for found in results.values())
    row = (mean(results[chosen], sets, conventions), mean(today, sets, conventions), there)
    return f"| {name} | {chosen} | " + " | ".join(f"{value:.2f}" for value in row) + " |"


if __name__ == "__main__":
    print(*rows(), sep="\n")
