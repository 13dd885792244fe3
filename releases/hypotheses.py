"""What somebody's recogniser made of clips: read from the files that recognisers write.

JSON lines   {"id": …, "text": …}; as NeMo writes them, audio_filepath names the clip and pred_text is what was heard
CSV, TSV     columns id and text
Kaldi text   the id, a space, the words
"""

import csv
import json
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from catalog.errors import UserError

LARGEST = 500_000_000
"""Bytes of a file: ten million clips of ten words, with room."""
IDS = ("id", "clip", "utterance", "audio_filepath", "path", "file")
"""What a recogniser calls the clip; of an audio file its name without folder and ending."""
TEXTS = ("pred_text", "hypothesis", "prediction", "text", "sentence")
"""What it calls its words; NeMo keeps the reference in `text` beside `pred_text`."""


class HypothesesError(UserError):
    """A file of a recogniser's texts that can't be read."""


def read_hypotheses(path: Path) -> dict[str, str]:
    """The recogniser's text by clip. raises: HypothesesError; OSError"""
    if path.stat().st_size > LARGEST:
        raise HypothesesError(f"{path} is larger than {LARGEST // 10**6} MB.\nScore a split at a time.")
    reader = {".jsonl": _json_lines, ".json": _json_lines, ".csv": _table, ".tsv": _table}
    found: dict[str, str] = {}
    try:
        for clip, text in reader.get(path.suffix.lower(), _kaldi)(path):
            if clip in found:
                raise HypothesesError(f"{path} has two texts for {clip}.\nKeep one of them.")
            found[clip] = text
    except UnicodeDecodeError as error:
        raise HypothesesError(f"{path} isn't UTF-8.\nSave it as UTF-8.") from error
    if not found:
        raise HypothesesError(f"{path} has no text in it.\nWrite one line a clip: its id and what was heard.")
    return found


def _json_lines(path: Path) -> Iterator[tuple[str, str]]:
    with path.open(encoding="utf-8-sig") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except json.JSONDecodeError as error:
                raise HypothesesError(
                    f"{path}:{number} isn't JSON: {error.msg}.\nWrite one object a line."
                ) from error
            if not isinstance(row, dict):
                raise HypothesesError(
                    f'{path}:{number} is no object.\nWrite {{"id": …, "text": …}} on each line.'
                )
            yield _of(row, path, number)


def _table(path: Path) -> Iterator[tuple[str, str]]:
    tabs = path.suffix.lower() == ".tsv"
    with path.open(encoding="utf-8-sig", newline="") as lines:
        rows = (
            csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE) if tabs else csv.DictReader(lines)
        )
        for number, row in enumerate(rows, start=2):
            yield _of(row, path, number)


def _kaldi(path: Path) -> Iterator[tuple[str, str]]:
    with path.open(encoding="utf-8-sig") as lines:
        for line in lines:
            clip, _, text = line.strip().partition(" ")
            if clip:
                yield clip, text.strip()


def _of(row: Mapping[str, object], path: Path, number: int) -> tuple[str, str]:
    name = next((name for name in IDS if row.get(name)), None)
    words = next((words for words in TEXTS if row.get(words) is not None), None)
    if name is None or words is None:
        raise HypothesesError(
            f"{path}:{number} names no clip or no text.\n"
            f"Call the clip one of {', '.join(IDS)}, and its text one of {', '.join(TEXTS)}."
        )
    clip = str(row[name])
    of_file = name in ("audio_filepath", "path", "file")
    return (PurePosixPath(clip.replace("\\", "/")).stem if of_file else clip), str(row[words])
