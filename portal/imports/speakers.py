"""Taking back speakers of a list: who was never asked, recorded or put right since is removed, with name and phone.

Who was known before the list is again what they were before it, where nothing was changed since.
"""

from collections.abc import Collection, Sequence

from sqlalchemy import delete, select

from catalog import audit
from catalog.import_changes import BY_LIST, ChangeOfKnown, changed_by, changes_of, lock_known
from catalog.imports import undone_imports, uses_of
from catalog.parts import in_parts
from catalog.tables import AuditEvent, ImportChange, Speaker, SpeakerPrivate
from portal.imports.fates import FactSetBack, ImportContext, ItemFate, StayReason, Undoing, first_reason
from portal.record.speakers.form import PrivateFacts
from portal.record.speakers.queries import write_anew

_REASONS = {
    **dict.fromkeys(("upload", "recording_speaker", "transfer"), StayReason.RECORDED),
    **dict.fromkeys(("consent_event", "consent_receipt", "erasure"), StayReason.CONSENTED),
}
_CHANGES = ("speaker.revised", "speaker.private_revised")


def _lock(context: ImportContext) -> None:
    """A recording, a yes, a no or a change that comes in meanwhile waits, and then finds nobody, or what was before."""
    lock_known(context.session, [*context.found.items, *changed_by(context.session, context.found.id)])


def _fates(context: ImportContext) -> Sequence[ItemFate]:
    known = changes_of(context.session, context.found.id)
    changed_since = _changed_since(context, [*context.found.items, *(each.speaker.id for each in known)])
    of_known = [_of_known(each, changed_since) for each in known if _facts_set_back(each.change)]
    return sorted([*_of_brought(context, changed_since), *of_known], key=lambda each: each.name)


def _of_brought(context: ImportContext, changed_since: Collection[str]) -> Sequence[ItemFate]:
    session, found = context.session, context.found
    there = [
        row
        for part in in_parts(found.items if found.undone_at is None else list(found.stayed))
        for row in session.execute(select(Speaker.id, Speaker.pseudonym).where(Speaker.id.in_(part)))
    ]
    uses = uses_of(session, Speaker.id, [row.id for row in there], but=(SpeakerPrivate, ImportChange))
    return [
        ItemFate(
            row.id,
            row.pseudonym,
            f"/manage/speakers/{row.id}",
            first_reason(uses[row.id], _REASONS, StayReason.NAMED)
            or (StayReason.CHANGED if row.id in changed_since else None),
        )
        for row in there
    ]


def _of_known(each: ChangeOfKnown, changed_since: Collection[str]) -> ItemFate:
    if each.is_of_earlier_yes:
        return _fate(each, StayReason.WITHDRAWN)
    if each.speaker.id in changed_since or not each.stands:
        return _fate(each, StayReason.CHANGED)
    return _fate(each, None)


def _fate(each: ChangeOfKnown, stays: StayReason | None) -> ItemFate:
    return ItemFate(
        each.speaker.id,
        each.speaker.pseudonym,
        f"/manage/speakers/{each.speaker.id}",
        stays,
        _facts_set_back(each.change),
    )


def _facts_set_back(change: ImportChange) -> tuple[FactSetBack, ...]:
    facts = [
        FactSetBack(name, _shown(left), _shown(change.facts_before[name]))
        for name, left in change.facts_after.items()
    ]
    private = (
        ("born", change.of_age_on_before, change.of_age_on_after),
        ("name", change.name_before, change.name_after),
        ("phone", change.phone_before, change.phone_after),
    )
    return (
        *facts,
        *(FactSetBack(name, is_private=True) for name, before, after in private if before != after),
    )


def _shown(value: str | Sequence[str] | None) -> str:
    return (value or "") if isinstance(value, str | None) else ", ".join(value)


def _changed_since(context: ImportContext, ids: Sequence[str]) -> set[str]:
    """Speakers whose facts a person has written anew since: nothing that was typed is thrown away.

    What a later list changed is no such thing once that list was taken back.
    """
    query = select(AuditEvent.subject_id, AuditEvent.detail).where(
        AuditEvent.subject_kind == "speaker",
        AuditEvent.action.in_(_CHANGES),
        AuditEvent.at > context.found.at,
    )
    acts = [
        row
        for part in in_parts(ids)
        for row in context.session.execute(query.where(AuditEvent.subject_id.in_(part)))
    ]
    if not acts:
        return set()
    undone = undone_imports(context.session, context.found.project_id)
    return {row.subject_id for row in acts if row.detail.get(BY_LIST) not in undone}


def _take_back(context: ImportContext, going: Sequence[ItemFate]) -> None:
    brought = set(context.found.items)
    _remove(context, [each.id for each in going if each.id in brought])
    _set_back(context, {each.id for each in going if each.id not in brought})


def _remove(context: ImportContext, ids: Sequence[str]) -> None:
    session, by, now = context.session, context.signed.person_id, context.portal.clock()
    for part in in_parts(ids):
        session.execute(delete(SpeakerPrivate).where(SpeakerPrivate.speaker_id.in_(part)))
        session.execute(delete(ImportChange).where(ImportChange.speaker_id.in_(part)))
        session.execute(delete(Speaker).where(Speaker.id.in_(part)))
    for each in ids:
        audit.record(session, at=now, actor=by, action="speaker.removed", subject=("speaker", each))


def _set_back(context: ImportContext, ids: Collection[str]) -> None:
    session, found = context.session, context.found
    for each in changes_of(session, found.id):
        if each.speaker.id in ids:
            before = each.before
            write_anew(
                session,
                each.speaker.id,
                before.facts,
                PrivateFacts(before.name, before.phone),
                by=context.signed.person_id,
                at=context.portal.clock(),
                of_age_on=before.of_age_on,
                because={BY_LIST: found.id, "undone": True},
            )
            each.speaker.of_age_on = before.of_age_on  # which a form can't empty for a child


def _was_set_back(context: ImportContext) -> Sequence[ItemFate]:
    return [
        _fate(each, None)
        for each in changes_of(context.session, context.found.id)
        if each.speaker.id not in context.found.stayed
    ]


SPEAKERS = Undoing(_fates, _take_back, _lock, _was_set_back)
