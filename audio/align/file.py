"""A recording on disk and its text to the times of its words: the form in which the sandbox does it."""

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from audio.align.align import LONGEST_SECONDS, AlignedWord, AlignmentError, align_words
from audio.align.corpus.align import Misfit, align_by_model
from audio.align.corpus.artefact import MOST_BYTES, from_bytes
from audio.align.corpus.model import CorpusModel
from audio.align.espeak import SynthesisError
from audio.align.features import Floats
from audio.align.words import split_words
from audio.decode import open_recording
from audio.errors import UnusableRecording
from audio.handed import input_descriptor
from audio.limits import Limits
from audio.mono import Mono16k
from audio.reasons import AudioReason


@dataclass(frozen=True, slots=True)
class AlignmentJob:
    """voice: of espeak-ng, as `nearest_voice` names it; model: of the clip's corpus, where it has one."""

    path: Path
    text: str
    voice: str
    model: Path | None = None


@dataclass(frozen=True, slots=True)
class AlignedFile:
    """What was found of a text in a clip.

    words:  in samples at 16 kHz
    fault:  why there are none, where the text can't be laid on this sound
    misfit: where the sound is not what the text says, found by a corpus model
    fit:    how well a brought model finds the text in the sound, 0 to 1; None where none was asked
    """

    words: tuple[AlignedWord, ...]
    fault: str | None = None
    misfit: Misfit | None = None
    fit: float | None = None


def align_file(job: AlignmentJob, limits: Limits) -> AlignedFile:
    """Every spoken word of the text with its place. Raises UnusableRecording."""
    samples = read_samples(job.path, limits)
    try:
        words = split_words(job.text)
        if job.model is None:
            return AlignedFile(align_words(samples, words, job.voice))
        found = align_by_model(samples, words, read_model(job.model))
        return AlignedFile(found.words, misfit=found.misfit)
    except (AlignmentError, SynthesisError) as error:
        return AlignedFile((), str(error))


def read_samples(path: Path, limits: Limits) -> Floats:
    """A whole recording as float32 mono at 16 kHz. Raises UnusableRecording."""
    with open_recording(path, limits) as recording:
        info = recording.info
        if info.declared_seconds is not None and info.declared_seconds > LONGEST_SECONDS:
            raise UnusableRecording(
                AudioReason.TOO_LONG,
                f"{path.name!r} is {info.declared_seconds:.0f} s long; words are found in at most "
                f"{LONGEST_SECONDS} s. Cut it with `boli segment` first.",
            )
        mixer = Mono16k(info.sample_rate, info.channels)
        blocks = [mixer.feed(block) for block in recording]
        return np.concatenate([*blocks, mixer.finish()])


def read_model(path: Path) -> CorpusModel:
    """Raises BadModelError, OSError."""
    handed = input_descriptor(path)
    with path.open("rb") if handed is None else os.fdopen(handed, "rb") as file:
        return from_bytes(file.read(MOST_BYTES + 1))
