"""The reference as the path sees it: pause, word 0, pause, word 1, ..., pause; a column for each 10 ms."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import soxr

from audio.align.espeak import FASTEST_WPM, RATE_WPM, SLOWEST_WPM, Reference, speak
from audio.align.features import HOP, RATE, Floats, Mask, cepstra, mel_db

# espeak-ng's variant of any voice: a woman. Two speakers' mean is nearer to a third. Variants with breath (f2, f3, f5)
# differ from run to run: the library mixes memory that it never set into the breath.
_SECOND_SPEAKER = "+f4"
_FEWEST_COLUMNS = 2  # of a word: the path may pass over one column, never over a whole word
_MOST_SOUNDS_A_LETTER = 6
_UNREADABLE_COLUMNS = 20  # of a word the voice can't say: 0.2 s of the mean of all sounds


class AlignmentError(ValueError):
    """These words can't be aligned with these samples."""


@dataclass(frozen=True, slots=True)
class Columns:
    """features: (columns, d), zeros for a pause; word: (columns,), -1 for a pause; readable: (words,)"""

    features: Floats
    word: npt.NDArray[np.int64]
    readable: Mask

    @property
    def pause(self) -> Mask:
        return self.word < 0


def paced_columns(forms: Sequence[str], voice: str, seconds: float) -> Columns:
    """The words said in about `seconds`, without their pauses, as the mean of a man's and a woman's reading.

    forms: words in letters that the voice reads, see spoken_forms()
    A word in letters that the voice only knows to spell counts as one that it can't say.
    Raises AlignmentError where it can say none, UnknownVoiceError.
    """
    natural = speak(forms, voice, RATE_WPM)
    sounds = np.bincount([phone.word for phone in natural.phones], minlength=len(forms))
    forms = ["" if _is_spelled(form, int(n)) else form for form, n in zip(forms, sounds, strict=True)]
    said = sum(phone.end - phone.start for phone in natural.phones if forms[phone.word]) / natural.rate
    if not said:
        raise AlignmentError(
            f"the voice {voice!r} finds nothing to say in the text. Is it the voice of another language?"
        )
    wpm = round(min(max(RATE_WPM * said / seconds, SLOWEST_WPM), FASTEST_WPM))
    first = speak(forms, voice, wpm)
    second = speak(forms, voice + _SECOND_SPEAKER, wpm)
    phone, share = _grid(first)
    features = _features(first, phone, share)
    if [sound.word for sound in first.phones] == [sound.word for sound in second.phones]:
        features = np.mean([features, _features(second, phone, share)], axis=0, dtype=np.float32)
    word = np.array([sound.word for sound in first.phones])[phone]
    return _with_pauses(features, word, len(forms))


def _is_spelled(form: str, sounds: int) -> bool:
    """True where espeak-ng said "letter one two three four ..." for each letter. It reads digits at greater length."""
    return sounds > _MOST_SOUNDS_A_LETTER * len(form) and not any(c.isdigit() for c in form)


def _grid(reference: Reference) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Each phone every 10 ms: its number, and the share of it that has passed."""
    counts = [
        max(1, round((phone.end - phone.start) * RATE / reference.rate / HOP)) for phone in reference.phones
    ]
    phone = np.repeat(np.arange(len(counts)), counts)
    return phone, np.concatenate([(np.arange(count) + 0.5) / count for count in counts])


def _features(reference: Reference, phone: npt.NDArray[np.int64], share: npt.NDArray[np.float64]) -> Floats:
    """Cepstra of the reference at the points of the grid. Another speaker's phones may be longer or shorter."""
    samples = soxr.resample(reference.samples, reference.rate, RATE)
    mel = mel_db(np.asarray(samples, dtype=np.float32))
    start = np.array([sound.start for sound in reference.phones])[phone]
    end = np.array([sound.end for sound in reference.phones])[phone]
    frame = np.rint((start + share * (end - start)) * RATE / reference.rate / HOP).astype(np.int64)
    frame = np.minimum(frame, len(mel) - 1)
    said = np.zeros(len(mel), dtype=np.bool_)
    said[frame] = True
    return np.asarray(cepstra(mel, said)[frame])


def _with_pauses(features: Floats, word: npt.NDArray[np.int64], words: int) -> Columns:
    order: list[int] = []
    word_of: list[int] = []
    readable = np.zeros(words, dtype=np.bool_)
    for number in range(words):
        own = np.nonzero(word == number)[0]
        readable[number] = len(own) > 0
        if not len(own):
            own = np.full(_UNREADABLE_COLUMNS, -1)
        elif len(own) < _FEWEST_COLUMNS:
            own = np.resize(own, _FEWEST_COLUMNS)
        order += [-1, *own.tolist()]
        word_of += [-1] + [number] * len(own)
    places = np.array([*order, -1])
    shown = np.where(places[:, None] < 0, np.float32(0), features[places])
    return Columns(np.asarray(shown, dtype=np.float32), np.array([*word_of, -1]), readable)
