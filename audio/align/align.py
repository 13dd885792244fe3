"""Words to the samples in which they are said, by comparison with reference speech of the same text."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from audio.align.columns import AlignmentError as AlignmentError  # raised here too
from audio.align.columns import Columns, paced_columns
from audio.align.features import HOP, RATE, Floats, Mask, cepstra, level_db, mel_db
from audio.align.path import best_path
from audio.align.score import word_scores
from audio.align.words import is_spoken, is_tag, spoken_forms

LONGEST_SECONDS = 300
SHORTEST_SECONDS = 0.05

_SPEECH_SHARE = 0.3  # of the way from the quietest to the loudest: louder is speech
_SPEECH_RANGE_DB = 35  # and never more than this below the loudest
_PAUSE_SHARE = 0.4  # at this share of that way a pause costs _PAUSE_COST of a usual distance
_PAUSE_COST = 1.3
_SILENT = 1e-4  # -80 dB: no sample is as loud
_BAND_SECONDS, _BAND_SHARE = 15, 0.1  # how far the talk may run ahead of or behind its even pace
_SECOND_BAND = 100  # frames on each side of the first path
_RIDGE = 0.1
_SAMPLED = 400


@dataclass(frozen=True, slots=True)
class AlignedWord:
    """A word as it was given, said in samples [start, end) at 16 kHz.

    score: 0 to 1, comparable between clips; low where the sound doesn't match the word
    """

    word: str
    start: int
    end: int
    score: float


def align_words(samples: Floats, words: Sequence[str], voice: str) -> tuple[AlignedWord, ...]:
    """Find when each word is said.

    samples: float32 mono at 16 kHz, 50 ms to 5 minutes
    words:   in the order said; tags such as <noise> and punctuation alone are passed over and not in the result
    voice:   of espeak-ng, see nearest_voice()

    Words come in order, don't overlap and lie inside the clip; silence before, between and after them is left out.
    The same input gives the same output. A word of which the voice can say nothing is placed by its neighbours and
    scores 0.

    Raises AlignmentError (too long, too short for its text, silent, nothing to say), UnknownVoiceError.
    """
    check_samples(samples)
    spoken_words = [word for word in words if is_spoken(word)]
    if not spoken_words:
        if all(is_tag(word) for word in words):
            return ()
        raise AlignmentError(f"a word to align has a letter or a digit, given: {' '.join(words)[:80]!r}.")
    mel = mel_db(samples)
    speech, share = _speech(level_db(mel))
    columns = paced_columns(spoken_forms(spoken_words, voice), voice, speech.sum() * HOP / RATE)
    audio = cepstra(mel, speech)
    usual = _usual_distance(audio, columns)
    pause_cost = np.asarray(_PAUSE_COST * usual * share / _PAUSE_SHARE, dtype=np.float32)
    try:
        path = _paths(audio, columns, pause_cost, speech)
    except ValueError:
        raise AlignmentError(
            f"{len(spoken_words)} words can't be said in {len(samples) / RATE:.2f} s. Is this the text of another clip?"
        ) from None
    scores = word_scores(audio, columns, path)
    return tuple(_words(spoken_words, scores, columns.word[path], len(samples)))


def _words(
    words: Sequence[str], scores: Sequence[float], word_at: npt.NDArray[np.int64], length: int
) -> Iterator[AlignedWord]:
    for number, (word, score) in enumerate(zip(words, scores, strict=True)):
        frames = np.nonzero(word_at == number)[0]
        start = max(0, int(frames[0]) * HOP - HOP // 2)
        end = min(length, int(frames[-1]) * HOP + HOP // 2)
        yield AlignedWord(word, start, end, score)


def check_samples(samples: Floats) -> None:
    """Raises AlignmentError for what no aligner can work on."""
    if samples.ndim != 1 or samples.dtype != np.float32:
        raise AlignmentError(
            f"samples to align are one row of float32, given: {samples.dtype} of shape {samples.shape}."
        )
    seconds = len(samples) / RATE
    if not SHORTEST_SECONDS <= seconds <= LONGEST_SECONDS:
        raise AlignmentError(
            f"a clip to align is {SHORTEST_SECONDS} to {LONGEST_SECONDS} s long, given: {seconds:.2f} s. "
            "Cut a long recording into utterances first."
        )
    if not np.isfinite(samples).all():
        raise AlignmentError("samples to align are numbers; some of these are infinite or not a number.")
    if np.abs(samples).max() < _SILENT:
        raise AlignmentError(
            "words are aligned where something is heard; every sample of this clip is below -80 dB."
        )


def _speech(level: Floats) -> tuple[Mask, Floats]:
    """Frames that are loud enough for speech, and where each frame stands between quietest (0) and loudest (1)."""
    quietest, loudest = np.percentile(level, (5, 95))
    share = np.clip((level - quietest) / max(loudest - quietest, 1.0), 0, 1)
    speech = level >= max(quietest + _SPEECH_SHARE * (loudest - quietest), loudest - _SPEECH_RANGE_DB)
    return speech, share.astype(np.float32)


def _usual_distance(audio: Floats, columns: Columns) -> float:
    some = columns.features[columns.word >= 0][:: max(1, len(columns.word) // _SAMPLED)]
    frames = audio[:: max(1, len(audio) // _SAMPLED)]
    return float(np.median(np.linalg.norm(frames[:, None] - some[None], axis=2)))


def _paths(audio: Floats, columns: Columns, pause_cost: Floats, speech: Mask) -> npt.NDArray[np.int64]:
    """The path, found twice: the second time against the reference bent towards this speaker and channel."""
    count = len(columns.word)
    pause = columns.word < 0
    even = np.cumsum(speech) / speech.sum() * count
    spread = max(_BAND_SECONDS * RATE / HOP, _BAND_SHARE * count)
    path = best_path(audio, columns.features, pause, pause_cost, *_band(even, spread, count))
    bent = _bend(columns.features, audio, path, pause)
    return best_path(audio, bent, pause, pause_cost, *_band(path, _SECOND_BAND, count))


def _band(
    middle: npt.NDArray[np.float64] | npt.NDArray[np.int64], spread: float, columns: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    lowest = np.clip(np.floor(middle - spread), 0, columns - 2).astype(np.int64)
    highest = np.clip(np.ceil(middle + spread) + 2, 2, columns).astype(np.int64)
    return lowest, highest


def _bend(reference: Floats, audio: Floats, path: npt.NDArray[np.int64], pause: Mask) -> Floats:
    """The reference under the linear map that takes its frames to the audio's on the path (ridge)."""
    said = ~pause[path]
    x, y = reference[path[said]], audio[said]
    held = _RIDGE * len(x) * x.var() * np.eye(x.shape[1])
    change = np.linalg.solve(x.T @ x + held, x.T @ (y - x))
    return np.asarray(reference + reference @ change, dtype=np.float32)
