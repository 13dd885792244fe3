"""Whether a corpus' models are to be trusted above the reference aligner: by clips they have not learnt from."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from audio.align.corpus.model import CorpusModel
from audio.align.corpus.sounds import Word
from audio.align.corpus.training import HeardClip, train
from audio.align.corpus.viterbi import NoWayError
from audio.align.features import HOP, RATE, Floats, Mask

FEWEST_SECONDS = 600.0
"""Of clips to learn from: below ten minutes the reference aligner stays."""
_FEWEST_CLIPS = 4  # two in each half
MOST_CHECKED = 120
"""Clips on which both aligners are checked."""
_LEAST_AGREEMENT = 0.8
_LEAST_TOLD_APART = 0.9
_NEAR = 5  # frames: 50 ms
_SLACK = 0.1  # shares that are lower by less are no worse: models see noise for the first time here


@dataclass(frozen=True, slots=True)
class ModelCheck:
    """What else was heard of a clip, to check models on it.

    noisy:           its frames with noise 20 dB below the speech added
    noisy_spans:     (words, 2), by the reference aligner, of the noisy clip
    other:           the words of another clip of like length
    reference_knows: whether the reference aligner scores its own words higher than the other's
    """

    noisy: Floats
    noisy_spans: npt.NDArray[np.int64]
    other: tuple[Word, ...]
    reference_knows: bool


@dataclass(frozen=True, slots=True)
class ModelDecision:
    """Figures on held-out clips, shares 0 to 1, and what follows from them.

    agreement:  edges that models of two halves of the clips put within 50 ms of each other
    stability:  edges that added noise moves by at most 50 ms
    told_apart: clips whose own text fits better than another's
    reference_*: the same of the reference aligner
    """

    seconds: float
    clips: int
    is_enough: bool
    agreement: float = 0.0
    stability: float = 0.0
    reference_stability: float = 0.0
    told_apart: float = 0.0
    reference_told_apart: float = 0.0

    @property
    def reason(self) -> str | None:
        """Why the reference aligner stays; None where the corpus' models are better."""
        if not self.is_enough:
            return "too_little"
        if self.told_apart < max(_LEAST_TOLD_APART, self.reference_told_apart - _SLACK):
            return "does_not_know_its_texts"
        if self.agreement < _LEAST_AGREEMENT:
            return "halves_disagree"
        if self.stability < self.reference_stability - _SLACK:
            return "less_stable"
        return None


def decide(
    clips: Sequence[HeardClip],
    checks: Sequence[ModelCheck | None],
    voice: str,
    *,
    fewest_seconds: float = FEWEST_SECONDS,
) -> ModelDecision:
    """Learn from each half of the clips, and check both on those of the other. Raises TooLittleError.

    checks: one for each clip; None for those that are only learnt from
    """
    seconds = sum(len(clip.frames) for clip in clips) * HOP / RATE
    if seconds < fewest_seconds or len(clips) < _FEWEST_CLIPS:
        return ModelDecision(seconds, len(clips), is_enough=False)
    models = [train(half, voice) for half in (clips[0::2], clips[1::2])]
    figures = [
        _figures(clip, check, seen=models[place % 2], unseen=models[1 - place % 2])
        for place, (clip, check) in enumerate(zip(clips, checks, strict=True))
        if check is not None
    ]
    if not figures:
        return ModelDecision(seconds, len(clips), is_enough=False)
    agreement, stability, reference = (
        float(np.concatenate(each).mean())
        for each in (
            [figure.agrees for figure in figures],
            [figure.stays for figure in figures],
            [figure.reference_stays for figure in figures],
        )
    )
    return ModelDecision(
        seconds,
        len(clips),
        True,
        agreement,
        stability,
        reference,
        float(np.mean([figure.knows for figure in figures])),
        float(np.mean([check.reference_knows for check in checks if check is not None])),
    )


@dataclass(frozen=True, slots=True)
class _Figures:
    """Of one clip, an entry for each edge. knows: whether its own text fits better than the other"""

    agrees: Mask
    stays: Mask
    reference_stays: Mask
    knows: bool


def _figures(clip: HeardClip, check: ModelCheck, *, seen: CorpusModel, unseen: CorpusModel) -> _Figures:
    """seen, unseen: models that have and have not learnt from this clip"""
    reference = np.abs(check.noisy_spans - clip.spans).ravel() <= _NEAR
    try:
        path = unseen.path(clip.words, clip.frames)
        spans = path.spans()
        agrees = np.abs(spans - seen.path(clip.words, clip.frames).spans()).ravel() <= _NEAR
        stays = np.abs(spans - unseen.path(clip.words, check.noisy).spans()).ravel() <= _NEAR
    except NoWayError:
        nothing = np.zeros_like(reference)
        return _Figures(nothing, nothing, reference, knows=False)
    return _Figures(agrees, stays, reference, _knows(unseen, clip, check, float(path.gap.mean())))


def _knows(model: CorpusModel, clip: HeardClip, check: ModelCheck, own: float) -> bool:
    try:
        return own < float(model.path(check.other, clip.frames).gap.mean())
    except NoWayError:
        return True  # the other text can't even be said in this time
