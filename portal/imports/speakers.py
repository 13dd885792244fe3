"""Taking back speakers of a list: who was never asked, recorded or put right since is removed, with name and phone."""

from collections.abc import Sequence

from sqlalchemy import delete, select

from catalog import audit
from catalog.imports import in_parts, uses_of
from catalog.tables import AuditEvent, Speaker, SpeakerPrivate
from portal.imports.fates import ImportContext, ItemFate, StayReason, Undoing, first_reason

_REASONS = {
    **dict.fromkeys(("upload", "recording_speaker", "transfer"), StayReason.RECORDED),
    **dict.fromkeys(("consent_event", "consent_receipt", "erasure"), StayReason.CONSENTED),
}
_CHANGES = ("speaker.revised", "speaker.private_revised")


def _lock(context: ImportContext) -> None:
    """A recording or a yes that comes in meanwhile waits, and then finds nobody."""
    for part in in_parts(sorted(context.found.items)):
        query = select(Speaker.id).where(Speaker.id.in_(part)).order_by(Speaker.id).with_for_update()
        context.session.execute(query).all()


def _fates(context: ImportContext) -> Sequence[ItemFate]:
    session = context.session
    there = [
        row
        for part in in_parts(context.found.items)
        for row in session.execute(select(Speaker.id, Speaker.pseudonym).where(Speaker.id.in_(part)))
    ]
    ids = [row.id for row in there]
    uses = uses_of(session, Speaker.id, ids, but=(SpeakerPrivate,))
    changed = _changed(context, ids)
    return [
        ItemFate(
            row.id,
            row.pseudonym,
            f"/manage/speakers/{row.id}",
            first_reason(uses[row.id], _REASONS, StayReason.NAMED)
            or (StayReason.CHANGED if row.id in changed else None),
        )
        for row in sorted(there, key=lambda row: row.pseudonym)
    ]


def _changed(context: ImportContext, ids: Sequence[str]) -> set[str]:
    """Speakers whose facts a person has written anew since: nothing that was typed is thrown away."""
    query = select(AuditEvent.subject_id).where(
        AuditEvent.subject_kind == "speaker",
        AuditEvent.action.in_(_CHANGES),
        AuditEvent.at > context.found.at,
    )
    parts = in_parts(ids)
    return {
        each
        for part in parts
        for each in context.session.scalars(query.where(AuditEvent.subject_id.in_(part)))
    }


def _take_back(context: ImportContext, going: Sequence[ItemFate]) -> None:
    session, by, now = context.session, context.signed.person_id, context.portal.clock()
    ids = [each.id for each in going]
    for part in in_parts(ids):
        session.execute(delete(SpeakerPrivate).where(SpeakerPrivate.speaker_id.in_(part)))
        session.execute(delete(Speaker).where(Speaker.id.in_(part)))
    for each in ids:
        audit.record(session, at=now, actor=by, action="speaker.removed", subject=("speaker", each))


SPEAKERS = Undoing(_fates, _take_back, _lock)
