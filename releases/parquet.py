"""Rows to Parquet, in the layout that `datasets.load_dataset` reads as Audio, and back."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from catalog.store.stored_file import StoredFile
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
    ("spellings", pa.string()),
    ("draft", pa.string()),
    ("pairs", pa.string()),
    ("words", pa.list_(_WORD)),
    ("alignment", pa.string()),
    ("alignment_score", pa.float64()),
    ("aligner", pa.string()),
    ("language", pa.string()),
    ("language_tag", pa.string()),
    ("glottocode", pa.string()),
    ("speaker", pa.string()),
    ("gender", pa.string()),
    ("age_band", pa.string()),
    ("district", pa.string()),
    ("dialect", pa.string()),
    ("native_language", pa.string()),
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
    ("device", pa.string()),
    ("codec", pa.string()),
    ("channels", pa.int32()),
    ("channel", pa.string()),
    ("recorded_on", pa.string()),
    ("received_on", pa.string()),
    ("prompt_set", pa.string()),
    ("prompt", pa.string()),
    ("recipe", pa.string()),
    ("transcript_origin", pa.string()),
    ("cer", pa.float64()),
    ("writers", pa.int32()),
    ("tags", pa.list_(pa.string())),
    ("guideline", pa.string()),
    ("licence", pa.string()),
    ("consent", pa.string()),
    ("duplicate_group", pa.string()),
    ("audio_sha256", pa.string()),
    ("row_sha256", pa.string()),
)

_FILTERED = (  # what people choose rows by: a reader skips groups and pages that hold none
    "id",
    "alignment",
    "alignment_score",
    "language",
    "language_tag",
    "speaker",
    "gender",
    "age_band",
    "district",
    "dialect",
    "native_language",
    "duration",
    "snr_db",
    "bandwidth_hz",
    "device",
    "codec",
    "channel",
    "recorded_on",
    "received_on",
    "prompt_set",
    "prompt",
    "transcript_origin",
    "cer",
    "writers",
    "licence",
    "duplicate_group",
)
_REPEATED = (
    *("alignment", "aligner", "language", "speaker", "gender", "age_band", "district", "dialect"),
    *("language_tag", "glottocode", "native_language", "device", "channel", "recorded_on", "prompt_set"),
    *("codec", "received_on", "prompt", "recipe", "transcript_origin", "guideline", "licence", "consent"),
    *("recording", "duplicate_group"),
)

_READ = [
    *("id", "audio", "audio_sha256", "duration", "sample_rate", "text", "language", "speaker", "words"),
    "row_sha256",
]


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
        elif pa.types.is_list(kind):
            said[name] = [_value(kind.value_type)]
        else:
            said[name] = _value(kind)
    return said


def hub_features() -> list[dict[str, Any]]:
    """The same as the card's `dataset_info` says it."""
    said: list[dict[str, Any]] = []
    for name, kind in _COLUMNS:
        if name == "audio":
            said.append({"name": name, "dtype": {"audio": {"sampling_rate": LISTENED_RATE}}})
        elif name == "words":
            parts = [{"name": each.name, "dtype": _value(each.type)["dtype"]} for each in _WORD]
            said.append({"name": name, "list": parts})
        elif pa.types.is_list(kind):
            said.append({"name": name, "list": _value(kind.value_type)["dtype"]})
        else:
            said.append({"name": name, "dtype": _value(kind)["dtype"]})
    return said


def columns() -> tuple[tuple[str, str], ...]:
    """Name and Arrow type of every column, for the card and the Croissant description."""
    return tuple((name, str(kind)) for name, kind in _COLUMNS)


def schema() -> pa.Schema:
    described = json.dumps({"info": {"features": features()}}, sort_keys=True)
    return pa.schema(list(_COLUMNS), metadata={"huggingface": described})


class ShardWriter:
    """Writes one shard in row groups; the same rows always give the same bytes."""

    def __init__(self, path: Path, described: pa.Schema | None = None) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._schema = schema() if described is None else described
        names = set(self._schema.names)
        self._writer = pq.ParquetWriter(
            path,
            self._schema,
            # FLAC doesn't compress any further.
            compression={**dict.fromkeys(_leaf_paths(self._schema), "ZSTD"), "audio.bytes": "NONE"},
            use_dictionary=[name for name in _REPEATED if name in names],
            write_statistics=[name for name in _FILTERED if name in names],
            write_page_index=True,
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
            group = pa.Table.from_pylist(self._pending, schema=self._schema)
            self._pending.clear()  # before writing: a group is held once, not twice
            self._writer.write_table(group)


def record(row: Row, heard: Sound) -> dict[str, Any]:
    """A row as the columns have it."""
    return _of_original(row) | {
        "id": row.id,
        "audio": {"bytes": heard.data, "path": f"{row.id}.flac"},
        "text": row.text,
        "verbatim": row.verbatim,
        "spellings": row.spellings,
        "draft": row.draft,
        "pairs": row.pairs,
        "words": [timed(word) for word in row.words],
        "alignment": row.alignment,
        "alignment_score": row.alignment_score,
        "aligner": row.aligner,
        "language": row.language,
        "language_tag": row.language_tag,
        "glottocode": row.glottocode,
        "speaker": row.speaker,
        "gender": row.gender,
        "age_band": row.age_band,
        "district": row.district,
        "dialect": row.dialect,
        "native_language": row.native_language,
        "duration": heard.seconds,
        "sample_rate": heard.rate,
        "snr_db": row.snr_db,
        "loudness_lufs": row.loudness_lufs,
        "clipped_share": row.clipped_share,
        "bandwidth_hz": row.bandwidth_hz,
        "speaking_rate": row.speaking_rate,
        "prompt_set": row.prompt_set,
        "prompt": row.prompt,
        "recipe": row.recipe,
        "transcript_origin": row.transcript_origin,
        "cer": row.cer,
        "writers": row.writers,
        "tags": list(row.tags),
        "guideline": row.guideline,
        "licence": row.licence,
        "consent": row.consent,
        "duplicate_group": row.duplicate_group,
        "audio_sha256": row.audio_sha256,
        "row_sha256": row.sha256,
    }


def _of_original(row: Row) -> dict[str, Any]:
    return {
        "recording": row.recording,
        "start_sample": row.start,
        "end_sample": row.end,
        "original_rate": row.original_rate,
        "device": row.device,
        "codec": row.codec,
        "channels": row.channels,
        "channel": row.channel,
        "recorded_on": row.recorded_on.isoformat() if row.recorded_on else None,
        "received_on": row.received_on.isoformat(),
    }


def read_shard(path: Path) -> Iterator[Read]:
    """The rows of a shard, a group at a time. Raises pyarrow.ArrowInvalid for what is no shard."""
    with pq.ParquetFile(path) as shard:
        for batch in shard.iter_batches(batch_size=ROWS_IN_GROUP, columns=_READ):
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


def read_columns(source: Path | StoredFile, columns: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Some columns of a shard, row by row, without reading the others. Raises pyarrow.ArrowException."""
    with closing(pq.ParquetFile(source, pre_buffer=True)) as shard:
        for batch in shard.iter_batches(batch_size=1024, columns=list(columns)):
            yield from batch.to_pylist()


def column_names(source: Path | StoredFile) -> frozenset[str]:
    """Of a shard, whenever it was written; its footer alone is read."""
    with closing(pq.ParquetFile(source)) as shard:
        return frozenset(shard.schema_arrow.names)


def without(
    source: Path, target: Path, left: frozenset[str], *, column: str = "id"
) -> tuple[dict[str, Any], ...]:
    """Copy a shard but for some rows. Returns the rows that were left out, but for their sound.

    left: values of the column, of the rows that are left out

    The copy has the bytes that writing the remaining rows afresh has.
    """
    left_out: list[dict[str, Any]] = []
    with pq.ParquetFile(source) as shard, ShardWriter(target, shard.schema_arrow) as writer:
        for batch in shard.iter_batches(batch_size=ROWS_IN_GROUP):
            for each in batch.to_pylist():
                if each[column] in left:
                    left_out.append({name: value for name, value in each.items() if name != "audio"})
                else:
                    writer.write(each)
    return tuple(left_out)


def _value(kind: pa.DataType) -> dict[str, str]:
    return {"dtype": "float64" if kind == pa.float64() else str(kind), "_type": "Value"}


def _leaf_paths(described: pa.Schema) -> list[str]:
    paths = []
    for field in described:
        if field.name == "audio":
            paths.append("audio.path")
        elif field.name == "words":
            paths += [f"words.list.element.{each.name}" for each in _WORD]
        elif pa.types.is_list(field.type):
            paths.append(f"{field.name}.list.element")
        else:
            paths.append(field.name)
    return paths
