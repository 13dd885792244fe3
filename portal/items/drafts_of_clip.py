"""Draft texts of a clip, as lines of its page: by which model, and whose list brought them."""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.tables import AuditEvent, MachineDraft, Person
from portal.http.pages import _
from portal.items.happenings import ItemEvent
from transcription.drafts.draft_rows import BY_LIST

MOST = 50


def of_drafts(session: Session, clip_id: str, *, usable: bool) -> Iterator[ItemEvent]:
    """The newest that there are; their words where these may be read."""
    drafts = session.execute(
        select(MachineDraft.at, MachineDraft.model, MachineDraft.text)
        .where(MachineDraft.clip_id == clip_id, MachineDraft.fault.is_(None))
        .order_by(MachineDraft.at.desc(), MachineDraft.id)
        .limit(MOST)
    ).all()
    by_list = any(model.startswith(BY_LIST) for _at, model, _text in drafts)
    brought_by = _brought_by(session, clip_id) if by_list else {}
    for at, model, text in drafts:
        said = text if text and usable else None
        yield ItemEvent(
            at, _("draft text by %(model)s"), {"model": model}, who=brought_by.get(model), said=said
        )


def _brought_by(session: Session, clip_id: str) -> dict[str, str]:
    """Handles of those whose lists brought drafts, by model; a recogniser's are nobody's."""
    acts = session.execute(
        select(AuditEvent.detail, Person.handle)
        .join(Person, Person.id == AuditEvent.actor)
        .where(
            AuditEvent.subject_kind == "clip",
            AuditEvent.subject_id == clip_id,
            AuditEvent.action == "clip.drafted",
        )
        .order_by(AuditEvent.id.desc())
        .limit(MOST)
    )
    found: dict[str, str] = {}
    for detail, handle in acts:
        found.setdefault(detail["model"], handle)
    return found
