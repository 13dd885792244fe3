"""Is a version what it says it is? Everything is read again and held against everything else."""

import hashlib
import json
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Literal

import pyarrow as pa
import soundfile

from catalog.store import Damaged, NotStored, ObjectStore
from releases.build import Progress, checksums
from releases.manifests import LHOTSE, alignments_path, audio_path, lhotse_path, nemo_path, read_lines
from releases.map_in_order import map_in_order
from releases.parquet import Read, read_shard
from releases.rows import SPLITS, Split
from releases.sound import decoded
from releases.versions import File, Version, folder, read_version
from releases.workspace import measured

Level = Literal["structure", "sizes", "bytes"]
TOLERANCE_SECONDS = 0.0005
OVERHANG_SECONDS = 0.001


@dataclass(frozen=True, slots=True)
class Problem:
    """path: of a file in the version, or empty for the version as a whole"""

    path: str
    what: str


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """state: redacted where rows were taken out because a speaker withdrew: that is no fault

    rows, seconds: of sound that was decoded; 0 where the level doesn't read it
    """

    dataset: str
    version: str
    level: Level
    state: Literal["whole", "redacted"]
    files: int
    bytes: int
    rows: int
    seconds: float
    redacted_rows: int
    problems: tuple[Problem, ...]

    @property
    def ok(self) -> bool:
        return not self.problems


@dataclass(frozen=True, slots=True)
class _Stated:
    """What a shard says of a row, for holding lists against."""

    split: Split
    duration: float
    text: str
    speaker: str
    language: str
    row_sha256: str
    audio_sha256: str
    words: tuple[tuple[str, float, float, float | None], ...]


def verify(
    store: ObjectStore,
    dataset: str,
    version: str,
    *,
    level: Level = "bytes",
    progress: Progress | None = None,
) -> VerifyReport:
    """Check a version.

    structure: every file that it lists is there, and nothing else
    sizes:     and has the size it should have
    bytes:     and every byte: hashes, sounds decoded to their stated length, lists against shards, speakers
               against splits, redacted clips gone
    Raises NoSuchVersion, BrokenManifest.
    """
    found = read_version(store, dataset, version)
    problems = list(_structure(store, found, sizes=level != "structure"))
    rows: dict[str, _Stated] = {}
    if level == "bytes" and not problems:
        with tempfile.TemporaryDirectory(prefix="boli-verify-") as place:
            problems += _contents(store, found, Path(place), rows, progress)
    return VerifyReport(
        dataset=dataset,
        version=version,
        level=level,
        state="redacted" if found.redactions else "whole",
        files=len(found.files),
        bytes=sum(file.size for file in found.files),
        rows=len(rows),
        seconds=sum(row.duration for row in rows.values()),
        redacted_rows=found.redacted_rows,
        problems=tuple(problems),
    )


def _structure(store: ObjectStore, version: Version, *, sizes: bool) -> Iterator[Problem]:
    prefix = f"{folder(version.commit.dataset, version.commit.version)}/"
    there = {each.key.removeprefix(prefix): each.size for each in store.list(prefix)}
    listed = {file.path: file for file in version.files}
    for path, file in listed.items():
        if path not in there:
            yield Problem(path, "is listed and not there")
        elif sizes and there[path] != file.size:
            yield Problem(path, f"is {there[path]} bytes long and should be {file.size}")
    for path in sorted(there.keys() - listed.keys()):
        yield Problem(path, "is there and not listed")


def _contents(
    store: ObjectStore, version: Version, place: Path, rows: dict[str, _Stated], progress: Progress | None
) -> Iterator[Problem]:
    """Fill `rows` from the shards, then hold everything else against them. A few files at a time are kept."""
    prefix = folder(version.commit.dataset, version.commit.version)
    hashes: dict[str, str] = {}
    shards = [file for file in version.files if file.path.startswith("data/")]
    others = [file for file in version.files if not file.path.startswith("data/")]
    shards_hold = True

    def fetch(file: File) -> str | Problem:
        try:
            store.fetch(f"{prefix}/{file.path}", place / file.path)
        except (NotStored, Damaged) as error:
            return Problem(file.path, f"can't be read: {error}")
        return measured(place, file.path).sha256

    # Shards are large: few of them at a time.
    fetches = chain(map_in_order(fetch, shards, at_once=2), map_in_order(fetch, others))
    for done, (file, fetched) in enumerate(zip([*shards, *others], fetches, strict=True), start=1):
        local = place / file.path
        found: list[Problem] = []
        if isinstance(fetched, Problem):
            found.append(fetched)
        else:
            hashes[file.path] = fetched
            if fetched != file.sha256:
                what = f"has the SHA-256 {fetched[:16]}… and should have {file.sha256[:16]}…"
                found.append(Problem(file.path, what))
            elif file.path.startswith("data/"):
                found += _shard(file.path, local, rows, version.redacted_clips)
            elif shards_hold:  # otherwise there is nothing to hold a list against
                found += _other(file.path, local, version, rows)
            local.unlink()
        if file.path.startswith("data/") and found:
            shards_hold = False
        yield from found
        if progress:
            progress("files read", done, len(version.files))
    if shards_hold:
        yield from _sounds(version, rows, hashes)
        yield from _speakers(rows)
        expected = version.commit.clips - version.redacted_rows
        if len(rows) != expected:
            yield Problem("", f"holds {len(rows)} rows and should hold {expected}")


def _other(path: str, local: Path, version: Version, rows: dict[str, _Stated]) -> Iterator[Problem]:
    lists = {each: split for split in SPLITS for each in _lists(split)}
    if path in lists:
        yield from _list(path, local, lists[path], rows)
    elif path == "checksums.sha256":
        if local.read_bytes() != checksums([file for file in version.files if file.path != path]):
            yield Problem(path, "does not list the files of the version with their SHA-256")
    elif path == "croissant.json":
        yield from _described(path, local, version)


def _shard(path: str, local: Path, rows: dict[str, _Stated], gone: frozenset[str]) -> Iterator[Problem]:
    split = next((each for each in SPLITS if path.startswith(f"data/{each}-")), None)
    if split is None:
        yield Problem(path, "belongs to no split")
        return
    try:
        for read in read_shard(local):
            if read.id in rows:
                yield Problem(path, f"holds {read.id}, which another row holds too")
            if read.id in gone:
                yield Problem(path, f"holds {read.id}, which was redacted")
            yield from _row(path, read)
            rows[read.id] = _Stated(
                split,
                read.duration,
                read.text,
                read.speaker,
                read.language,
                read.row_sha256,
                read.audio_sha256,
                read.words,
            )
    except (pa.ArrowException, KeyError) as error:
        yield Problem(path, f"can't be read as a shard: {error}")


def _row(path: str, read: Read) -> Iterator[Problem]:
    try:
        heard = decoded(read.audio)
    except soundfile.LibsndfileError as error:
        yield Problem(path, f"{read.id} does not decode: {error.error_string}")
        return
    if abs(heard.seconds - read.duration) > TOLERANCE_SECONDS or not heard.frames:
        yield Problem(path, f"{read.id} lasts {heard.seconds:.4f} s and says {read.duration:.4f} s")
    if heard.rate != read.sample_rate:
        yield Problem(path, f"{read.id} has {heard.rate} samples a second and says {read.sample_rate}")
    if hashlib.sha256(read.audio).hexdigest() != read.audio_sha256:
        yield Problem(path, f"{read.id} holds another sound than its row says")
    for word, start, end, _ in read.words:
        if not 0 <= start <= end <= read.duration + OVERHANG_SECONDS:
            yield Problem(path, f"{read.id} has {word!r} at {start:.3f}–{end:.3f} s of {read.duration:.3f} s")


def _lists(split: Split) -> tuple[str, ...]:
    return (nemo_path(split), alignments_path(split), *(lhotse_path(kind, split) for kind in LHOTSE))


def _list(path: str, local: Path, split: Split, rows: dict[str, _Stated]) -> Iterator[Problem]:
    """Each list has exactly the rows of its split, with the same text and length, and points at the sound."""
    wanted = {clip for clip, row in rows.items() if row.split == split}
    seen: set[str] = set()
    try:
        for line in read_lines(local):
            clip = str(line["id"])
            seen.add(clip)
            row = rows.get(clip)
            if row is None or row.split != split:
                yield Problem(path, f"names {clip}, which is no row of {split}")
                continue
            if abs(float(line["duration"]) - row.duration) > 1e-9:
                yield Problem(path, f"says {clip} lasts {line['duration']} s, and its row {row.duration} s")
            text = line.get("text", line["supervisions"][0]["text"] if "supervisions" in line else None)
            if text is not None and text != row.text:
                yield Problem(path, f"has another text for {clip} than its row")
            source = line.get("audio_filepath") or _source(line)
            if source is not None and not source.endswith(audio_path(split, clip)):
                yield Problem(path, f"looks for the sound of {clip} at {source}")
            if "row_sha256" in line and line["row_sha256"] != row.row_sha256:
                yield Problem(path, f"has another hash for {clip} than its row")
    except (ValueError, KeyError, TypeError, IndexError, OSError) as error:
        yield Problem(path, f"can't be read as a list: {error}")
    for clip in sorted(wanted - seen):
        yield Problem(path, f"does not name {clip}")


def _source(line: dict[str, object]) -> str | None:
    recording = line.get("recording", line)
    if isinstance(recording, dict) and "sources" in recording:
        return str(recording["sources"][0]["source"])
    return None


def _described(path: str, local: Path, version: Version) -> Iterator[Problem]:
    try:
        stated = {
            each["contentUrl"]: each["sha256"] for each in json.loads(local.read_bytes())["distribution"]
        }
    except (ValueError, KeyError, TypeError) as error:
        yield Problem(path, f"can't be read: {error}")
        return
    there = {file.path: file.sha256 for file in version.files if file.path.startswith("data/")}
    if stated != there:
        yield Problem(path, "does not describe the shards with their SHA-256")


def _sounds(version: Version, rows: dict[str, _Stated], hashes: dict[str, str]) -> Iterator[Problem]:
    """Every row's sound stands beside the shards too, byte for byte; nothing else does."""
    expected = {audio_path(row.split, clip): row.audio_sha256 for clip, row in rows.items()}
    for path, sha256 in expected.items():
        if version.file(path) is None:
            yield Problem(path, "is the sound of a row and not in the version")
        elif hashes.get(path, sha256) != sha256:
            yield Problem(path, "is not the sound that stands in its row")
    for file in version.files:
        if file.path.startswith("audio/") and file.path not in expected:
            yield Problem(file.path, "is the sound of no row")


def _speakers(rows: dict[str, _Stated]) -> Iterator[Problem]:
    splits: dict[str, set[str]] = defaultdict(set)
    for row in rows.values():
        for speaker in row.speaker.split("+"):
            splits[speaker].add(row.split)
    for speaker, found in sorted(splits.items()):
        if len(found) > 1:
            yield Problem("", f"has speaker {speaker} in {' and '.join(sorted(found))}")
