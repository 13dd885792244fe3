"""What differs between two sets of rows: come, gone and rewritten, hours by language. Reads no file of theirs."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import astuple, dataclass, replace
from typing import Literal

from catalog.scratch_database import ScratchDatabase, StoredList
from releases.amount_words import several

SHOWN = 1000
"""Corrected texts that CHANGES.md lists one by one."""
Kind = Literal["added", "removed", "changed"]
_KINDS: tuple[Kind, ...] = ("added", "removed", "changed")
_ROW = "(clip TEXT, language TEXT, seconds, text TEXT, sha256 TEXT)"
_FOUND = "(number INTEGER PRIMARY KEY, clip TEXT, language TEXT, seconds)"
_TABLES = f"""
CREATE TABLE old {_ROW}; CREATE TABLE new {_ROW};
CREATE TABLE added {_FOUND}; CREATE TABLE removed {_FOUND}; CREATE TABLE changed {_FOUND};
CREATE TABLE rewritten (number INTEGER PRIMARY KEY, clip TEXT, before TEXT, after TEXT);
"""
_COMPARED = """
CREATE INDEX old_clips ON old (clip); CREATE INDEX new_clips ON new (clip);
INSERT INTO added (clip, language, seconds) SELECT new.clip, new.language, new.seconds
    FROM new LEFT JOIN old ON old.clip = new.clip WHERE old.clip IS NULL ORDER BY new.clip;
INSERT INTO removed (clip, language, seconds) SELECT old.clip, old.language, old.seconds
    FROM old LEFT JOIN new ON new.clip = old.clip WHERE new.clip IS NULL ORDER BY old.clip;
INSERT INTO changed (clip, language, seconds) SELECT new.clip, new.language, new.seconds
    FROM new JOIN old ON old.clip = new.clip WHERE old.sha256 <> new.sha256 ORDER BY new.clip;
INSERT INTO rewritten (clip, before, after) SELECT new.clip, old.text, new.text
    FROM changed JOIN new ON new.clip = changed.clip JOIN old ON old.clip = changed.clip
    WHERE old.text <> new.text ORDER BY changed.number;
"""


@dataclass(frozen=True, slots=True)
class RowDigest:
    """A row as far as differences go. sha256: of all that is compared of it"""

    clip: str
    language: str
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

    rewrites: of the changed rows, those whose text is another, by clip
    clips:    ids by kind of change, in order
    """

    between: tuple[str | None, str]
    by_language: Mapping[str, Mapping[Kind, Change]]
    rewrites: Sequence[Rewrite]
    unchanged: int
    clips: Mapping[Kind, Sequence[str]]

    @property
    def rewritten(self) -> int:
        return len(self.rewrites)


def first_version(version: str) -> Changes:
    """Where there is nothing before, nothing is compared."""
    return Changes((None, version), {}, (), 0, {})


def compare(between: tuple[str, str], old: Iterable[RowDigest], new: Iterable[RowDigest]) -> Changes:
    """Row by row, by clip, on disk: what differs is read from there as it is asked for."""
    database = ScratchDatabase(_TABLES)
    for table, rows in (("old", old), ("new", new)):
        database.insert(f"INSERT INTO {table} VALUES (?, ?, ?, ?, ?)", map(astuple, rows))  # noqa: S608 (our names)
    database.run_all(_COMPARED)
    amounts: dict[str, dict[Kind, list[float]]] = defaultdict(lambda: defaultdict(lambda: [0, 0.0]))
    for kind in _KINDS:
        question = f"SELECT language, seconds FROM {kind} ORDER BY number"  # noqa: S608 (our names)
        for language, seconds in database.each(question):
            amount = amounts[language][kind]
            amount[0] += 1
            amount[1] += seconds
    clips = {kind: StoredList(database, kind, ("clip",), str) for kind in _KINDS}
    (count,) = database.one("SELECT count(*) FROM new")
    return Changes(
        between,
        {
            language: {kind: Change(int(many), seconds) for kind, (many, seconds) in sorted(kinds.items())}
            for language, kinds in sorted(amounts.items())
        },
        StoredList(database, "rewritten", ("clip", "before", "after"), Rewrite),
        count - len(clips["added"]) - len(clips["changed"]),
        clips,
    )


def in_memory(changes: Changes) -> Changes:
    """The same with all that differs in memory, to be written out whole."""
    clips = {kind: tuple(found) for kind, found in changes.clips.items()}
    return replace(changes, rewrites=tuple(changes.rewrites), clips=clips)


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


def _cell(change: Change | None) -> str:
    return f"{several(change.clips, 'clip')}, {change.seconds / 3600:.2f} h" if change else "–"
