"""What differs between two sets of rows: come, gone and rewritten, hours by language. Reads no file."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Literal

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


def _cell(change: Change | None) -> str:
    return f"{change.clips} clips, {change.seconds / 3600:.2f} h" if change else "–"
