"""What differs between two versions: rows come, gone and rewritten, hours by language."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from catalog.store import ObjectStore
from releases.manifests import alignments_path
from releases.rows import SPLITS
from releases.selection import Selection
from releases.versions import Version, folder, read_version
from releases.workspace import fetched_lines

Kind = Literal["added", "removed", "changed"]


@dataclass(frozen=True, slots=True)
class Brief:
    """A row as far as differences go."""

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
class Changes:
    """between: the two versions; the first is None where there is nothing before

    rewritten: of the changed rows, those whose text is another
    clips:     ids by kind of change
    """

    between: tuple[str | None, str]
    by_language: Mapping[str, Mapping[Kind, Change]]
    rewritten: int
    unchanged: int
    clips: Mapping[Kind, tuple[str, ...]]


def compare(between: tuple[str | None, str], old: Mapping[str, Brief], new: Mapping[str, Brief]) -> Changes:
    """Row by row, by clip."""
    ids: dict[Kind, list[str]] = {
        "added": sorted(new.keys() - old.keys()),
        "removed": sorted(old.keys() - new.keys()),
        "changed": sorted(clip for clip in old.keys() & new.keys() if old[clip].sha256 != new[clip].sha256),
    }
    amounts: dict[str, dict[Kind, list[float]]] = defaultdict(lambda: defaultdict(list))
    for kind, clips in ids.items():
        for clip in clips:
            brief = old[clip] if kind == "removed" else new[clip]
            amounts[brief.language][kind].append(brief.seconds)
    return Changes(
        between,
        {
            language: {kind: Change(len(found), sum(found)) for kind, found in sorted(kinds.items())}
            for language, kinds in sorted(amounts.items())
        },
        sum(old[clip].text != new[clip].text for clip in ids["changed"]),
        len(old.keys() & new.keys()) - len(ids["changed"]),
        {kind: tuple(found) for kind, found in ids.items()},
    )


def diff(store: ObjectStore, dataset: str, old: str, new: str) -> Changes:
    """What differs between two versions as they are now. Raises NoSuchVersion."""
    before, after = read_version(store, dataset, old), read_version(store, dataset, new)
    return compare((old, new), briefs_in(store, before), briefs_in(store, after))


def briefs_of(selection: Selection) -> dict[str, Brief]:
    return {
        row.id: Brief(row.language, selection.splits[row.id], row.seconds, row.text, row.sha256)
        for row in selection.rows
    }


def briefs_in(store: ObjectStore, version: Version) -> dict[str, Brief]:
    """The rows of a version as it is now, from its alignment lists."""
    found: dict[str, Brief] = {}
    for split in SPLITS:
        file = version.file(alignments_path(split))
        if file is None:
            continue
        key = f"{folder(version.commit.dataset, version.commit.version)}/{file.path}"
        for line in fetched_lines(store, key, sha256=file.sha256):
            found[line["id"]] = Brief(
                line["language"], split, line["duration"], line["text"], line["row_sha256"]
            )
    return found


def told(changes: Changes) -> str:
    """CHANGES.md."""
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
    return "\n".join(lines) + "\n"


_KINDS: Iterable[Kind] = ("added", "removed", "changed")


def _cell(change: Change | None) -> str:
    return f"{change.clips} clips, {change.seconds / 3600:.2f} h" if change else "–"
