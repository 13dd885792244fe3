"""Clips as the rows of a list name them: by id, or by file and start; and how each stands now."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import Session

from catalog.consent import ConsentScope, consented
from catalog.parts import in_parts
from catalog.states import ClipState, SubmissionKind, TaskState
from catalog.tables import Clip, Recording, Submission, Task, Upload
from transcription.drafts.draft_rows import CellFault, DraftFault, DraftRow

NEAR = 0.05
"""Seconds that a start may differ from the clip's own: tables are rounded."""
_USABLE = (ClipState.CUT, ClipState.WAITING, ClipState.ACCEPTED)
_STARTS_AT_A_TIME = 100


@dataclass(frozen=True, slots=True)
class ClipNow:
    """A clip of the project as it stands. number: in its recording, from 1; state: of its task, None without one"""

    id: str
    file: str
    number: int
    language: str
    seconds: float
    consents: bool
    state: TaskState | None
    is_written: bool


def nearest(starts: Mapping[str, float], at: float) -> str | None:
    """Which clip begins there; None where none does within NEAR.

    >>> nearest({"a": 1.0, "b": 1.04}, 1.03), nearest({"a": 1.0}, 1.2)
    ('b', None)
    """
    near = [(abs(start - at), clip_id) for clip_id, start in starts.items() if abs(start - at) <= NEAR]
    return min(near)[1] if near else None


def clips_named(
    session: Session, project: str, rows: Sequence[DraftRow]
) -> list[tuple[str | None, CellFault | None]]:
    """Of each row the id of the clip that it means, as far as the project has one; or what is wrong with its cell."""
    names = {row.file for row in rows if row.file}
    recordings = _recordings(session, project, names)
    only = {next(iter(found)) for found in recordings.values() if len(found) == 1}
    wanted = [
        (each, row.start)
        for row in rows
        if row.file and row.start is not None
        for each in recordings[row.file]
        if each in only
    ]
    starts = _starts(session, wanted)
    alone = _alone(session, [recording for recording, _ in only])
    return [_named(row, recordings, starts, alone) for row in rows]


def clips_now(session: Session, project: str, ids: Collection[str]) -> dict[str, ClipNow]:
    """Those of the ids that are clips of the project."""
    final = exists().where(Submission.task_id == Task.id, Submission.kind == SubmissionKind.FINAL)
    query = (
        select(
            *(Clip.id, Upload.name, Clip.number + 1, Clip.language, Clip.seconds),
            *(consented(Clip.recording_id, ConsentScope.TRANSCRIPTION), Task.state, final),
        )
        .join(Recording, Recording.id == Clip.recording_id)
        .join(Upload, Upload.id == Recording.upload_id)
        .outerjoin(Task, Task.clip_id == Clip.id)
        .where(Clip.project_id == project)
    )
    parts = in_parts(sorted(ids))
    return {
        row[0]: ClipNow(*row) for part in parts for row in session.execute(query.where(Clip.id.in_(part)))
    }


_Recording = tuple[str, int]
"""Id and samples a second."""


def _named(
    row: DraftRow,
    recordings: Mapping[str, frozenset[_Recording]],
    starts: Mapping[_Recording, Mapping[str, float]],
    alone: Mapping[str, str],
) -> tuple[str | None, CellFault | None]:
    if row.clip or not row.file:
        return row.clip or None, None
    found = recordings[row.file]
    if len(found) != 1:
        fault = DraftFault.SEVERAL_FILES if found else DraftFault.UNKNOWN_FILE
        return None, CellFault("file", fault)
    (recording,) = found
    if row.start is None:
        clip_id = alone.get(recording[0])
        return clip_id, None if clip_id else CellFault("start", DraftFault.NO_START)
    clip_id = nearest(starts.get(recording, {}), row.start)
    return clip_id, None if clip_id else CellFault("start", DraftFault.NO_CLIP_THERE)


def _recordings(
    session: Session, project: str, names: Collection[str]
) -> Mapping[str, frozenset[_Recording]]:
    """What the files of these names became; copies of one file are one recording."""
    found: dict[str, set[_Recording]] = {name: set() for name in names}
    query = (
        select(Upload.name, Recording.id, Recording.sample_rate)
        .join(Recording, Recording.id == Upload.recording_id)
        .where(Upload.project_id == project, Recording.project_id == project)
    )
    for part in in_parts(sorted(names)):
        for name, recording_id, rate in session.execute(query.where(Upload.name.in_(part))):
            found[name].add((recording_id, rate))
    return {name: frozenset(each) for name, each in found.items()}


def _starts(
    session: Session, wanted: Sequence[tuple[_Recording, float]]
) -> Mapping[_Recording, Mapping[str, float]]:
    """Clips that begin about there, with where they do, in seconds: of a recording that has thousands, only these."""
    rates = dict(recording for recording, _ in wanted)
    found: dict[_Recording, dict[str, float]] = defaultdict(dict)
    for some in _at_a_time(wanted):
        there = [
            and_(
                Clip.recording_id == recording_id,
                Clip.start.between(int((start - NEAR) * rate) - 1, int((start + NEAR) * rate) + 1),
            )
            for (recording_id, rate), start in some
        ]
        query = select(Clip.id, Clip.recording_id, Clip.start).where(or_(*there), Clip.state.in_(_USABLE))
        for clip_id, recording_id, start in session.execute(query):
            rate = rates[recording_id]
            found[recording_id, rate][clip_id] = start / rate
    return found


def _at_a_time(
    wanted: Sequence[tuple[_Recording, float]],
) -> Iterator[Sequence[tuple[_Recording, float]]]:
    for begin in range(0, len(wanted), _STARTS_AT_A_TIME):
        yield wanted[begin : begin + _STARTS_AT_A_TIME]


def _alone(session: Session, recordings: Sequence[str]) -> Mapping[str, str]:
    """The one clip of each recording that has no other."""
    query = (
        select(Clip.recording_id, func.min(Clip.id))
        .where(Clip.state.in_(_USABLE))
        .group_by(Clip.recording_id)
        .having(func.count() == 1)
    )
    parts = in_parts(sorted(recordings))
    return {
        recording: clip_id
        for part in parts
        for recording, clip_id in session.execute(query.where(Clip.recording_id.in_(part)))
    }
