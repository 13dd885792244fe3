"""What models heard beside what people made of it: a pair a line, for `datasets` and whatever reads JSON lines.

pairs/<split>.jsonl      id is that of the row that holds the sound
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from releases.forms.folder import FormFolder
from releases.forms.source import PulledPart, PulledVersion
from releases.pairs import Pair, read_pairs
from releases.parquet import column_names, read_columns
from releases.rows import SPLITS, Split

_OF_ROW = (
    *("id", "language", "text", "verbatim", "writers", "transcript_origin", "cer", "guideline"),
    *("speaker", "gender", "age_band", "district", "dialect", "device", "duration", "licence"),
)


def pairs_path(split: Split) -> str:
    return f"pairs/{split}.jsonl"


def write(version: PulledVersion, folder: FormFolder) -> None:
    """A split without a pair gets no file: a reader of JSON lines takes none that is empty."""
    for split in SPLITS:
        lines = _lines(version, split)
        first = next(lines, None)
        if first is None:
            continue
        with folder.lines(pairs_path(split)) as out:
            out.json(first)
            for line in lines:
                out.json(line)


def _lines(version: PulledVersion, split: Split) -> Iterator[dict[str, Any]]:
    for part in version.of(split):
        for row in _rows(part):
            for pair in read_pairs(row["pairs"]):
                yield _line(row, pair)


def _rows(part: PulledPart) -> Iterator[Mapping[str, Any]]:
    """Without their sound. A version of before has no such column."""
    if "pairs" in column_names(part.open()):
        yield from read_columns(part.open(), [*_OF_ROW, "pairs"])


def _line(row: Mapping[str, Any], pair: Pair) -> dict[str, Any]:
    counted = Counter(edit.kind for edit in pair.words)
    return {
        **{name: row[name] for name in _OF_ROW},
        "model": pair.heard.model,
        "heard": pair.heard.text,
        "began": pair.heard.began,
        "chosen_by": pair.heard.chosen_by,
        "kept": counted["kept"],
        "changed": counted["changed"],
        "dropped": counted["dropped"],
        "added": counted["added"],
        "words": [asdict(edit) for edit in pair.words],
    }
