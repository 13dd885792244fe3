"""Is a version what it says it is? Everything is read again and held against everything else."""

import json
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from catalog.scratch_database import ScratchSet
from catalog.store import Damaged, NotStored, StoreReader
from releases.build import Progress
from releases.describe import CHECKSUMS, LISTED, checksums, data_files
from releases.map_in_order import map_in_order
from releases.parts import rows_sha256
from releases.reading import BeingRedacted, fetch_file, is_being_redacted, sha256_in_store
from releases.rows import SPLITS, Split
from releases.verify_forms import form_problems
from releases.verify_lists import StatedRow, list_problems, sound_problems
from releases.verify_rows import CheckedRow, checked_rows
from releases.versions import File, Part, Version, folder, read_version, root

Level = Literal["structure", "sizes", "hashes", "bytes", "sounds"]
_READING: tuple[Level, ...] = ("bytes", "sounds")
"""Levels that look into the rows."""
State = Literal["whole", "redacted", "being redacted"]
AT_ONCE = 2  # parts are large: few of them lie on this machine at a time


@dataclass(frozen=True, slots=True)
class Problem:
    """path: of a file in the version, or empty for the version as a whole"""

    path: str
    what: str


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """state: redacted where rows were taken out because a speaker withdrew: that is no fault; being redacted where
    this is half done, so that nothing can be said yet

    rows, seconds: of sound, as the rows have it; 0 where the level doesn't read them
    """

    dataset: str
    version: str
    level: Level
    state: State
    files: int
    bytes: int
    rows: int
    seconds: float
    redacted_rows: int
    problems: tuple[Problem, ...]

    @property
    def ok(self) -> bool:
        return not self.problems and self.state != "being redacted"


@dataclass
class _Seen:
    """What the parts hold, gathered while they are read.

    stated: rows for holding lists against, of a version that has lists (format 1)
    """

    ids: ScratchSet = field(default_factory=ScratchSet)
    seconds: float = 0.0
    splits: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    stated: dict[str, StatedRow] = field(default_factory=dict)
    hashes: dict[str, str] = field(default_factory=dict)
    parts_hold: bool = True


def verify(
    store: StoreReader,
    dataset: str,
    version: str,
    *,
    level: Level = "bytes",
    progress: Progress | None = None,
) -> VerifyReport:
    """Check a version.

    structure: every file that it lists is there, and nothing else; of its forms in the store too
    sizes:     and has the size it should have
    hashes:    and the SHA-256
    bytes:     and every byte means what it says: rows against the commit and against their sound's bytes and header,
               lists against rows, speakers against splits, redacted clips gone
    sounds:    and every sound decodes to its last frame, as it did when it was published
    Raises NoSuchVersion, BrokenManifest.
    """
    while True:
        found = read_version(store, dataset, version)
        report = _verified(store, found, level, progress)
        if report.ok or read_version(store, dataset, version) == found:
            break  # else it was redacted while we read
    if report.problems and is_being_redacted(store, dataset):
        return replace(report, state="being redacted", problems=())
    return report


def _verified(store: StoreReader, version: Version, level: Level, progress: Progress | None) -> VerifyReport:
    problems = list(_structure(store, version, sizes=level != "structure"))
    seen = _Seen()
    reads = level in ("hashes", *_READING)
    if reads and not problems:
        with tempfile.TemporaryDirectory(prefix="boli-verify-") as place:
            problems += _contents(store, version, Path(place), seen, level, progress)
    forms = form_problems(store, version, sizes=level != "structure", hashes=reads)
    problems += [Problem(each.path, each.what) for each in forms]
    return VerifyReport(
        dataset=version.commit.dataset,
        version=version.commit.version,
        level=level,
        state="redacted" if version.redactions else "whole",
        files=len(version.files),
        bytes=sum(file.size for file in version.files),
        rows=len(seen.ids),
        seconds=seen.seconds,
        redacted_rows=version.redacted_rows,
        problems=tuple(problems),
    )


def _structure(store: StoreReader, version: Version, *, sizes: bool) -> Iterator[Problem]:
    dataset, number = version.commit.dataset, version.commit.version
    own = f"{folder(dataset, number)}/"
    there = {each.key: each.size for each in store.list(own)}
    if version.parts:
        there |= {each.key: each.size for each in store.list(f"{root(dataset)}/parts/")}
    listed = {version.key(file): file for file in version.files}
    for key, file in listed.items():
        if key not in there:
            yield Problem(file.path, "is listed and not there")
        elif sizes and there[key] != file.size:
            yield Problem(file.path, f"is {there[key]} bytes long and should be {file.size}")
    for key in sorted(there.keys() - listed.keys()):
        if key.startswith(own):  # other parts are of other versions
            yield Problem(key.removeprefix(own), "is there and not listed")


def _contents(
    store: StoreReader,
    version: Version,
    place: Path,
    seen: _Seen,
    level: Level,
    progress: Progress | None,
) -> Iterator[Problem]:
    """Fill `seen` from the files with rows, then hold everything else against it."""
    numbered = list(enumerate(version.files))
    holding = [each for each in numbered if each[1].path.startswith("data/")]
    others = [each for each in numbered if not each[1].path.startswith("data/")]

    def local_of(number: int, file: File) -> Path:
        return place / f"{number}-{Path(file.path).name}"

    def read_rows(each: tuple[int, File]) -> tuple[list[Problem], list[CheckedRow]]:
        local = local_of(*each)
        try:
            if not _spooled(store, version, each[1], None if level == "hashes" else local):
                problems = list(_fetch_problems(store, version, each[1], local, seen))
                if problems or level == "hashes":
                    return problems, []
            seen.hashes[each[1].path] = each[1].sha256
            if level == "hashes":
                return [], []
            rows = list(checked_rows(local, decode=level == "sounds", keep_text=version.commit.format == 1))
        finally:
            local.unlink(missing_ok=True)
        return [Problem(each[1].path, what) for row in rows for what in row.problems], rows

    def read_other(each: tuple[int, File]) -> list[Problem]:
        return list(_fetch_problems(store, version, each[1], local_of(*each), seen))

    done = 0
    reading = map_in_order(read_rows, holding, at_once=AT_ONCE)
    for (_, file), (problems, rows) in zip(holding, reading, strict=True):
        problems += _take_in(version, file, rows, seen) if level in _READING else []
        seen.parts_hold = seen.parts_hold and not problems
        yield from problems
        done += 1
        if progress:
            progress("files read", done, len(numbered))
    for (number, file), problems in zip(others, map_in_order(read_other, others), strict=True):
        yield from problems
        if level in _READING and not problems and seen.parts_hold:
            yield from _other(file, local_of(number, file), version, seen)
        local_of(number, file).unlink(missing_ok=True)
        done += 1
        if progress:
            progress("files read", done, len(numbered))
    if level in _READING and seen.parts_hold:
        yield from _as_a_whole(version, seen)


def _spooled(store: StoreReader, version: Version, file: File, local: Path | None) -> bool:
    """Read a large file once, and whether it has the bytes that it should have; kept at `local`, if anywhere.

    What is wrong where it has not is for `_fetch_problems` to say.
    """
    try:
        with local.open("wb") if local else nullcontext() as out:
            return sha256_in_store(store, version.key(file), file.size, out) == file.sha256
    except NotStored:
        return False


def _fetch_problems(
    store: StoreReader, version: Version, file: File, local: Path, seen: _Seen
) -> Iterator[Problem]:
    try:
        fetch_file(store, version, file, local)
    except (NotStored, Damaged, BeingRedacted) as error:
        yield Problem(file.path, f"can't be read: {error}")
        return
    seen.hashes[file.path] = file.sha256


def _take_in(version: Version, file: File, rows: Sequence[CheckedRow], seen: _Seen) -> list[Problem]:
    """Hold the rows of a file against those of the files before, and against what the commit says of them."""
    problems = []
    split = next((each for each in SPLITS if file.path.startswith(f"data/{each}-")), None)
    if split is None:
        return [Problem(file.path, "belongs to no split")]
    gone = version.redacted_clips
    for row in rows:
        if not row.id:
            continue
        if not seen.ids.add(row.id):
            problems.append(Problem(file.path, f"holds {row.id}, which another row holds too"))
        if row.id in gone:
            problems.append(Problem(file.path, f"holds {row.id}, which was redacted"))
        seen.seconds += row.duration
        for speaker in row.speaker.split("+"):
            seen.splits[speaker].add(split)
        if row.stated is not None:
            seen.stated[row.id] = replace(row.stated, split=split)
    part = next((each for each in version.parts if each.path == file.path), None)
    if part is not None and rows and not problems:
        problems += _part_problems(part, split, rows)
    return problems


def _part_problems(part: Part, split: Split, rows: Sequence[CheckedRow]) -> Iterator[Problem]:
    if len(rows) != part.rows:
        yield Problem(part.path, f"holds {len(rows)} rows and should hold {part.rows}")
    elif (
        all(row.row_sha256 for row in rows)
        and rows_sha256(row.row_sha256 for row in rows) != part.rows_sha256
    ):
        yield Problem(part.path, "holds other rows than the commit says")
    if part.split != split:
        yield Problem(part.path, f"is of the split {part.split} by the commit")


def _other(file: File, local: Path, version: Version, seen: _Seen) -> Iterator[Problem]:
    if version.commit.format == 1:
        yield from (Problem(file.path, what) for what in list_problems(file.path, local, seen.stated))
    if file.path == CHECKSUMS:
        if local.read_bytes() != checksums([each for each in version.files if each.path != CHECKSUMS]):
            yield Problem(file.path, "does not list the files of the version with their SHA-256")
    elif file.path == LISTED:
        if local.read_bytes() != data_files(version.commit.dataset, version.parts):
            yield Problem(file.path, "does not say where the parts of the version lie")
    elif file.path == "croissant.json":
        yield from _described(file.path, local, version)


def _described(path: str, local: Path, version: Version) -> Iterator[Problem]:
    try:
        stated = {
            each["contentUrl"]: each["sha256"]
            for each in json.loads(local.read_bytes())["distribution"]
            if "contentUrl" in each
        }
    except (ValueError, KeyError, TypeError) as error:
        yield Problem(path, f"can't be read: {error}")
        return
    there = {file.path: file.sha256 for file in version.files if file.path.startswith("data/")}
    if stated != there:
        yield Problem(path, "does not describe the files with rows with their SHA-256")


def _as_a_whole(version: Version, seen: _Seen) -> Iterator[Problem]:
    if version.commit.format == 1:
        yield from (Problem(path, what) for path, what in sound_problems(version, seen.stated, seen.hashes))
    for speaker, found in sorted(seen.splits.items()):
        if len(found) > 1:
            yield Problem("", f"has speaker {speaker} in {' and '.join(sorted(found))}")
    expected = version.commit.clips - version.redacted_rows
    if len(seen.ids) != expected:
        yield Problem("", f"holds {len(seen.ids)} rows and should hold {expected}")
