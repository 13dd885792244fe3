"""A clip on disk to what a model learns from it: the form in which the sandbox does it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from audio.align.align import AlignedWord, AlignmentError, align_words
from audio.align.corpus.checks import ModelCheck
from audio.align.corpus.frames import hear
from audio.align.corpus.sounds import words_as_sounds
from audio.align.corpus.training import HeardClip
from audio.align.espeak import SynthesisError
from audio.align.features import HOP, Floats, mel_db
from audio.align.file import read_samples
from audio.align.words import split_words
from audio.limits import Limits

LONGEST_SECONDS = 30.0
"""Of a clip to learn from: a flat start in longer ones goes astray."""
_NOISE_DB = 20.0


@dataclass(frozen=True, slots=True)
class HearingJob:
    """other: the text of another clip, where the clip is also to be checked on; voice: of espeak-ng"""

    path: Path
    text: str
    voice: str
    other: str | None = None


@dataclass(frozen=True, slots=True)
class HeardFile:
    """What was heard, or the fault for which nothing could be."""

    heard: HeardClip | None
    check: ModelCheck | None = None
    fault: str | None = None


def hear_file(job: HearingJob, limits: Limits) -> HeardFile:
    """Raises UnusableRecording."""
    samples = read_samples(job.path, limits)
    try:
        heard = heard_clip(samples, split_words(job.text), job.voice)
        if job.other is None:
            return HeardFile(heard)
        return HeardFile(heard, check_of(samples, split_words(job.text), split_words(job.other), job.voice))
    except (AlignmentError, SynthesisError) as error:
        return HeardFile(None, fault=str(error))


def heard_clip(samples: Floats, words: Sequence[str], voice: str) -> HeardClip:
    """A clip to learn from. Raises AlignmentError, SynthesisError."""
    spans = frames_of(align_words(samples, words, voice))
    return HeardClip(words_as_sounds(words, voice), hear(mel_db(samples)), spans)


def check_of(samples: Floats, words: Sequence[str], other: Sequence[str], voice: str) -> ModelCheck:
    """The same clip with noise, and with the words of another. Raises AlignmentError, SynthesisError."""
    noisy = with_noise(samples)
    own = align_words(samples, words, voice)
    return ModelCheck(
        hear(mel_db(noisy)),
        frames_of(align_words(noisy, words, voice)),
        words_as_sounds(other, voice),
        _mean_score(own) > _score_of(samples, other, voice),
    )


def frames_of(words: Sequence[AlignedWord]) -> npt.NDArray[np.int64]:
    """(words, 2), first frame and last + 1

    >>> frames_of([AlignedWord("a", 1520, 3120, 1.0)]).tolist()
    [[10, 20]]
    """
    return np.array([[round(w.start / HOP + 0.5), round(w.end / HOP + 0.5)] for w in words]).reshape(-1, 2)


def with_noise(samples: Floats) -> Floats:
    """White noise below the speech by _NOISE_DB; always the same noise for the same length."""
    noise = np.random.default_rng(len(samples)).standard_normal(len(samples))
    loud = float(np.sqrt(np.mean(samples.astype(np.float64) ** 2)))
    return np.asarray(samples + noise * loud * 10 ** (-_NOISE_DB / 20), dtype=np.float32)


def _score_of(samples: Floats, words: Sequence[str], voice: str) -> float:
    try:
        return _mean_score(align_words(samples, words, voice))
    except AlignmentError:
        return 0.0


def _mean_score(words: Sequence[AlignedWord]) -> float:
    return float(np.mean([word.score for word in words])) if words else 0.0
