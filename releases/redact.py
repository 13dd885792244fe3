"""The files of a version without some of its clips."""

import json
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from catalog.keys import part_key
from catalog.store import ObjectStore
from catalog.store.stored_file import StoredFile
from releases import parquet
from releases.card import redacted_card
from releases.changes import without as without_changes
from releases.croissant import with_parts
from releases.describe import CHECKSUMS, LISTED, checksums, data_files
from releases.faults import FAULTS
from releases.faults import without as without_faults
from releases.leaks import LEAKS
from releases.leaks import without as without_leaks
from releases.lists import LineFile, audio_path, list_paths, read_lines
from releases.parquet import read_columns
from releases.parts import rows_sha256
from releases.rows import SPLITS
from releases.versions import File, Part, Version
from releases.workspace import measured

REWRITTEN = ("README.md", "CHANGES.md", "croissant.json", LISTED, LEAKS)


@dataclass(frozen=True, slots=True)
class RedactedFiles:
    """files, parts: of the version as it will be; rewritten: those of the files whose bytes are new"""

    files: tuple[File, ...]
    rewritten: tuple[File, ...]
    parts: tuple[Part, ...] = ()


class RedactedParts:
    """Parts without some rows, in the store; one that several versions hold is written once.

    By the rows' hashes: a clip that was mended stands in newer versions with another row, and stays there.
    An old part stays until no version names it: that is `collect_parts`' business.
    """

    def __init__(self, store: ObjectStore, dataset: str, rows: frozenset[str], scratch: Path) -> None:
        self._store, self._dataset, self._rows, self._scratch = store, dataset, rows, scratch
        self._done: dict[str, Part | None] = {}

    def of(self, parts: Iterable[Part]) -> tuple[Part, ...]:
        """The parts as they will be; one that is left empty is not among them."""
        return tuple(new for part in parts if (new := self._redacted(part)) is not None)

    def _redacted(self, part: Part) -> Part | None:
        if part.sha256 not in self._done:
            self._done[part.sha256] = self._rewritten(part) if self._holds(part) else part
        return self._done[part.sha256]

    def _holds(self, part: Part) -> bool:
        key = part_key(self._dataset, part.sha256)
        source = StoredFile(self._store, key, part.size)
        return any(row["row_sha256"] in self._rows for row in read_columns(source, ("row_sha256",)))

    def _rewritten(self, part: Part) -> Part | None:
        with tempfile.TemporaryDirectory(prefix="redacted-part-", dir=self._scratch) as place:
            before, after = Path(place) / "before.parquet", Path(place) / "after.parquet"
            self._store.fetch(part_key(self._dataset, part.sha256), before, sha256=part.sha256)
            parquet.without(before, after, self._rows, column="row_sha256")
            rows = list(read_columns(after, ("row_sha256", "duration")))
            if not rows:
                return None
            file = measured(after.parent, after.name)
            self._store.put_file(part_key(self._dataset, file.sha256), after, sha256=file.sha256)
        return replace(
            part,
            sha256=file.sha256,
            size=file.size,
            rows=len(rows),
            seconds=round(sum(row["duration"] for row in rows), 6),
            rows_sha256=rows_sha256(row["row_sha256"] for row in rows),
        )


def redacted(
    store: ObjectStore,
    version: Version,
    clips: frozenset[str],
    parts: RedactedParts,
    place: Path,
    *,
    at: datetime,
) -> RedactedFiles:
    """Write the files that change to `place`, and the parts to the store.

    The same clips, version and time always give the same bytes.
    """
    if version.commit.format == 1:
        return _redacted_format_1(store, version, clips, place, at=at)
    left = parts.of(version.parts)
    _rewrite_croissant(store, version, place, left)
    _rewrite_card(store, version, place, clips, at, left)
    (place / LISTED).write_bytes(data_files(version.commit.dataset, left))
    changes = _bytes(store, version, "CHANGES.md", place).decode()
    (place / "CHANGES.md").write_text(without_changes(changes, clips), encoding="utf-8")
    (place / LEAKS).write_bytes(without_leaks(_bytes(store, version, LEAKS, place), clips))
    names = list(REWRITTEN)
    if version.file(FAULTS) is not None:  # versions of before have none
        (place / FAULTS).write_bytes(without_faults(_bytes(store, version, FAULTS, place), clips))
        names.append(FAULTS)
    rewritten = {name: measured(place, name) for name in names}
    files = {**{file.path: file for file in version.own_files}, **rewritten}
    return _sealed(place, files, rewritten, left)


def _redacted_format_1(
    store: ObjectStore, version: Version, clips: frozenset[str], place: Path, *, at: datetime
) -> RedactedFiles:
    """A version that holds its rows itself, and lists of them, and each sound as a file too."""
    gone = {audio_path(split, clip) for split in SPLITS for clip in clips}
    kept = {file.path: file for file in version.files if file.path not in gone}
    rewritten: dict[str, File] = {}
    lists = {path for split in SPLITS for path in list_paths(split)}
    for file in kept.values():
        target = place / file.path
        if file.path.startswith("data/"):
            source = _fetched(store, version, file, place)
            left_out = len(parquet.without(source, target, clips))
        elif file.path in lists:
            source = _fetched(store, version, file, place)
            left_out = _without(source, target, clips)
        else:
            continue
        source.unlink()
        if left_out:
            rewritten[file.path] = measured(place, file.path)
        else:
            target.unlink()
    shard_hashes = {kept[path].sha256: file for path, file in rewritten.items() if path.startswith("data/")}
    _rewrite_croissant_format_1(store, version, place, shard_hashes)
    _rewrite_card(store, version, place, clips, at, None)
    for name in ("croissant.json", "README.md"):
        rewritten[name] = measured(place, name)
    return _sealed(place, {**kept, **rewritten}, rewritten, ())


def _sealed(
    place: Path, files: dict[str, File], rewritten: dict[str, File], parts: tuple[Part, ...]
) -> RedactedFiles:
    """With the hashes of all files, written anew."""
    others = [file for path, file in files.items() if path != CHECKSUMS]
    (place / CHECKSUMS).write_bytes(checksums([*(part.file for part in parts), *others]))
    sums = measured(place, CHECKSUMS)
    return RedactedFiles(
        tuple(sorted([*others, sums], key=lambda file: file.path)),
        tuple(sorted([*rewritten.values(), sums], key=lambda file: file.path)),
        parts,
    )


def _fetched(store: ObjectStore, version: Version, file: File, place: Path) -> Path:
    local = place / "before" / file.path
    store.fetch(version.key(file), local, sha256=file.sha256)
    return local


def _without(source: Path, target: Path, clips: frozenset[str]) -> int:
    left_out = 0
    lines = LineFile(target)
    for line in read_lines(source):
        if line["id"] in clips:
            left_out += 1
        else:
            lines.write(line)
    lines.close()
    return left_out


def _rewrite_croissant(store: ObjectStore, version: Version, place: Path, parts: tuple[Part, ...]) -> None:
    described = json.loads(_bytes(store, version, "croissant.json", place))
    (place / "croissant.json").write_bytes(with_parts(described, parts))


def _rewrite_croissant_format_1(
    store: ObjectStore, version: Version, place: Path, shards: dict[str, File]
) -> None:
    described = json.loads(_bytes(store, version, "croissant.json", place))
    for each in described["distribution"]:
        if new := shards.get(each["sha256"]):
            each["sha256"] = new.sha256
            each["contentSize"] = f"{new.size} B"
    (place / "croissant.json").write_text(json.dumps(described, ensure_ascii=False, indent=1) + "\n", "utf-8")


def _rewrite_card(
    store: ObjectStore,
    version: Version,
    place: Path,
    clips: frozenset[str],
    at: datetime,
    left: Sequence[Part] | None,
) -> None:
    said = _bytes(store, version, "README.md", place).decode()
    (place / "README.md").write_text(redacted_card(said, clips, at.date(), left), encoding="utf-8")


def _bytes(store: ObjectStore, version: Version, path: str, place: Path) -> bytes:
    file = version.file(path)
    if file is None:
        raise KeyError(f"{version.label} has no {path}")
    local = _fetched(store, version, file, place)
    data = local.read_bytes()
    local.unlink()
    return data
