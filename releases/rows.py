"""One row of a dataset: a clip with its text, its words in time, and who spoke where."""

import hashlib
import json
from dataclasses import dataclass, fields
from typing import Literal

from transcription.text import count

Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = ("train", "validation", "test")
Consent = Literal["told", "public_licence"]
"""Whether the speakers were told what for and said yes, or gave their voices under a public licence elsewhere."""
WORD_RATE = 16_000
"""Words are timed in samples of the clip at this rate, whatever rate its sound is kept at."""


@dataclass(frozen=True, slots=True)
class Word:
    """start, end: samples at WORD_RATE from the start of the clip"""

    word: str
    start: int
    end: int
    score: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What a version says of one clip.

    voices:       ids of the speakers in it, for splitting; never published
    speaker:      their pseudonyms in this project, joined by `+` where a recording holds several voices
    start, end:   samples of the recording's own time line, at `original_rate`
    seconds:      length that the catalogue states; the sound must agree
    alignment:    aligned, low_score or failed
    """

    id: str
    language: str
    text: str
    verbatim: str
    words: tuple[Word, ...]
    alignment: str
    alignment_score: float | None
    aligner: str
    speaker: str
    gender: str | None
    age_band: str | None
    district: str | None
    dialect: str | None
    recording: str
    start: int
    end: int
    original_rate: int
    recipe: str
    seconds: float
    snr_db: float | None
    loudness_lufs: float | None
    clipped_share: float | None
    bandwidth_hz: float | None
    transcript_origin: str
    cer: float | None
    guideline: str
    licence: str
    consent: Consent
    audio_sha256: str
    audio_key: str
    transcript_id: str
    voices: tuple[str, ...]

    @property
    def speaking_rate(self) -> float | None:
        """Characters a second from the first word's start to the last one's end; None where no word has its time."""
        if not self.words:
            return None
        samples = max(word.end for word in self.words) - min(word.start for word in self.words)
        return sum(count(word.word) for word in self.words) * WORD_RATE / samples if samples else None

    @property
    def sha256(self) -> str:
        """Hash of everything that is published of it; the same clip, text and facts always give the same."""
        return hashlib.sha256(canonical(self._published())).hexdigest()

    def _published(self) -> dict[str, object]:
        said: dict[str, object] = {
            each.name: getattr(self, each.name) for each in fields(self) if each.name not in _PRIVATE
        }
        said["words"] = [[word.word, word.start, word.end, word.score] for word in self.words]
        return said


_PRIVATE = frozenset({"voices", "transcript_id", "audio_key", "words"})


def canonical(value: object) -> bytes:
    """JSON that the same value always gives: keys in order, no spaces, UTF-8.

    >>> canonical({"b": 1, "a": "अ"}).decode()
    '{"a":"अ","b":1}'
    """
    return json.dumps(
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    ).encode()


def timed(word: Word) -> dict[str, str | float | None]:
    """A word with its times in seconds from the start of the clip."""
    return {
        "word": word.word,
        "start": word.start / WORD_RATE,
        "end": word.end / WORD_RATE,
        "score": word.score,
    }
