"""The lists and sound files of a version of format 1, held against its rows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from releases.lists import audio_path, list_paths, read_lines
from releases.rows import SPLITS, Split
from releases.versions import Version


@dataclass(frozen=True, slots=True)
class StatedRow:
    """What the Parquet file says of a row, as far as lists repeat it."""

    split: Split
    duration: float
    text: str
    row_sha256: str
    audio_sha256: str


def list_problems(path: str, local: Path, rows: Mapping[str, StatedRow]) -> Iterator[str]:
    """Each list has exactly the rows of its split, with the same text and length, and points at the sound."""
    split = next((each for each in SPLITS if path in list_paths(each)), None)
    if split is None:
        return
    wanted = {clip for clip, row in rows.items() if row.split == split}
    seen: set[str] = set()
    try:
        for line in read_lines(local):
            clip = str(line["id"])
            seen.add(clip)
            row = rows.get(clip)
            if row is None or row.split != split:
                yield f"names {clip}, which is no row of {split}"
                continue
            if abs(float(line["duration"]) - row.duration) > 1e-9:
                yield f"says {clip} lasts {line['duration']} s, and its row {row.duration} s"
            text = line.get("text", line["supervisions"][0]["text"] if "supervisions" in line else None)
            if text is not None and text != row.text:
                yield f"has another text for {clip} than its row"
            source = line.get("audio_filepath") or _source(line)
            if source is not None and not source.endswith(audio_path(split, clip)):
                yield f"looks for the sound of {clip} at {source}"
            if "row_sha256" in line and line["row_sha256"] != row.row_sha256:
                yield f"has another hash for {clip} than its row"
    except (ValueError, KeyError, TypeError, IndexError, OSError) as error:
        yield f"can't be read as a list: {error}"
    for clip in sorted(wanted - seen):
        yield f"does not name {clip}"


def sound_problems(
    version: Version, rows: Mapping[str, StatedRow], hashes: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """Path and what is wrong: every row's sound stands beside the rows too, byte for byte; nothing else does.

    hashes: of the files that were read, by path
    """
    expected = {audio_path(row.split, clip): row.audio_sha256 for clip, row in rows.items()}
    for path, sha256 in expected.items():
        if version.file(path) is None:
            yield path, "is the sound of a row and not in the version"
        elif hashes.get(path, sha256) != sha256:
            yield path, "is not the sound that stands in its row"
    for file in version.files:
        if file.path.startswith("audio/") and file.path not in expected:
            yield file.path, "is the sound of no row"


def _source(line: Mapping[str, object]) -> str | None:
    recording = line.get("recording", line)
    if isinstance(recording, dict) and "sources" in recording:
        return str(recording["sources"][0]["source"])
    return None
