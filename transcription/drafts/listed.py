"""Draft texts that a manager brings in a list: each held against its clip before anything is kept."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.parts import in_parts
from catalog.states import TaskState
from catalog.tables import MachineDraft
from transcription.context import ProjectContext
from transcription.drafts.draft_rows import CellFault, DraftFault, DraftRow
from transcription.drafts.named_clips import ClipNow, clips_named, clips_now
from transcription.text.checker import Severity, TextFinding, check

MOST_DRAFTS = 2_000
Standing = Literal["new", "known", "wrong"]


@dataclass(frozen=True, slots=True)
class ListedDraft:
    """A row of the list. clip: None where the project has none that the row means; remarks: on its text"""

    row: DraftRow
    clip: ClipNow | None
    standing: Standing
    faults: tuple[CellFault, ...] = ()
    remarks: tuple[TextFinding, ...] = ()


def listed(session: Session, context: ProjectContext, rows: Sequence[DraftRow]) -> Iterator[ListedDraft]:
    """Each row with its standing, by the rules that recognisers draft by: clips that people are about to write."""
    project = context.project.name
    rows, surplus = rows[:MOST_DRAFTS], rows[MOST_DRAFTS:]
    named = clips_named(session, project, rows)
    clips = clips_now(session, project, {clip_id for clip_id, _ in named if clip_id})
    kept = _kept(session, list(clips))
    seen: set[str] = set()
    for row, (clip_id, fault) in zip(rows, named, strict=True):
        clip = clips.get(clip_id or "")
        faults = [*row.faults, *((fault,) if fault else ())]
        if clip_id and clip is None:
            faults.append(CellFault("clip", DraftFault.UNKNOWN_CLIP))
        if clip is not None:
            faults += _of_clip(row, clip, is_again=clip.id in seen)
            seen.add(clip.id)
        yield _standing(context, row, clip, faults, kept)
    for row in surplus:
        yield ListedDraft(row, None, "wrong", (CellFault("clip", DraftFault.TOO_MANY),))


def _of_clip(row: DraftRow, clip: ClipNow, *, is_again: bool) -> Iterator[CellFault]:
    """The first reason for which the clip takes no draft now; and the wrong language."""
    cell = "clip" if row.clip else "file"
    if is_again:
        yield CellFault(cell, DraftFault.TWICE)
    elif not clip.consents:
        yield CellFault(cell, DraftFault.NO_CONSENT)
    elif clip.state is TaskState.ACCEPTED:
        yield CellFault(cell, DraftFault.ACCEPTED)
    elif clip.is_written:
        yield CellFault(cell, DraftFault.WRITTEN)
    elif clip.state is not TaskState.OPEN:
        yield CellFault(cell, DraftFault.NOT_WAITING)
    if row.language and row.language != clip.language:
        yield CellFault("language", DraftFault.OTHER_LANGUAGE)


def _standing(
    context: ProjectContext,
    row: DraftRow,
    clip: ClipNow | None,
    faults: Sequence[CellFault],
    kept: Mapping[tuple[str, str], str],
) -> ListedDraft:
    if clip is None or not row.text:
        return ListedDraft(row, clip, "wrong", tuple(faults))
    before = kept.get((clip.id, row.model))
    if before == row.text and not faults:
        return ListedDraft(row, clip, "known")
    remarks = check(row.text, context.guideline_of(clip.language), clip.seconds)
    refusing = tuple(each for each in remarks if each.severity is Severity.ERROR)
    if refusing:
        faults = [*faults, CellFault("text", DraftFault.REFUSED)]
    elif before is not None and before != row.text:
        faults = [*faults, CellFault("text", DraftFault.OTHER_TEXT)]
    if faults:
        return ListedDraft(row, clip, "wrong", tuple(faults), refusing)
    warnings = tuple(each for each in remarks if each.severity is Severity.WARNING)
    return ListedDraft(row, clip, "new", remarks=warnings)


def _kept(session: Session, ids: Sequence[str]) -> dict[tuple[str, str], str]:
    """Texts that stand as drafts, by clip and model."""
    query = select(MachineDraft.clip_id, MachineDraft.model, MachineDraft.text)
    return {
        (clip_id, model): text
        for part in in_parts(sorted(ids))
        for clip_id, model, text in session.execute(query.where(MachineDraft.clip_id.in_(part)))
    }
