"""The files of a version without some of its clips."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from catalog.store import ObjectStore
from releases import parquet
from releases.build import checksums
from releases.manifests import (
    LHOTSE,
    LineFile,
    alignments_path,
    audio_path,
    lhotse_path,
    nemo_path,
    read_lines,
)
from releases.rows import SPLITS
from releases.versions import File, Version, folder
from releases.workspace import measured


@dataclass(frozen=True, slots=True)
class RedactedFiles:
    """files: of the version as it will be; rewritten: those of them whose bytes are new"""

    files: tuple[File, ...]
    rewritten: tuple[File, ...]


def redacted(
    store: ObjectStore, version: Version, clips: frozenset[str], place: Path, *, at: datetime
) -> RedactedFiles:
    """Write the files that change to `place`; the same clips, version and time always give the same bytes."""
    gone = {audio_path(split, clip) for split in SPLITS for clip in clips}
    kept = {file.path: file for file in version.files if file.path not in gone}
    rewritten: dict[str, File] = {}
    lists = {
        path
        for split in SPLITS
        for path in (
            nemo_path(split),
            alignments_path(split),
            *(lhotse_path(kind, split) for kind in LHOTSE),
        )
    }
    for file in kept.values():
        target = place / file.path
        if file.path.startswith("data/"):
            source = _fetched(store, version, file, place)
            left_out = parquet.without(source, target, clips)
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
    _rewrite_croissant(store, version, place, shard_hashes)
    _rewrite_card(store, version, place, clips, at)
    for name in ("croissant.json", "README.md"):
        rewritten[name] = measured(place, name)
    files = {**kept, **rewritten}
    del files["checksums.sha256"]
    (place / "checksums.sha256").write_bytes(checksums(list(files.values())))
    rewritten["checksums.sha256"] = files["checksums.sha256"] = measured(place, "checksums.sha256")
    return RedactedFiles(
        tuple(sorted(files.values(), key=lambda file: file.path)),
        tuple(sorted(rewritten.values(), key=lambda file: file.path)),
    )


def _fetched(store: ObjectStore, version: Version, file: File, place: Path) -> Path:
    local = place / "before" / file.path
    key = f"{folder(version.commit.dataset, version.commit.version)}/{file.path}"
    store.fetch(key, local, sha256=file.sha256)
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


def _rewrite_croissant(store: ObjectStore, version: Version, place: Path, shards: dict[str, File]) -> None:
    described = json.loads(_bytes(store, version, "croissant.json", place))
    for each in described["distribution"]:
        if new := shards.get(each["sha256"]):
            each["sha256"] = new.sha256
            each["contentSize"] = f"{new.size} B"
    (place / "croissant.json").write_text(json.dumps(described, ensure_ascii=False, indent=1) + "\n", "utf-8")


def _rewrite_card(
    store: ObjectStore, version: Version, place: Path, clips: frozenset[str], at: datetime
) -> None:
    said = _bytes(store, version, "README.md", place).decode()
    note = (
        f"\n> {len(clips)} clips were taken out of this version on {at:%Y-%m-%d}, because a speaker withdrew. "
        "The figures on this page are those of the day it was published. `withdrawn.jsonl` names the rows.\n"
    )
    (place / "README.md").write_text("".join(_after_title(said, note)), encoding="utf-8")


def _after_title(text: str, note: str) -> Iterator[str]:
    front = text.index("\n---\n") + len("\n---\n")
    title_ends = text.index("\n", text.index("# ", front)) + 1
    yield text[:title_ends]
    yield note
    yield text[title_ends:]


def _bytes(store: ObjectStore, version: Version, path: str, place: Path) -> bytes:
    file = version.file(path)
    if file is None:
        raise KeyError(f"{version.label} has no {path}")
    local = _fetched(store, version, file, place)
    data = local.read_bytes()
    local.unlink()
    return data
