"""Taking back draft texts of a list: those that nobody began to write with are dropped."""

from collections.abc import Sequence

from sqlalchemy import delete, select

from catalog.imports import uses_of
from catalog.parts import in_parts
from catalog.tables import Clip, MachineDraft, Recording, Upload
from portal.imports.fates import ImportContext, ItemFate, StayReason, Undoing, first_reason


def _lock(context: ImportContext) -> None:
    """Nobody is shown one of them meanwhile."""
    for part in in_parts(sorted(context.found.items)):
        query = select(MachineDraft.id).where(MachineDraft.id.in_(part)).order_by(MachineDraft.id)
        context.session.execute(query.with_for_update()).all()


def _fates(context: ImportContext) -> Sequence[ItemFate]:
    query = (
        select(MachineDraft.id, MachineDraft.clip_id, Upload.name, Clip.number)
        .join(Clip, Clip.id == MachineDraft.clip_id)
        .join(Recording, Recording.id == Clip.recording_id)
        .join(Upload, Upload.id == Recording.upload_id)
    )
    there = [
        row
        for part in in_parts(context.found.items)
        for row in context.session.execute(query.where(MachineDraft.id.in_(part)))
    ]
    uses = uses_of(context.session, MachineDraft.id, [row.id for row in there], but=())
    return [
        ItemFate(
            row.id,
            f"{row.name} {row.number + 1}",
            f"/manage/clips/{row.clip_id}",
            first_reason(uses[row.id], {}, StayReason.BEGUN),
        )
        for row in sorted(there, key=lambda row: (row.name, row.number))
    ]


def _take_back(context: ImportContext, going: Sequence[ItemFate]) -> None:
    for part in in_parts([each.id for each in going]):
        context.session.execute(delete(MachineDraft).where(MachineDraft.id.in_(part)))


DRAFTS = Undoing(_fates, _take_back, _lock)
