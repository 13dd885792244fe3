"""Speech detection by set, by label convention and by what the field does to sound; what is new beside the peers.

python -m bench.detection            every row, into docs/benchmarks.md
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from bench import detection_choice
from bench.detection_data import CONDITIONS, CONVENTIONS, Labelled, field_recordings
from bench.page import write_section
from bench.sound_detection import marked
from bench.sound_peers import Detect, ours, silero


@dataclass(slots=True)
class Errors:
    """Frames of 10 ms: how many, missed, falsely heard."""

    frames: int = 0
    missed: int = 0
    false: int = 0

    def add(self, heard: np.ndarray, truth: np.ndarray) -> None:
        self.frames += len(truth)
        self.missed += int(np.sum(truth & ~heard))
        self.false += int(np.sum(heard & ~truth))

    @property
    def share(self) -> float:
        """Per cent of the frames in error."""
        return 100 * (self.missed + self.false) / self.frames


@dataclass(slots=True)
class Score:
    """by: (set, condition, convention in ms; 0 is as labelled)"""

    name: str
    by: dict[tuple[str, str, int], Errors] = field(default_factory=dict)

    def mean(self, condition: str, convention: int, sets: Iterable[str]) -> float:
        """Per cent in error, every set counting the same."""
        return float(np.mean([self.by[name, condition, convention].share for name in sets]))


def score(name: str, detect: Detect, recordings: dict[str, list[Labelled]]) -> Score:
    result = Score(name)
    for condition, variants in recordings.items():
        for recording in variants:
            speech = detect(recording.samples)
            for convention in (0, *CONVENTIONS):
                truth = recording.truth(convention)
                errors = result.by.setdefault((recording.set, condition, convention), Errors())
                errors.add(marked(speech, len(truth)), truth)
    return result


def conventions_table(scores: list[Score]) -> str:
    """Markdown: mean over the sets, by condition and convention."""
    sets = sorted({name for name, _, _ in scores[0].by})
    head = ["detector", *(f"{c}, {p} ms" for c in CONDITIONS for p in CONVENTIONS)]
    rows = [
        [one.name, *(f"{one.mean(c, p, sets):.1f}" for c in CONDITIONS for p in CONVENTIONS)]
        for one in scores
    ]
    return _markdown(head, rows)


def sets_table(scores: list[Score]) -> str:
    """Markdown: a row a set and detector, by condition; pauses of 300 ms count as speech where words are labelled."""
    head = ["set", "detector", *CONDITIONS]
    rows = [
        [
            name,
            one.name,
            *(f"{one.by[name, c, 0 if name.startswith('vad/') else 300].share:.1f}" for c in CONDITIONS),
        ]
        for name in sorted({name for name, _, _ in scores[0].by}, reverse=True)
        for one in scores
    ]
    return _markdown(head, rows)


def _markdown(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join("| " + " | ".join(row) + " |" for row in lines)


def main() -> None:
    recordings = field_recordings()
    detectors: dict[str, Detect] = {"Boli, default": ours("default"), "Silero v6, its own timestamps": silero}
    scores = [score(name, detect, recordings) for name, detect in detectors.items()]
    text = "\n\n".join(
        [
            "## Speech detection",
            "Per cent of 10 ms frames in error, every set counting the same. People disagree on pauses: a column a "
            "convention, which counts gaps of at most so many milliseconds as speech.",
            conventions_table(scores),
            "By set; vad/ as people labelled it, words/ (strung words and sentences, by language) with gaps of at "
            "most 300 ms as speech:",
            sets_table(scores),
            "How the constants were chosen: each set, and each convention, has no say in turn. Error over all five "
            "conditions on what was left out: with constants chosen on the others, with those in use, with the best "
            "there:",
            "\n".join(detection_choice.rows()),
        ]
    )
    print(text)
    write_section("detection", text)


if __name__ == "__main__":
    main()
