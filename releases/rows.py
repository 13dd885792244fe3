"""One row of a dataset: a clip with its text, its words in time, and who spoke where."""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Literal, NamedTuple

from transcription.text import count, language_tag

Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = ("train", "validation", "test")
ChosenFor = Literal["chance", "least_sure"]
"""How a clip was chosen for the correction of a model."""
Consent = Literal["informed", "public_licence"]
"""Whether the speakers were informed what for and said yes, or gave their voices under a public licence elsewhere."""
WORD_RATE = 16_000
"""Words are timed in samples of the clip at this rate, whatever rate its sound is kept at."""

# ITU-T G.711, G.722, G.729.1/G.718B: what the bandwidth of a recording is called, up to so many hertz.
_CHANNELS = ((4_000, "narrowband"), (8_000, "wideband"), (14_500, "superwideband"))

TAG = re.compile(r"<([^<>]*)>")


class Word(NamedTuple):
    """start, end: samples at WORD_RATE from the start of the clip"""

    word: str
    start: int
    end: int
    score: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """What a version says of one clip.

    voices:       ids of the speakers in it, for splitting; never published
    speaker:      their pseudonyms in this project, joined by `+` where a recording holds several voices
    start, end:   samples of the recording's own time line, at `original_rate`
    seconds:      length that the catalogue states; the sound must agree
    alignment:    aligned, low_score or failed
    writers:      how many people's texts of the clip there are
    native_language: that the speaker grew up with
    device, recorded_on: as the original's own tags say
    spellings:    every permitted way to spell the text (transcription.text.lattice), as JSON; None where there is one
    draft:        the machine draft that a writer began with (releases.drafted), as JSON; None where nobody did
    heard:        what models heard in it, as the values of releases.pairs.Hypothesis; never published by itself
    pairs:        the same beside the text, word by word (releases.pairs), as JSON; None where nothing is
    glottocode:   of the language; follows from it, so that it is no part of the hash
    duplicate_group: the same for clips of one version that hold the same sound; None for a clip without another
    accepted_on:  day on which its first text was accepted, which never changes; orders the rows, is not published
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
    native_language: str | None = None
    recording: str
    start: int
    end: int
    original_rate: int
    codec: str
    channels: int
    device: str | None = None
    recorded_on: date | None = None
    received_on: date
    prompt: str | None
    recipe: str
    seconds: float
    snr_db: float | None
    loudness_lufs: float | None
    clipped_share: float | None
    bandwidth_hz: float | None
    transcript_origin: str
    cer: float | None
    writers: int
    guideline: str
    licence: str
    consent: Consent
    audio_sha256: str
    audio_key: str
    transcript_id: str
    accepted_on: date
    voices: tuple[str, ...]
    duplicate_group: str | None = None
    spellings: str | None = None
    draft: str | None = None
    heard: tuple[tuple[str, str, bool, ChosenFor | None], ...] = ()
    pairs: str | None = None
    glottocode: str | None = None
    _sha256: str = field(default="", init=False, repr=False, compare=False)

    @property
    def prompt_set(self) -> str | None:
        """The set that the prompt is of."""
        return self.prompt.partition("/")[0] if self.prompt else None

    @property
    def channel(self) -> str | None:
        """How much of speech came through, by the measured bandwidth: narrowband is a telephone's."""
        if self.bandwidth_hz is None:
            return None
        return next((name for bound, name in _CHANNELS if self.bandwidth_hz <= bound), "fullband")

    @property
    def language_tag(self) -> str:
        """Language and script, by BCP 47, proven from the characters of the text."""
        return language_tag(self.language, self.text)

    @property
    def tags(self) -> tuple[str, ...]:
        """Sounds that are no words, as the transcriber marked them, each once, in order."""
        return tuple(sorted(set(TAG.findall(self.verbatim))))

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
        if not self._sha256:  # once: a version asks for it several times
            object.__setattr__(self, "_sha256", hashlib.sha256(canonical(self._published())).hexdigest())
        return self._sha256

    def known_by(self, sha256: str) -> "Row":
        """This row, whose hash was counted before."""
        object.__setattr__(self, "_sha256", sha256)
        return self

    def _published(self) -> dict[str, object]:
        said: dict[str, object] = {
            each.name: getattr(self, each.name) for each in fields(self) if each.name not in _PRIVATE
        }
        said["received_on"] = self.received_on.isoformat()
        said["recorded_on"] = self.recorded_on.isoformat() if self.recorded_on else None
        for name in ("spellings", "draft", "pairs"):
            if said[name] is None:
                del said[
                    name
                ]  # so that a row without one keeps the hash it had before there was such a thing
        said["words"] = [[word.word, word.start, word.end, word.score] for word in self.words]
        return said


ROW_FIELDS = tuple(each.name for each in fields(Row) if each.init)
SplitOf = Callable[[Row], Split]
"""In which split a row is."""
_PRIVATE = frozenset(
    {
        *("voices", "transcript_id", "audio_key", "words", "accepted_on", "received_on", "recorded_on"),
        *("glottocode", "heard", "_sha256"),
    }
)


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
