"""A recording on disk to what a brought model hears in it: the form in which the sandbox does it."""

import os
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Literal

import numpy as np

from audio.align.align import LONGEST_SECONDS, SHORTEST_SECONDS, AlignmentError
from audio.align.features import RATE, Floats
from audio.align.file import AlignedFile, AlignmentJob, align_file, read_samples
from audio.align.words import split_words
from audio.errors import UnusableRecording
from audio.handed import input_descriptor
from audio.limits import Limits
from audio.reasons import AudioReason
from audio.recognise import network, vocabulary
from audio.recognise.ctc import Recognised, align_outputs, recognised
from audio.recognise.features import FeatureRules
from audio.recognise.network import BadRecogniserError, CtcNetwork
from audio.recognise.vocabulary import BadVocabularyError, Vocabulary, read_vocabulary

Use = Literal["align", "check"]


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """A model and its vocabulary. Files of one name always hold the same bytes: they are named by their hash."""

    onnx: Path
    vocabulary: Path
    features: FeatureRules | None = None
    """Of a model that hears by features."""


@dataclass(frozen=True, slots=True)
class RecognitionJob:
    path: Path
    model: ModelFiles


@dataclass(frozen=True, slots=True)
class RecognisedFile:
    """What was heard in a clip. fault: why nothing, where the model can't hear it"""

    heard: Recognised | None
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class BroughtAlignmentJob:
    """A text to lay on its sound with a brought model. use: it times the words, or it checks those that others timed"""

    given: AlignmentJob
    model: ModelFiles
    use: Use


def align_clip(job: AlignmentJob | BroughtAlignmentJob, limits: Limits) -> AlignedFile:
    """Every spoken word of the text with its place, by whatever aligner the job names.

    Raises UnusableRecording, NoRuntimeError.
    """
    if isinstance(job, AlignmentJob):
        return align_file(job, limits)
    by_others = align_file(job.given, limits) if job.use == "check" else None
    if by_others is not None and (by_others.fault is not None or not by_others.words):
        return by_others
    try:
        samples = read_samples(job.given.path, limits)
        outputs, tokens = heard(samples, job.model)
        words = split_words(job.given.text)
        found = align_outputs(outputs, words, tokens, len(samples), job.given.voice) if words else ()
    except (BadRecogniserError, BadVocabularyError, AlignmentError) as error:
        return AlignedFile((), str(error)) if by_others is None else replace(by_others, fit=0.0)
    fit = sum(word.score for word in found) / len(found) if found else None
    return AlignedFile(found, fit=fit) if by_others is None else replace(by_others, fit=fit)


def recognise_file(job: RecognitionJob, limits: Limits) -> RecognisedFile:
    """What a model hears in a recording. Raises UnusableRecording, NoRuntimeError."""
    samples = read_samples(job.path, limits)
    try:
        outputs, tokens = heard(samples, job.model)
    except (BadRecogniserError, BadVocabularyError, AlignmentError) as error:
        return RecognisedFile(None, str(error))
    return RecognisedFile(recognised(outputs, tokens))


def heard(samples: Floats, model: ModelFiles) -> tuple[Floats, Vocabulary]:
    """A model's outputs for a clip, and what they stand for. Raises what `CtcNetwork` and `read_vocabulary` do."""
    seconds = len(samples) / RATE
    if not SHORTEST_SECONDS <= seconds <= LONGEST_SECONDS or not np.isfinite(samples).all():
        raise UnusableRecording(
            AudioReason.TOO_LONG if seconds > LONGEST_SECONDS else AudioReason.TOO_SHORT,
            f"a model hears clips of {SHORTEST_SECONDS} to {LONGEST_SECONDS} s, given: {seconds:.2f} s.",
        )
    ready, tokens = _ready(model)
    return ready.outputs(samples), tokens


@lru_cache(maxsize=1)
def _ready(model: ModelFiles) -> tuple[CtcNetwork, Vocabulary]:
    """Loaded once a child: the next clip of a batch wants the same."""
    tokens = read_vocabulary(_bytes(model.vocabulary, vocabulary.MOST_BYTES))
    return CtcNetwork(_bytes(model.onnx, network.MOST_BYTES), tokens, model.features), tokens


def _bytes(path: Path, most: int) -> bytes:
    handed = input_descriptor(path)
    with path.open("rb") if handed is None else os.fdopen(handed, "rb") as file:
        return file.read(most + 1)
