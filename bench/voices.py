"""Whose voice it is: equal error rate on real speakers, by codec, on clips of five seconds.

python -m bench.voices
"""

import csv
import itertools
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from audio.detect.engine import open_detector
from audio.recipe import DetectionRules
from audio.voices.embedding import centre, distinct, embed, likeness
from bench.detection_data import through_amr
from bench.page import write_section
from bench.sound_data import DATA, RATE, Samples
from bench.sound_session import decode

SECONDS = 5
MOST_CLIPS = 8  # of one speaker
LANGUAGE = "ml"  # alone has enough speakers; the Hindi of the data is labelled by radio station, not by voice
FALSE_ALARMS = 0.01

Trials = tuple[np.ndarray, np.ndarray]  # likeness of pairs of one voice, and of two


@dataclass(frozen=True, slots=True)
class Voice:
    speaker: str
    language: str
    embedding: np.ndarray


def five_second_clips() -> dict[tuple[str, str], list[Samples]]:
    """By (language, speaker): each speaker's recordings one after another, in clips of five seconds."""
    files: dict[tuple[str, str], list[Path]] = defaultdict(list)
    with (DATA / "MANIFEST.csv").open(encoding="utf-8", newline="") as manifest:
        for row in csv.DictReader(manifest):
            if row["kind"] == "transcribed" and row["speaker"]:
                files[row["language"], row["speaker"]].append(DATA / row["path"])
    clips = {}
    for key, paths in sorted(files.items()):
        sound = np.concatenate([decode(str(path))[0] for path in paths[:40]])
        whole = [sound[at : at + SECONDS * RATE] for at in range(0, len(sound), SECONDS * RATE)]
        clips[key] = [clip for clip in whole if len(clip) == SECONDS * RATE][:MOST_CLIPS]
    return clips


def voices(clips: dict[tuple[str, str], list[Samples]], codec: str) -> list[Voice]:
    found = []
    for (language, speaker), sounds in clips.items():
        for sound in sounds:
            heard = through_amr(sound) if codec == "AMR-NB" else sound
            detector = open_detector(DetectionRules())
            embedding = embed(heard, [*detector.feed(heard), *detector.finish()])
            if embedding is not None:
                found.append(Voice(speaker, language, embedding))
    return found


def pairs(first: list[Voice], second: list[Voice]) -> Trials:
    """Clip against clip."""
    same: list[float] = []
    other: list[float] = []
    for (i, a), (j, b) in itertools.product(enumerate(first), enumerate(second)):
        if i < j:
            (same if a.speaker == b.speaker else other).append(likeness(a.embedding, b.embedding))
    return np.asarray(same), np.asarray(other)


def against_the_others(first: list[Voice], second: list[Voice]) -> Trials:
    """A clip of `first` against the centre of each speaker's clips in `second`, itself left out; two or more each."""
    same: list[float] = []
    other: list[float] = []
    for i, clip in enumerate(first):
        known = defaultdict(list)
        for j, voice in enumerate(second):
            if i != j:
                known[voice.speaker].append(voice.embedding)
        for speaker, embeddings in known.items():
            if len(embeddings) >= 2:
                (same if speaker == clip.speaker else other).append(
                    likeness(clip.embedding, centre(embeddings))
                )
    return np.asarray(same), np.asarray(other)


def equal_error(same: np.ndarray, other: np.ndarray) -> tuple[float, float]:
    """(rate, threshold) where as many pairs of one voice are missed as pairs of two are taken for one."""
    thresholds = np.unique(np.concatenate([same, other]))
    missed = np.searchsorted(np.sort(same), thresholds) / len(same)
    false = 1 - np.searchsorted(np.sort(other), thresholds) / len(other)
    at = int(np.argmin(np.abs(missed - false)))
    return float((missed[at] + false[at]) / 2), float(thresholds[at])


def rows() -> list[str]:
    clips = five_second_clips()
    clean, phone = voices(clips, "as recorded"), voices(clips, "AMR-NB")
    common = np.mean(np.stack([voice.embedding for voice in clean]), axis=0)
    out = [
        "| Malayalam, compared | codecs | speakers | of one voice, of two | equal error | at | "
        "missed at 1 % false alarms |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    ways = {
        "clip and clip, bare": (pairs, False),
        "clip and clip": (pairs, True),
        "clip and the speaker's others": (against_the_others, True),
    }
    for (way, (compare, less)), (codecs, first, second) in itertools.product(
        ways.items(),
        (
            ("as recorded", clean, clean),
            ("AMR-NB", phone, phone),
            ("AMR-NB against as recorded", phone, clean),
        ),
    ):
        same, other = compare(*(_of(LANGUAGE, each, common if less else None) for each in (first, second)))
        rate, threshold = equal_error(same, other)
        missed = float(np.mean(same < np.quantile(other, 1 - FALSE_ALARMS)))
        speakers = len({voice.speaker for voice in clean if voice.language == LANGUAGE})
        out.append(
            f"| {way} | {codecs} | {speakers} | {len(same)}, {len(other)} | {rate:.1%} | {threshold:.2f} "
            f"| {missed:.1%} |"
        )
    return out


def _of(language: str, voices: list[Voice], common: np.ndarray | None) -> list[Voice]:
    """Those who speak the language, each less what all have in common."""
    return [
        voice if common is None else replace(voice, embedding=distinct(voice.embedding, common))
        for voice in voices
        if voice.language == language
    ]


def main() -> None:
    table = "\n".join(rows())
    print(table)
    write_section(
        "voices",
        "## Voices\n\nClips of five seconds: the same speaker, or two who speak the same language. But for the "
        "bare ones, what all voices have in common was taken away (the mean of all clips as recorded, "
        "whoever speaks).\n\n" + table,
    )


if __name__ == "__main__":
    main()
