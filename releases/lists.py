"""Lists of rows as JSON, one object a line; and where a version of format 1 keeps them."""

import gzip
import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

LHOTSE = ("recordings", "supervisions", "cuts")


def audio_path(split: str, clip: str) -> str:
    return f"audio/{split}/{clip}.flac"


def nemo_path(split: str) -> str:
    return f"manifests/nemo/{split}.jsonl"


def lhotse_path(kind: str, split: str) -> str:
    return f"manifests/lhotse/{kind}-{split}.jsonl.gz"


def alignments_path(split: str) -> str:
    return f"alignments/{split}.jsonl"


def list_paths(split: str) -> tuple[str, ...]:
    """Every list that a version of format 1 holds of one split."""
    return (nemo_path(split), alignments_path(split), *(lhotse_path(kind, split) for kind in LHOTSE))


class LineFile:
    """JSON, one object a line; gzipped, without a time in it, where the name ends in .gz."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._raw = path.open("wb")
        self._file: IO[bytes] = self._raw
        if path.suffix == ".gz":
            # mypy can't tell that GzipFile, opened for writing, is a binary file like any other
            self._file = io.BufferedWriter(gzip.GzipFile("", "wb", 6, self._raw, mtime=0))  # type: ignore[arg-type, unused-ignore]

    def write(self, value: Mapping[str, Any]) -> None:
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
