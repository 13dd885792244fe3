"""Search: from what a manager holds in hand (an id, a receipt, a file's name, some words) to the items it means."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from catalog.reports import is_hidden
from catalog.search_words import search_words, subjects_with
from catalog.states import ClipState, SearchKind
from catalog.tables import Clip, Person, PersonRole, Recording, Speaker, Submission, Task, Transcript, Upload

SHOWN = 10
"""Of each kind; the whole is a list of its own."""
MOST_LOOKED_AT = 500
"""Rows of the index of words that one search reads."""


@dataclass(frozen=True, slots=True)
class FoundItem:
    """path: of its page; name: how it is called; also: what else tells it from its like"""

    path: str
    name: str
    also: str = ""
    language: str | None = None
    state: str | None = None


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What a search found. exact: the one item whose id or receipt was given"""

    exact: FoundItem | None = None
    files: Sequence[FoundItem] = ()
    clips: Sequence[FoundItem] = ()
    speakers: Sequence[FoundItem] = ()
    people: Sequence[FoundItem] = ()
    district: str | None = None
    """The name of a district that speakers live in, as it is written there."""


def find(session: Session, project: str, asked: str) -> SearchResult:
    """Within the project alone. A fixed number of queries, each over an index and of bounded length."""
    asked = asked.strip()
    exact = by_id(session, project, asked)
    if exact is not None:
        return SearchResult(exact=exact)
    words = search_words(asked)
    return SearchResult(
        files=_files(session, project, words),
        clips=_clips(session, project, words),
        speakers=_speakers(session, project, asked),
        people=_people(session, project, asked),
        district=session.scalar(
            select(Speaker.district)
            .where(Speaker.project_id == project, func.lower(Speaker.district) == asked.lower())
            .limit(1)
        ),
    )


def by_id(session: Session, project: str, asked: str) -> FoundItem | None:
    """The item of that id or receipt: a clip's, a task's, a text's, a recording's, an upload's or a speaker's."""
    kind, _, rest = asked.partition("-")
    if not rest:
        return None
    clip = {
        "clip": select(Clip.id).where(Clip.id == asked),
        "task": select(Clip.id).join(Task, Task.clip_id == Clip.id).where(Task.id == asked),
        "submission": select(Clip.id)
        .join(Task, Task.clip_id == Clip.id)
        .join(Submission, Submission.task_id == Task.id)
        .where(Submission.id == asked),
    }.get(kind)
    if clip is not None:
        found = session.scalar(clip.where(Clip.project_id == project))
        return FoundItem(f"/manage/clips/{found}", found) if found else None
    if kind == "speaker":
        found = session.scalar(select(Speaker.id).where(Speaker.id == asked, Speaker.project_id == project))
        return FoundItem(f"/manage/speakers/{found}", found) if found else None
    upload = {
        "recording": select(Recording.upload_id).where(
            Recording.id == asked, Recording.project_id == project
        ),
        "upload": select(Upload.id).where(Upload.id == asked, Upload.project_id == project),
    }.get(
        kind, select(Upload.id).where(Upload.receipt == asked.upper(), Upload.project_id == project).limit(1)
    )
    found = session.scalar(upload)
    return FoundItem(f"/manage/files/{found}", found) if found else None


def _subjects(session: Session, project: str, kind: SearchKind, words: Sequence[str]) -> Sequence[str]:
    """Of the project alone. First the ids, then what they are of: SQLite would begin with all that the project has."""
    return session.scalars(subjects_with(project, kind, words).limit(MOST_LOOKED_AT)).all()


def _files(session: Session, project: str, words: Sequence[str]) -> list[FoundItem]:
    if not words:
        return []
    ids = _subjects(session, project, SearchKind.UPLOAD, words)
    rows = session.execute(
        select(Upload.id, Upload.name, Upload.receipt, Upload.state)
        .where(Upload.id.in_(ids))
        .order_by(Upload.received_at.desc(), Upload.id)
        .limit(SHOWN)
    )
    return [FoundItem(f"/manage/files/{row.id}", row.name, row.receipt, state=str(row.state)) for row in rows]


def _clips(session: Session, project: str, words: Sequence[str]) -> list[FoundItem]:
    """By their newest text: what a voice that was taken back said is nobody's to find, destroyed yet or not; nor what
    stands in a clip that was reported."""
    if not words:
        return []
    ids = _subjects(session, project, SearchKind.CLIP, words)
    later = aliased(Transcript)
    newest = select(func.max(later.version)).where(later.clip_id == Clip.id).correlate(Clip).scalar_subquery()
    rows = session.execute(
        select(Clip.id, Clip.language, Clip.state, Transcript.verbatim)
        .join(Transcript, (Transcript.clip_id == Clip.id) & (Transcript.version == newest))
        .where(
            Clip.id.in_(ids),
            Clip.state != ClipState.WITHDRAWN,
            Transcript.withheld_at.is_(None),
            ~is_hidden(Clip.id),
        )
        .order_by(Clip.created_at.desc(), Clip.id)
        .limit(SHOWN)
    )
    return [
        FoundItem(f"/manage/clips/{row.id}", row.verbatim, language=row.language, state=str(row.state))
        for row in rows
    ]


def _speakers(session: Session, project: str, asked: str) -> list[FoundItem]:
    """By the beginning of the pseudonym."""
    if not asked:
        return []
    rows = session.execute(
        select(Speaker.id, Speaker.pseudonym, Speaker.language, Speaker.district)
        .where(
            Speaker.project_id == project,
            Speaker.pseudonym >= asked,
            Speaker.pseudonym < asked + "\U0010ffff",
        )
        .order_by(Speaker.pseudonym)
        .limit(SHOWN)
    )
    return [FoundItem(f"/manage/speakers/{row.id}", row.pseudonym, row.district or "") for row in rows]


def _people(session: Session, project: str, asked: str) -> list[FoundItem]:
    handle = session.scalar(
        select(Person.handle)
        .join(PersonRole, PersonRole.person_id == Person.id)
        .where(Person.handle == asked.lower(), PersonRole.project_id == project)
        .limit(1)
    )
    return [FoundItem(f"/manage/people/{handle}", handle)] if handle else []
