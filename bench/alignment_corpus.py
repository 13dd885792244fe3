"""The corpus aligner: learnt from a set without its truth, then that set aligned; edges, scores and misfits beside it.

Each set learns from its own clips alone, which is how a project uses it. These sets are smaller than the ten minutes
from which on a project's models are used at all.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from audio.align.align import AlignmentError
from audio.align.corpus.align import CorpusAlignment, align_by_model
from audio.align.corpus.hearing import heard_clip
from audio.align.corpus.model import CorpusModel
from audio.align.corpus.score import BIAS, WEIGHTS
from audio.align.corpus.training import train
from audio.align.features import RATE
from bench.alignment_data import Clip

NEAR = 0.05
BINS = (0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 1.0)
LEAST_WORDS = 4  # of a clip that a phrase is taken from
Values = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Learnt:
    """A set aligned by the models it taught. cpu: seconds of processor time for each of sound"""

    model: CorpusModel
    found: tuple[CorpusAlignment, ...]
    seconds: float
    learning_cpu: float
    aligning_cpu: float


def learn(clips: Sequence[Clip]) -> Learnt:
    seconds = sum(len(clip.samples) for clip in clips) / RATE
    began = time.process_time()
    heard = [heard_clip(clip.samples, clip.words, clip.voice) for clip in clips]
    model = train(heard, clips[0].voice)
    learnt = time.process_time()
    found = tuple(align_by_model(clip.samples, clip.words, model) for clip in clips)
    return Learnt(model, found, seconds, learnt - began, time.process_time() - learnt)


def report_reliability(sets: Mapping[str, tuple[list[Clip], Learnt]]) -> None:
    """Of words scored so, how many lie within 50 ms: by the constants in use, and by those of the other sets."""
    evidence = {
        name: np.concatenate([f.evidence for f in learnt.found]) for name, (_, learnt) in sets.items()
    }
    right = {
        name: np.concatenate([near(clip, found) for clip, found in zip(clips, learnt.found, strict=True)])
        for name, (clips, learnt) in sets.items()
    }
    used = {name: chance(evidence[name], np.array([BIAS, *WEIGHTS])) for name in sets}
    held = {}
    for name in sets:
        others = [other for other in sets if other != name]
        fitted = logistic(
            np.concatenate([evidence[other] for other in others]),
            np.concatenate([right[other] for other in others]),
        )
        held[name] = chance(evidence[name], fitted)
    everything = logistic(np.concatenate(list(evidence.values())), np.concatenate(list(right.values())))
    print(f"\nconstants that all sets together give: {everything.round(2)}")
    for label, scores in (("constants in use", used), ("constants of the other sets", held)):
        joined, truth = np.concatenate(list(scores.values())), np.concatenate(list(right.values()))
        print(f"{label}: words, mean score, within 50 ms")
        for low, high in pairwise(BINS):
            inside = (joined >= low) & (joined < high + (high == 1.0))
            if inside.any():
                mean, share = joined[inside].mean(), truth[inside].mean()
                print(f"  {low:.1f} to {high:.1f}{inside.sum():>6}{mean:>7.2f}{share:>7.2f}")


def near(clip: Clip, found: CorpusAlignment) -> npt.NDArray[np.bool_]:
    spans = np.array([(word.start / RATE, word.end / RATE) for word in found.words])
    return np.asarray(np.abs(spans - np.array(clip.truth)).max(axis=1) < NEAR)


def logistic(evidence: Values, right: npt.NDArray[np.bool_]) -> Values:
    """Newton's method with a light ridge, the bias first."""
    given = np.c_[np.ones(len(evidence)), evidence]
    weights = np.zeros(given.shape[1])
    ridge = np.array([0.0] + [0.5] * (given.shape[1] - 1))
    for _ in range(50):
        chances = 1 / (1 + np.exp(-given @ weights))
        slope = given.T @ (right - chances) - ridge * weights
        bend = (given * (chances * (1 - chances))[:, None]).T @ given + np.diag(ridge + 1e-6)
        weights += np.linalg.solve(bend, slope)
    return weights


def chance(evidence: Values, weights: Values) -> Values:
    return np.asarray(1 / (1 + np.exp(-(weights[0] + evidence @ weights[1:]))))


def report_misfits(name: str, clips: Sequence[Clip], model: CorpusModel) -> None:
    """How often a text that is not what is said is found: another clip's, one phrase left out, one put in."""
    right, swapped, missing, placed, added = [], [], [], [], []
    for number, clip in enumerate(clips):
        others = [other for other in clips if other.words != clip.words]
        right.append(is_found(clip, clip.words, model))
        if not others:
            continue
        other = min(
            others, key=lambda each: (abs(len("".join(each.words)) - len("".join(clip.words))), each.words)
        )
        swapped.append(is_found(clip, other.words, model))
        count = len(clip.words)
        if count >= LEAST_WORDS:
            phrase = max(1, count // 4)
            start = number * 7 % (count - phrase + 1)
            without = [*clip.words[:start], *clip.words[start + phrase :]]
            missing.append(is_found(clip, without, model))
            if clip.truth:
                placed.append(
                    is_marked(clip, without, model, clip.truth[start][0], clip.truth[start + phrase - 1][1])
                )
            added.append(
                is_found(clip, [*clip.words[:start], *other.words[:phrase], *clip.words[start:]], model)
            )
    figures = [
        f"{np.mean(each):>9.2f}" if each else f"{'-':>9}" for each in (right, swapped, missing, placed, added)
    ]
    print(f"{name:<18}{len(clips):>6}{''.join(figures)}")


def is_found(clip: Clip, words: Sequence[str], model: CorpusModel) -> bool:
    try:
        return align_by_model(clip.samples, words, model).misfit is not None
    except AlignmentError:
        return True  # what can't be aligned goes to a person as well


def is_marked(clip: Clip, words: Sequence[str], model: CorpusModel, start: float, end: float) -> bool:
    """Whether the place that is marked touches the phrase that the text lacks."""
    try:
        misfit = align_by_model(clip.samples, words, model).misfit
    except AlignmentError:
        return False
    return misfit is not None and misfit.start / RATE < end and misfit.end / RATE > start
