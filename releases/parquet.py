"""Rows to Parquet, in the layout that `datasets.load_dataset` reads as Audio, and back."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from releases.rows import Row, timed
from releases.sound import Sound

ROWS_IN_GROUP = 100  # what huggingface_hub's own writers use for audio: a reader seeks, and streams little
LISTENED_RATE = 16_000

_WORD = pa.struct(
    [("word", pa.string()), ("start", pa.float64()), ("end", pa.float64()), ("score", pa.float64())]
)
_COLUMNS: tuple[tuple[str, pa.DataType], ...] = (
    ("id", pa.string()),
    ("audio", pa.struct([("bytes", pa.binary()), ("path", pa.string())])),
    ("text", pa.string()),
    ("verbatim", pa.string()),
    ("words", pa.list_(_WORD)),
    ("alignment", pa.string()),
    ("alignment_score", pa.float64()),
    ("aligner", pa.string()),
    ("language", pa.string()),
    ("speaker", pa.string()),
    ("gender", pa.string()),
    ("age_band", pa.string()),
    ("district", pa.string()),
    ("dialect", pa.string()),
    ("duration", pa.float64()),
    ("sample_rate", pa.int32()),
    ("snr_db", pa.float64()),
    ("loudness_lufs", pa.float64()),
    ("clipped_share", pa.float64()),
    ("bandwidth_hz", pa.float64()),
    ("speaking_rate", pa.float64()),
    ("recording", pa.string()),
    ("start_sample", pa.int64()),
    ("end_sample", pa.int64()),
    ("original_rate", pa.int32()),
    ("recipe", pa.string()),
    ("transcript_origin", pa.string()),
    ("cer", pa.float64()),
    ("guideline", pa.string()),
    ("licence", pa.string()),
    ("consent", pa.string()),
    ("audio_sha256", pa.string()),
    ("row_sha256", pa.string()),
)


@dataclass(frozen=True, slots=True)
class Read:
    """One row as it stands in a shard."""

    id: str
    audio: bytes
    audio_path: str
    audio_sha256: str
    duration: float
    sample_rate: int
    text: str
    language: str
    speaker: str
    words: tuple[tuple[str, float, float, float | None], ...]
    row_sha256: str


def features() -> dict[str, Any]:
    """What each column is to Hugging Face, as their Features JSON (any version of `datasets` reads it)."""
    said: dict[str, Any] = {}
    for name, kind in _COLUMNS:
        if name == "audio":
            said[name] = {"sampling_rate": LISTENED_RATE, "_type": "Audio"}
        elif name == "words":
            said[name] = [{each.name: _value(each.type) for each in _WORD}]
        else:
            said[name] = _value(kind)
    return said


def columns() -> tuple[tuple[str, str], ...]:
    """Name and Arrow type of every column, for the card and the Croissant description."""
    return tuple((name, str(kind)) for name, kind in _COLUMNS)


def schema() -> pa.Schema:
    described = json.dumps({"info": {"features": features()}}, sort_keys=True)
    return pa.schema(list(_COLUMNS), metadata={"huggingface": described})


class ShardWriter:
    """Writes one shard in row groups; the same rows always give the same bytes."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._schema = schema()
        leaves = [field.name for field in self._schema if field.name != "audio"]
        self._writer = pq.ParquetWriter(
            path,
            self._schema,
            # FLAC doesn't compress any further.
            compression={**dict.fromkeys(_leaf_paths(leaves), "ZSTD"), "audio.bytes": "NONE"},
            use_dictionary=["language", "speaker", "recording", "recipe", "licence", "guideline", "aligner"],
            write_statistics=["id", "duration", "language", "speaker"],
        )
        self._pending: list[dict[str, Any]] = []

    def write(self, record: Mapping[str, Any]) -> None:
        self._pending.append(dict(record))
        if len(self._pending) == ROWS_IN_GROUP:
            self._flush()

    def close(self) -> None:
        self._flush()
        self._writer.close()

    def __enter__(self) -> "ShardWriter":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.close()
        else:
            self._writer.close()

    def _flush(self) -> None:
        if self._pending:
            self._writer.write_table(pa.Table.from_pylist(self._pending, schema=self._schema))
            self._pending.clear()


def record(row: Row, heard: Sound) -> dict[str, Any]:
    """A row as the columns have it."""
    return {
        "id": row.id,
        "audio": {"bytes": heard.data, "path": f"{row.id}.flac"},
        "text": row.text,
        "verbatim": row.verbatim,
        "words": [timed(word) for word in row.words],
        "alignment": row.alignment,
        "alignment_score": row.alignment_score,
        "aligner": row.aligner,
        "language": row.language,
        "speaker": row.speaker,
        "gender": row.gender,
        "age_band": row.age_band,
        "district": row.district,
        "dialect": row.dialect,
        "duration": heard.seconds,
        "sample_rate": heard.rate,
        "snr_db": row.snr_db,
        "loudness_lufs": row.loudness_lufs,
        "clipped_share": row.clipped_share,
        "bandwidth_hz": row.bandwidth_hz,
        "speaking_rate": row.speaking_rate,
        "recording": row.recording,
        "start_sample": row.start,
        "end_sample": row.end,
        "original_rate": row.original_rate,
        "recipe": row.recipe,
        "transcript_origin": row.transcript_origin,
        "cer": row.cer,
        "guideline": row.guideline,
        "licence": row.licence,
        "consent": row.consent,
        "audio_sha256": row.audio_sha256,
        "row_sha256": row.sha256,
    }


def read_shard(path: Path) -> Iterator[Read]:
    """The rows of a shard, a group at a time. Raises pyarrow.ArrowInvalid for what is no shard."""
    with pq.ParquetFile(path) as shard:
        for batch in shard.iter_batches(batch_size=ROWS_IN_GROUP):
            for each in batch.to_pylist():
                yield Read(
                    id=each["id"],
                    audio=each["audio"]["bytes"],
                    audio_path=each["audio"]["path"],
                    audio_sha256=each["audio_sha256"],
                    duration=each["duration"],
                    sample_rate=each["sample_rate"],
                    text=each["text"],
                    language=each["language"],
                    speaker=each["speaker"],
                    words=tuple((w["word"], w["start"], w["end"], w["score"]) for w in each["words"]),
                    row_sha256=each["row_sha256"],
                )


def without(source: Path, target: Path, clips: frozenset[str]) -> int:
    """Copy a shard but for some clips; returns how many rows were left out."""
    left_out = 0
    with pq.ParquetFile(source) as shard, ShardWriter(target) as writer:
        for batch in shard.iter_batches(batch_size=ROWS_IN_GROUP):
            for each in batch.to_pylist():
                if each["id"] in clips:
                    left_out += 1
                else:
                    writer.write(each)
    return left_out


def _value(kind: pa.DataType) -> dict[str, str]:
    return {"dtype": "float64" if kind == pa.float64() else str(kind), "_type": "Value"}


def _leaf_paths(names: list[str]) -> list[str]:
    paths = []
    for name in names:
        if name == "words":
            paths += [f"words.list.element.{each.name}" for each in _WORD]
        else:
            paths.append(name)
    return [*paths, "audio.path"]
