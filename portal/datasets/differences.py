"""What differs between two versions, counted by the catalogue; the changed texts page by page, before and after.

Both as they are now: what a speaker took back counts in neither.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session, aliased

from catalog.consent import ConsentScope, consented
from catalog.reports import is_hidden
from catalog.states import ClipState
from catalog.tables import Clip, ReleaseItem, Transcript
from portal.datasets.editions import Edition
from releases.changes import Change, Kind

IDS_SHOWN = 200
TEXTS_A_PAGE = 20


@dataclass(frozen=True, slots=True)
class WordRun:
    """Words in a row that both texts have, or one of them."""

    kind: Literal["both", "before", "after"]
    words: str


@dataclass(frozen=True, slots=True)
class ChangedText:
    clip_id: str
    language: str
    speaker: str
    seconds: float
    runs: tuple[WordRun, ...]


@dataclass(frozen=True, slots=True)
class VersionDifference:
    """counts: clips by kind; ids: the first IDS_SHOWN of them; rewritten: of the changed, those with another text"""

    counts: Mapping[Kind, int]
    ids: Mapping[Kind, Sequence[str]]
    by_language: Mapping[str, Mapping[Kind, Change]]
    rewritten: int
    unchanged: int


def differences(session: Session, old: Edition, new: Edition) -> VersionDifference:
    """Nine questions to the catalogue, however many rows there are."""
    queries: Mapping[Kind, Select[Any]] = {
        "added": _only_in(new, old),
        "removed": _only_in(old, new),
        "changed": _in_both(old, new, same=False),
    }
    by_language: dict[str, dict[Kind, Change]] = defaultdict(dict)
    ids: dict[Kind, Sequence[str]] = {}
    for kind, query in queries.items():
        found = query.subquery()
        sums = select(found.c.language, func.count(), func.sum(found.c.seconds)).group_by(found.c.language)
        for language, clips, seconds in session.execute(sums.order_by(found.c.language)):
            by_language[language][kind] = Change(clips, seconds)
        first = select(found.c.clip_id).order_by(found.c.clip_id).limit(IDS_SHOWN)
        ids[kind] = session.scalars(first).all()
    return VersionDifference(
        counts={
            kind: sum(kinds[kind].clips for kinds in by_language.values() if kind in kinds)
            for kind in queries
        },
        ids=ids,
        by_language=dict(sorted(by_language.items())),
        rewritten=_count(session, _rewritten(old, new)),
        unchanged=_count(session, _in_both(old, new, same=True)),
    )


def changed_texts(session: Session, old: Edition, new: Edition, *, after: str) -> Sequence[ChangedText]:
    """The next texts that were rewritten, of voices that may be heard. after: id of the last clip shown before"""
    query = _rewritten(old, new).where(
        Clip.id > after,
        Clip.state != ClipState.WITHDRAWN,
        consented(Clip.recording_id, ConsentScope.PUBLICATION),
    )
    return [
        ChangedText(row.clip_id, row.language, row.speaker, row.seconds, word_runs(row.before, row.after))
        for row in session.execute(query.order_by(Clip.id).limit(TEXTS_A_PAGE))
    ]


def word_runs(before: str, after: str) -> tuple[WordRun, ...]:
    """Two texts as one, word by word.

    >>> [(run.kind, run.words) for run in word_runs("the bus come late", "the bus came late")]
    [('both', 'the bus'), ('before', 'come'), ('after', 'came'), ('both', 'late')]
    """
    old, new = before.split(), after.split()
    runs: list[WordRun] = []
    for tag, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            runs.append(WordRun("both", " ".join(old[i:j])))
            continue
        if i < j:
            runs.append(WordRun("before", " ".join(old[i:j])))
        if k < m:
            runs.append(WordRun("after", " ".join(new[k:m])))
    return tuple(runs)


def _only_in(one: Edition, other: Edition) -> Select[Any]:
    there, elsewhere = aliased(ReleaseItem), aliased(ReleaseItem)
    return (
        select(there.clip_id, Clip.language, Clip.seconds)
        .join(Clip, Clip.id == there.clip_id)
        .outerjoin(elsewhere, and_(elsewhere.clip_id == there.clip_id, *_of(elsewhere, other)))
        .where(*_of(there, one), elsewhere.clip_id.is_(None))
    )


def _in_both(old: Edition, new: Edition, *, same: bool) -> Select[Any]:
    before, now = aliased(ReleaseItem), aliased(ReleaseItem)
    is_same = before.row_sha256 == now.row_sha256
    return (
        select(now.clip_id, Clip.language, Clip.seconds)
        .join(before, before.clip_id == now.clip_id)
        .join(Clip, Clip.id == now.clip_id)
        .where(*_of(before, old), *_of(now, new), is_same if same else ~is_same)
    )


def _rewritten(old: Edition, new: Edition) -> Select[Any]:
    before, now = aliased(ReleaseItem), aliased(ReleaseItem)
    text_before, text_now = aliased(Transcript), aliased(Transcript)
    return (
        select(
            now.clip_id,
            Clip.language,
            now.speaker,
            Clip.seconds,
            text_before.normalised.label("before"),
            text_now.normalised.label("after"),
        )
        .join(before, before.clip_id == now.clip_id)
        .join(Clip, Clip.id == now.clip_id)
        .join(text_before, text_before.id == before.transcript_id)
        .join(text_now, text_now.id == now.transcript_id)
        .where(
            *_of(before, old),
            *_of(now, new),
            before.transcript_id != now.transcript_id,
            text_before.normalised != text_now.normalised,
            text_before.withheld_at.is_(None),
            text_now.withheld_at.is_(None),
            ~is_hidden(now.clip_id),
        )
    )


def _of(item: Any, edition: Edition) -> tuple[Any, Any]:
    """item: an alias of ReleaseItem"""
    return item.release_id == edition.id, item.erased_at.is_(None)


def _count(session: Session, query: Select[Any]) -> int:
    return session.scalar(select(func.count()).select_from(query.subquery())) or 0
