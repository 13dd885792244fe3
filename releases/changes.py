"""What differs between two versions: rows come, gone and rewritten, hours by language."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Literal

from catalog.store import StoreReader
from releases.map_in_order import map_in_order
from releases.parquet import StoredFile, read_columns
from releases.parts import PartRows
from releases.rows import SPLITS, Row, canonical
from releases.versions import File, Version, part_path, read_version

SHOWN = 1000
"""Corrected texts that CHANGES.md lists one by one."""
Kind = Literal["added", "removed", "changed"]


@dataclass(frozen=True, slots=True)
class RowDigest:
    """A row as far as differences go. sha256: of all that is compared of it"""

    language: str
    split: str
    seconds: float
    text: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Change:
    clips: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A clip whose text is another now."""

    clip: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Changes:
    """between: the two versions; the first is None where there is nothing before

    rewrites: of the changed rows, those whose text is another
    clips:    ids by kind of change
    """

    between: tuple[str | None, str]
    by_language: Mapping[str, Mapping[Kind, Change]]
    rewrites: tuple[Rewrite, ...]
    unchanged: int
    clips: Mapping[Kind, tuple[str, ...]]

    @property
    def rewritten(self) -> int:
        return len(self.rewrites)


def compare(
    between: tuple[str | None, str], old: Mapping[str, RowDigest], new: Mapping[str, RowDigest]
) -> Changes:
    """Row by row, by clip."""
    ids: dict[Kind, list[str]] = {
        "added": sorted(new.keys() - old.keys()),
        "removed": sorted(old.keys() - new.keys()),
        "changed": sorted(clip for clip in old.keys() & new.keys() if old[clip].sha256 != new[clip].sha256),
    }
    amounts: dict[str, dict[Kind, list[float]]] = defaultdict(lambda: defaultdict(list))
    for kind, clips in ids.items():
        for clip in clips:
            digest = old[clip] if kind == "removed" else new[clip]
            amounts[digest.language][kind].append(digest.seconds)
    return Changes(
        between,
        {
            language: {kind: Change(len(found), sum(found)) for kind, found in sorted(kinds.items())}
            for language, kinds in sorted(amounts.items())
        },
        tuple(
            Rewrite(clip, old[clip].text, new[clip].text)
            for clip in ids["changed"]
            if old[clip].text != new[clip].text
        ),
        len(old.keys() & new.keys()) - len(ids["changed"]),
        {kind: tuple(found) for kind, found in ids.items()},
    )


def diff(store: StoreReader, dataset: str, old: str, new: str) -> Changes:
    """What differs between two versions as they are now. Raises NoSuchVersion, NotStored.

    Parts that both hold are not read; of the others, the columns that are compared.
    """
    before, after = read_version(store, dataset, old), read_version(store, dataset, new)
    shared = {part.path for part in before.parts} & {part.path for part in after.parts}
    plain = before.commit.format != after.commit.format
    changes = compare(
        (old, new), *(_digests_in(store, each, but=shared, plain=plain) for each in (before, after))
    )
    return replace(
        changes,
        unchanged=changes.unchanged + sum(part.rows for part in after.parts if part.path in shared),
    )


def changes_after(
    store: StoreReader, before: Version | None, parts: Sequence[PartRows], version: str
) -> Changes:
    """What a version of these parts, which is about to be written, has that the one before it has not."""
    if before is None:
        return compare((None, version), {}, _digests_of(parts, plain=False))
    known = {part.path for part in before.parts}
    named = [(part_path(part.split, part.sha256), part) for part in parts]
    shared = known & {path for path, _ in named}
    plain = not before.parts and bool(before.files)  # of format 1, whose rows had other hashes
    changes = compare(
        (before.commit.version, version),
        _digests_in(store, before, but=shared, plain=plain),
        _digests_of([part for path, part in named if path not in shared], plain=plain),
    )
    return replace(
        changes, unchanged=changes.unchanged + sum(len(part.rows) for path, part in named if path in shared)
    )


def as_markdown(changes: Changes, reasons: Mapping[str, Sequence[str]]) -> str:
    """CHANGES.md. It holds no text, so that nothing in it is a withdrawn speaker's.

    reasons: by clip, the codes for which its text was changed
    """
    before, now = changes.between
    if before is None:
        return f"# {now}\n\nThe first version.\n"
    lines = [f"# {now}, against {before}", ""]
    lines += ["| language | added | removed | changed |", "|---|---|---|---|"]
    for language, kinds in changes.by_language.items():
        cells = (_cell(kinds.get(kind)) for kind in _KINDS)
        lines.append(f"| {language} | {' | '.join(cells)} |")
    lines += [
        "",
        f"{changes.unchanged} clips are as they were; the text of {changes.rewritten} was rewritten.",
    ]
    if changes.rewrites:
        lines += ["", "Texts that were corrected:", ""]
    for each in changes.rewrites[:SHOWN]:
        why = ", ".join(reasons.get(each.clip, ())).replace("_", " ")
        lines.append(f"- `{each.clip}`{f': {why}' if why else ''}")
    if changes.rewritten > SHOWN:
        lines.append(
            f"- and {changes.rewritten - SHOWN} more; `boli release diff` shows all, before and after."
        )
    return "\n".join(lines) + "\n"


def without(said: str, clips: AbstractSet[str]) -> str:
    """CHANGES.md again, without lines that name a withdrawn clip."""
    return "".join(
        line for line in said.splitlines(keepends=True) if not any(f"`{clip}`" in line for clip in clips)
    )


_KINDS: Iterable[Kind] = ("added", "removed", "changed")
_COMPARED = ("id", "language", "speaker", "duration", "text", "row_sha256")


def _digests_of(parts: Iterable[PartRows], *, plain: bool) -> dict[str, RowDigest]:
    """plain: compare only what rows of every format have"""
    return {
        row.id: RowDigest(
            row.language, part.split, row.seconds, row.text, _plain_of(row) if plain else row.sha256
        )
        for part in parts
        for row in part.rows
    }


def _digests_in(
    store: StoreReader, version: Version, *, but: AbstractSet[str], plain: bool
) -> dict[str, RowDigest]:
    """The rows of a version as it is now, but for those of some parts."""
    files = [file for file in version.files if file.path.startswith("data/") and file.path not in but]

    def read(file: File) -> list[tuple[str, RowDigest]]:
        split = next(split for split in SPLITS if file.path.startswith(f"data/{split}-"))
        source = StoredFile(store, version.key(file), file.size)
        return [
            (
                row["id"],
                RowDigest(
                    row["language"],
                    split,
                    row["duration"],
                    row["text"],
                    _plain(row["language"], row["speaker"], row["text"]) if plain else row["row_sha256"],
                ),
            )
            for row in read_columns(source, _COMPARED)
        ]

    return {clip: digest for found in map_in_order(read, files) for clip, digest in found}


def _plain_of(row: Row) -> str:
    return _plain(row.language, row.speaker, row.text)


def _plain(language: str, speaker: str, text: str) -> str:
    return hashlib.sha256(canonical([language, speaker, text])).hexdigest()


def _cell(change: Change | None) -> str:
    return f"{change.clips} clips, {change.seconds / 3600:.2f} h" if change else "–"
