"""A recording on disk and its text to the times of its words: the form in which the sandbox does it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from audio.align.align import LONGEST_SECONDS, AlignedWord, AlignmentError, align_words
from audio.align.espeak import SynthesisError
from audio.align.words import split_words
from audio.decode import open_recording
from audio.errors import UnusableRecording
from audio.limits import Limits
from audio.mono import Mono16k
from audio.reasons import AudioReason


@dataclass(frozen=True, slots=True)
class AlignmentJob:
    """voice: of espeak-ng, as `nearest_voice` names it."""

    path: Path
    text: str
    voice: str


@dataclass(frozen=True, slots=True)
class AlignedFile:
    """words: in samples at 16 kHz; fault: why there are none, where the text can't be laid on this sound."""

    words: tuple[AlignedWord, ...]
    fault: str | None = None


def align_file(job: AlignmentJob, limits: Limits) -> AlignedFile:
    """Every spoken word of the text with its place. Raises UnusableRecording."""
    with open_recording(job.path, limits) as recording:
        info = recording.info
        if info.declared_seconds is not None and info.declared_seconds > LONGEST_SECONDS:
            raise UnusableRecording(
                AudioReason.TOO_LONG,
                f"{job.path.name!r} is {info.declared_seconds:.0f} s long; words are found in at most "
                f"{LONGEST_SECONDS} s. Cut it with `boli segment` first.",
            )
        mixer = Mono16k(info.sample_rate, info.channels)
        blocks = [mixer.feed(block) for block in recording]
        samples = np.concatenate([*blocks, mixer.finish()])
    try:
        return AlignedFile(align_words(samples, split_words(job.text), job.voice))
    except (AlignmentError, SynthesisError) as error:
        return AlignedFile((), str(error))
