"""One row as NeMo, Lhotse and the alignment list say it.

The sound stands in `audio/<split>/<clip>.flac` beside the Parquet shards: NeMo finds it from the manifest's own
folder, Lhotse with `RecordingSet.from_file(…).with_path_prefix(FOLDER)` from the folder that was pulled.
"""

import gzip
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from releases.rows import WORD_RATE, Row, Split, timed

if TYPE_CHECKING:
    from releases.sound import Sound  # loads what decodes; pages ask this module for paths alone

LHOTSE = ("recordings", "supervisions", "cuts")


def audio_path(split: str, clip: str) -> str:
    return f"audio/{split}/{clip}.flac"


def nemo_path(split: str) -> str:
    return f"manifests/nemo/{split}.jsonl"


def lhotse_path(kind: str, split: str) -> str:
    return f"manifests/lhotse/{kind}-{split}.jsonl.gz"


def alignments_path(split: str) -> str:
    return f"alignments/{split}.jsonl"


class Manifests:
    """Writes the lists of one split, a row at a time; the same rows always give the same bytes."""

    def __init__(self, folder: Path, split: Split) -> None:
        self._split = split
        self._files = {
            path: LineFile(folder / path)
            for path in (
                nemo_path(split),
                alignments_path(split),
                *(lhotse_path(kind, split) for kind in LHOTSE),
            )
        }

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(self._files)

    def write(self, row: Row, heard: "Sound") -> None:
        recording = lhotse_recording(row, heard, self._split)
        supervision = lhotse_supervision(row, heard)
        self._files[nemo_path(self._split)].write(nemo(row, heard, self._split))
        self._files[alignments_path(self._split)].write(alignment(row, heard))
        self._files[lhotse_path("recordings", self._split)].write(recording)
        self._files[lhotse_path("supervisions", self._split)].write(supervision)
        self._files[lhotse_path("cuts", self._split)].write(lhotse_cut(recording, supervision))

    def close(self) -> None:
        for file in self._files.values():
            file.close()


class LineFile:
    """JSON, one object a line; gzipped, without a time in it, where the name ends in .gz."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._raw = path.open("wb")
        self._file: IO[bytes] = self._raw
        if path.suffix == ".gz":
            # mypy can't tell that GzipFile, opened for writing, is a binary file like any other
            self._file = io.BufferedWriter(gzip.GzipFile("", "wb", 6, self._raw, mtime=0))  # type: ignore[arg-type, unused-ignore]

    def write(self, value: dict[str, Any]) -> None:
        self._file.write(json.dumps(value, ensure_ascii=False, allow_nan=False).encode() + b"\n")

    def close(self) -> None:
        self._file.close()
        self._raw.close()


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """What a LineFile wrote. Raises ValueError or OSError for what isn't that."""
    with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as file:
        for line in file:
            value = json.loads(line)
            if not isinstance(value, dict):
                raise ValueError(f"{path.name}: a line is a JSON object, given {line[:60]!r}")
            yield value


def nemo(row: Row, heard: "Sound", split: Split) -> dict[str, Any]:
    """https://docs.nvidia.com/nemo: one utterance; the path goes from the manifest's folder."""
    return {
        "audio_filepath": f"../../{audio_path(split, row.id)}",
        "duration": heard.seconds,
        "text": row.text,
        "lang": row.language,
        "speaker": row.speaker,
        "id": row.id,
    }


def alignment(row: Row, heard: "Sound") -> dict[str, Any]:
    """Everything about a row that is small: what differences and checks are made from."""
    return {
        "id": row.id,
        "language": row.language,
        "speaker": row.speaker,
        "duration": heard.seconds,
        "text": row.text,
        "words": [timed(word) for word in row.words],
        "alignment": row.alignment,
        "aligner": row.aligner,
        "row_sha256": row.sha256,
    }


def lhotse_recording(row: Row, heard: "Sound", split: Split) -> dict[str, Any]:
    return {
        "id": row.id,
        "sources": [{"type": "file", "channels": [0], "source": audio_path(split, row.id)}],
        "sampling_rate": heard.rate,
        "num_samples": heard.frames,
        "duration": heard.seconds,
        "channel_ids": [0],
    }


def lhotse_supervision(row: Row, heard: "Sound") -> dict[str, Any]:
    known = {"gender": row.gender} if row.gender else {}
    return {
        "id": row.id,
        "recording_id": row.id,
        "start": 0.0,
        "duration": heard.seconds,
        "channel": 0,
        "text": row.text,
        "language": row.language,
        "speaker": row.speaker,
        **known,
        "custom": {
            "verbatim": row.verbatim,
            "original_recording": row.recording,
            "alignment_state": row.alignment,
        },
        "alignment": {
            "word": [
                [
                    word.word,
                    word.start / WORD_RATE,
                    (word.end - word.start) / WORD_RATE,
                    *([word.score] if word.score is not None else []),
                ]
                for word in row.words
            ]
        },
    }


def lhotse_cut(recording: dict[str, Any], supervision: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": recording["id"],
        "start": 0.0,
        "duration": recording["duration"],
        "channel": 0,
        "supervisions": [supervision],
        "recording": recording,
        "type": "MonoCut",
    }
