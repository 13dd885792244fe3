"""The rows of a version, as the forms are made from them: read from its Parquet files, one at a time."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from catalog.store.stored_file import StoredFile
from releases.parquet import ROWS_IN_GROUP
from releases.rows import Split


@dataclass(frozen=True, slots=True)
class HeardWord:
    """start, end: seconds from the start of the clip"""

    word: str
    start: float
    end: float
    score: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FormRow:
    """What a form needs of a row. audio: FLAC; samples: of it"""

    id: str
    split: Split
    audio: bytes
    audio_sha256: str
    text: str
    verbatim: str
    words: tuple[HeardWord, ...]
    alignment: str
    language: str
    speaker: str
    gender: str | None
    age_band: str | None
    district: str | None
    dialect: str | None
    duration: float
    sample_rate: int
    snr_db: float | None
    recording: str
    licence: str

    @property
    def samples(self) -> int:
        return round(self.duration * self.sample_rate)


@dataclass(frozen=True, slots=True)
class PulledPart:
    """A Parquet file of one split, in a copy or in the store."""

    split: Split
    open: Callable[[], Path | StoredFile]

    def rows(self) -> Iterator[FormRow]:
        with pq.ParquetFile(self.open(), pre_buffer=True) as shard:
            for batch in shard.iter_batches(batch_size=ROWS_IN_GROUP, columns=_COLUMNS):
                for each in batch.to_pylist():
                    yield _row(self.split, each)


@dataclass(frozen=True, slots=True)
class PulledVersion:
    """A version that forms are made from, as it lies in a copy or in the store: its parts in order."""

    dataset: str
    version: str
    parts: Sequence[PulledPart]

    def of(self, split: Split) -> Sequence[PulledPart]:
        return [part for part in self.parts if part.split == split]


_COLUMNS = [
    *("id", "audio", "audio_sha256", "text", "verbatim", "words", "alignment", "language", "speaker"),
    *(
        "gender",
        "age_band",
        "district",
        "dialect",
        "duration",
        "sample_rate",
        "snr_db",
        "recording",
        "licence",
    ),
]


def _row(split: Split, each: dict[str, Any]) -> FormRow:
    plain = {name: each[name] for name in _COLUMNS if name not in ("audio", "words")}
    words = tuple(HeardWord(w["word"], w["start"], w["end"], w["score"]) for w in each["words"])
    return FormRow(split=split, audio=each["audio"]["bytes"], words=words, **plain)
