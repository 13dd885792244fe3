"""How near the words' times come to known ones, against three plain ways, and how well scores part right from wrong.

    python bench/alignment.py ../shared/data            (OPENBLAS_NUM_THREADS=1: small matrices gain nothing from more)

Truth: aligned/*/*.words.json (hand-made, exact by Festival, silver by other aligners; the README there says which).
Plain ways: the speech region parted by letters; parted by the lengths of espeak-ng's sounds; librosa.sequence.dtw on
MFCC against espeak-ng at its natural speed. Scores: every transcribed clip with its own text and with the text of the
clip of most similar length in the same set.
"""

import csv
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import av
import librosa
import numpy as np
import numpy.typing as npt
import soxr

from audio.align.align import align_words
from audio.align.columns import AlignmentError
from audio.align.espeak import speak
from audio.align.features import HOP, RATE, level_db, mel_db
from audio.align.languages import nearest_voice
from audio.align.words import split_words, spoken_forms

Samples = npt.NDArray[np.float32]
Spans = Sequence[tuple[float, float]]
TRANSCRIBED = {"hi_air": 20, "te_commonvoice": 40, "ml_msc": 40, "kn_halthor": 40, "sw_swahili": 8}


@dataclass(frozen=True, slots=True)
class Clip:
    folder: str
    samples: Samples
    words: list[str]
    voice: str
    truth: Spans


def main(data: Path) -> None:
    known = list(known_clips(data / "aligned"))
    for way in (align, by_librosa):
        way(known[0])  # librosa loads its parts when first called
    print(
        f"{'set':<14}{'way':<20}{'words':>6}{'mean ms':>9}{'median':>8}{'<50 ms':>8}{'<100 ms':>9}{'x real time':>13}"
    )
    for folder in sorted({clip.folder for clip in known}):
        for way in (align, by_letters, by_sounds, by_librosa):
            report(way, [clip for clip in known if clip.folder == folder])
    print("\nscores: share of (right, wrong) pairs in which the right text scores higher; 0.5 is chance")
    clips = [*transcribed_clips(data / "transcribed"), *known]
    right: list[float] = []
    wrong: list[float] = []
    for folder in sorted({clip.folder for clip in clips}):
        mine, others = scores([clip for clip in clips if clip.folder == folder and len(clip.words) > 1])
        if others:
            right, wrong = right + mine, wrong + others
            print(
                f"{folder:<18}{len(mine):>4} clips  {above(mine, others):.3f}  "
                f"medians {np.median(mine):.2f} {np.median(others):.2f}"
            )
    print(f"{'all':<18}{len(right):>4} clips  {above(right, wrong):.3f}")
    for limit in (0.3, 0.4, 0.5):
        print(
            f"below {limit}: {np.mean(np.array(wrong) < limit):.2f} of wrong, "
            f"{np.mean(np.array(right) < limit):.2f} of right"
        )


def report(way: Callable[[Clip], Spans], clips: Sequence[Clip]) -> None:
    began = time.process_time()
    found = [way(clip) for clip in clips]
    spent = time.process_time() - began
    pairs = zip(found, clips, strict=True)
    errors = 1000 * np.abs(np.concatenate([np.subtract(spans, clip.truth).ravel() for spans, clip in pairs]))
    speed = sum(len(clip.samples) for clip in clips) / RATE / max(spent, 1e-3)
    print(
        f"{clips[0].folder:<14}{way.__name__:<20}{len(errors) // 2:>6}{errors.mean():>9.0f}{np.median(errors):>8.0f}"
        f"{(errors < 50).mean():>8.2f}{(errors < 100).mean():>9.2f}{speed:>12.0f}x"
    )


def align(clip: Clip) -> Spans:
    return [
        (word.start / RATE, word.end / RATE) for word in align_words(clip.samples, clip.words, clip.voice)
    ]


def by_letters(clip: Clip) -> Spans:
    return parted(clip, [len(word) for word in clip.words])


def by_sounds(clip: Clip) -> Spans:
    said = speak(spoken_forms(clip.words, clip.voice), clip.voice)
    return parted(
        clip, [sum(p.end - p.start for p in said.phones if p.word == n) for n in range(len(clip.words))]
    )


def parted(clip: Clip, weights: Sequence[float]) -> Spans:
    level = level_db(mel_db(clip.samples))
    loud = np.nonzero(level > 0.3 * np.percentile(level, 95))[0] * HOP / RATE
    edges = loud[0] + (loud[-1] - loud[0]) * np.cumsum([0, *weights]) / sum(weights)
    return list(pairwise(edges.tolist()))


def by_librosa(clip: Clip) -> Spans:
    said = speak(spoken_forms(clip.words, clip.voice), clip.voice)
    reference = soxr.resample(said.samples, said.rate, RATE)
    features = [
        librosa.feature.mfcc(y=y, sr=RATE, n_mfcc=13, hop_length=HOP) for y in (reference, clip.samples)
    ]
    evened = [(f - f.mean(axis=1, keepdims=True)) / (f.std(axis=1, keepdims=True) + 1e-3) for f in features]
    _, path = librosa.sequence.dtw(*evened)
    column, frame = path[::-1].T
    spans = []
    for word in range(len(clip.words)):
        own = [(p.start / said.rate, p.end / said.rate) for p in said.phones if p.word == word] or [
            (0.0, 0.0)
        ]
        edges = np.array([own[0][0], own[-1][1]]) * RATE / HOP
        start, end = np.interp(edges, column, frame) * HOP / RATE
        spans.append((float(start), float(end)))
    return spans


def scores(clips: Sequence[Clip]) -> tuple[list[float], list[float]]:
    right: list[float] = []
    wrong: list[float] = []
    for clip in clips:
        others = [other.words for other in clips if other.words != clip.words]
        if not others:
            continue
        length = len("".join(clip.words))
        other = min(others, key=lambda words: (abs(len("".join(words)) - length), words))
        right.append(mean_score(clip, clip.words))
        wrong.append(mean_score(clip, other))
    return right, wrong


def mean_score(clip: Clip, words: Sequence[str]) -> float:
    try:
        return float(np.mean([word.score for word in align_words(clip.samples, words, clip.voice)]))
    except AlignmentError:
        return 0.0  # what can't be aligned goes to a person as well


def above(right: Sequence[float], wrong: Sequence[float]) -> float:
    a, b = np.array(right)[:, None], np.array(wrong)[None]
    return float(((a > b) + 0.5 * (a == b)).mean())


def known_clips(folder: Path) -> Iterator[Clip]:
    for path in sorted(folder.glob("*/*.words.json")):
        truth = json.loads(path.read_text(encoding="utf-8"))
        words = [word for word in truth["words"] if split_words(word["word"])]
        spans = [(word["start"], word["end"]) for word in words]
        voice = nearest_voice(truth.get("language") or truth["lang"])
        samples = decode(path.with_name(path.name.replace(".words.json", ".wav")))
        yield Clip(path.parent.name, samples, [word["word"] for word in words], voice, spans)


def transcribed_clips(folder: Path) -> Iterator[Clip]:
    for name, most in TRANSCRIBED.items():
        with (folder / name / "transcripts.tsv").open(encoding="utf-8", newline="") as table:
            rows = list(csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE))
        for row in [row for row in rows if len(split_words(row["text"])) > 1][:most]:
            samples = decode(folder / name / row["file"])
            yield Clip(name, samples, split_words(row["text"]), nearest_voice(row["language"]), [])


def decode(path: Path) -> Samples:
    resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE)
    with av.open(str(path)) as container:
        blocks = [
            part.to_ndarray().ravel()
            for frame in container.decode(audio=0)
            for part in resampler.resample(frame)
        ]
        blocks += [part.to_ndarray().ravel() for part in resampler.resample(None)]
    return np.asarray(np.concatenate(blocks), dtype=np.float32)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
