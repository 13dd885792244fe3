"""How near the words' times come to known ones, against three plain ways, and how well scores part right from wrong.

    python bench/alignment.py ../shared/data            (OPENBLAS_NUM_THREADS=1: small matrices gain nothing from more)

Truth: aligned/*/*.words.json (hand-made, exact by Festival, silver by other aligners; the README there says which).
Plain ways: the speech region parted by letters; parted by the lengths of espeak-ng's sounds; librosa.sequence.dtw on
MFCC against espeak-ng at its natural speed. Scores: every transcribed clip with its own text and with the text of the
clip of most similar length in the same set.
"""

import sys
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import librosa
import numpy as np
import soxr

from audio.align.align import align_words
from audio.align.columns import AlignmentError
from audio.align.espeak import speak
from audio.align.features import HOP, RATE, level_db, mel_db
from audio.align.words import spoken_forms
from bench.alignment_corpus import Learnt, learn, report_misfits, report_reliability
from bench.alignment_data import Clip, Spans, known_clips, transcribed_clips


def main(data: Path) -> None:
    known = list(known_clips(data / "aligned"))
    for way in (align, by_librosa):
        way(known[0])  # librosa loads its parts when first called
    print(
        f"{'set':<14}{'way':<14}{'words':>6}{'mean ms':>9}{'median':>8}{'<20 ms':>8}{'<50 ms':>8}{'<100 ms':>9}"
        f"{'outer':>7}{'CPU s/h':>9}"
    )
    sets: dict[str, tuple[list[Clip], Learnt]] = {}
    for folder in sorted({clip.folder for clip in known}):
        clips = [clip for clip in known if clip.folder == folder]
        for way in (align, by_letters, by_sounds, by_librosa):
            report(way, clips)
        sets[folder] = (clips, learn(clips))
        report_learnt(*sets[folder])
    report_reliability(sets)
    print("\nmisfits found by the models of the set")
    print(f"{'set':<18}{'clips':>6}{'right':>9}{'swapped':>9}{'missing':>9}{'placed':>9}{'added':>9}")
    for folder, (clips, learnt) in sets.items():
        report_misfits(folder, clips, learnt.model)
    transcribed = list(transcribed_clips(data / "transcribed"))
    for folder in sorted({clip.folder for clip in transcribed}):
        of_set = [clip for clip in transcribed if clip.folder == folder]
        report_misfits(folder, of_set, learn(of_set).model)
    print("\nscores: share of (right, wrong) pairs in which the right text scores higher; 0.5 is chance")
    everything = [*transcribed, *known]
    right: list[float] = []
    wrong: list[float] = []
    for folder in sorted({clip.folder for clip in everything}):
        mine, others = scores([clip for clip in everything if clip.folder == folder and len(clip.words) > 1])
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
    print_row(way.__name__, clips, found, time.process_time() - began)


def report_learnt(clips: Sequence[Clip], learnt: Learnt) -> None:
    found = [[(word.start / RATE, word.end / RATE) for word in each.words] for each in learnt.found]
    print_row("corpus", clips, found, learnt.aligning_cpu)


def print_row(way: str, clips: Sequence[Clip], found: Sequence[Spans], cpu: float) -> None:
    """outer: median over the first word's start and the last word's end"""
    pairs = list(zip(found, clips, strict=True))
    errors = 1000 * np.abs(np.concatenate([np.subtract(spans, clip.truth).ravel() for spans, clip in pairs]))
    outer = [
        1000 * abs(edge)
        for spans, clip in pairs
        for edge in (spans[0][0] - clip.truth[0][0], spans[-1][1] - clip.truth[-1][1])
    ]
    hours = sum(len(clip.samples) for clip in clips) / RATE / 3600
    print(
        f"{clips[0].folder:<14}{way:<14}{len(errors) // 2:>6}{errors.mean():>9.0f}{np.median(errors):>8.0f}"
        f"{(errors < 20).mean():>8.2f}{(errors < 50).mean():>8.2f}{(errors < 100).mean():>9.2f}"
        f"{np.median(outer):>7.0f}{cpu / hours:>9.0f}",
        flush=True,
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


if __name__ == "__main__":
    main(Path(sys.argv[1]))
