"""Changes by a list: what an import changed of speakers who were known before, kept so that it can be set back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from catalog.imports import UNDO_WITHIN
from catalog.legal_hold import is_held
from catalog.parts import in_parts
from catalog.speakers import SINGLE_FACTS, SpeakerFacts, facts_in
from catalog.tables import ImportChange, ListImport, Speaker, SpeakerPrivate

BY_LIST = "import"
"""Where an act of the log says by which list a speaker was written anew, or set back."""
FACTS = (*SINGLE_FACTS, "other_languages")


@dataclass(frozen=True, slots=True)
class SpeakerValues:
    """What is known of a speaker: facts, what is private, and of a child the first day on which they are surely 18."""

    facts: SpeakerFacts
    name: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)
    of_age_on: date | None = None

    @staticmethod
    def of(speaker: Speaker, private: SpeakerPrivate | None) -> "SpeakerValues":
        name, phone = (private.name, private.phone) if private else (None, None)
        return SpeakerValues(facts_in(speaker), name, phone, speaker.of_age_on)


@dataclass(frozen=True, slots=True)
class SpeakerChange:
    """What a list changed of one speaker. consent_round: theirs, as the list came"""

    speaker_id: str
    consent_round: int
    before: SpeakerValues
    after: SpeakerValues


@dataclass(frozen=True, slots=True)
class ChangeOfKnown:
    """A change that a list made, beside the speaker as they are known now."""

    change: ImportChange
    speaker: Speaker
    private: SpeakerPrivate | None

    @property
    def now(self) -> SpeakerValues:
        return SpeakerValues.of(self.speaker, self.private)

    @property
    def before(self) -> SpeakerValues:
        """What is known now, but for what the list changed: that is as it was."""
        change, now = self.change, self.now
        facts = {name: _from_json(value) for name, value in change.facts_before.items()}
        has_name, has_phone, has_day = _private_changed(change)
        return SpeakerValues(
            replace(now.facts, **facts),
            change.name_before if has_name else now.name,
            change.phone_before if has_phone else now.phone,
            change.of_age_on_before if has_day else now.of_age_on,
        )

    @property
    def stands(self) -> bool:
        """Whether all that the list changed is still as it left it."""
        change, now = self.change, self.now
        has_name, has_phone, has_day = _private_changed(change)
        return (
            all(getattr(now.facts, name) == _from_json(to) for name, to in change.facts_after.items())
            and (not has_name or now.name == change.name_after)
            and (not has_phone or now.phone == change.phone_after)
            and (not has_day or now.of_age_on == change.of_age_on_after)
        )

    @property
    def is_of_earlier_yes(self) -> bool:
        """Whether the voice took its consent back since."""
        return self.speaker.consent_round != self.change.consent_round


def lock_known(session: Session, ids: Iterable[str]) -> None:
    """Lock those speakers, with name and phone, always in one order; who is not known is left out."""
    parts = in_parts(sorted(set(ids)))
    for key in (Speaker.id, SpeakerPrivate.speaker_id):
        for part in parts:
            session.execute(select(key).where(key.in_(part)).order_by(key).with_for_update()).all()


def note_changes(session: Session, import_id: str, changes: Sequence[SpeakerChange]) -> None:
    """Keep what a list changed, in the transaction that changes it; the import itself is noted before."""
    session.flush()  # the import, to which the rows refer
    session.add_all(_row(import_id, each) for each in changes)


def changes_of(session: Session, import_id: str) -> list[ChangeOfKnown]:
    """What a list changed of speakers who are still there, by pseudonym. One query."""
    rows = session.execute(
        select(ImportChange, Speaker, SpeakerPrivate)
        .join(Speaker, Speaker.id == ImportChange.speaker_id)
        .outerjoin(SpeakerPrivate, SpeakerPrivate.speaker_id == Speaker.id)
        .where(ImportChange.import_id == import_id)
        .order_by(Speaker.pseudonym)
    )
    return [ChangeOfKnown(*row) for row in rows.tuples()]


def changed_by(session: Session, import_id: str) -> Sequence[str]:
    """Ids of the speakers whom a list changed."""
    query = select(ImportChange.speaker_id).where(ImportChange.import_id == import_id)
    return session.scalars(query.order_by(ImportChange.speaker_id)).all()


def forget_old_changes(session: Session, project_id: str, *, at: datetime) -> int:
    """Let go what lists changed that can't be taken back any more, but for voices under a legal hold. How many."""
    old = select(ListImport.id).where(ListImport.project_id == project_id, ListImport.at < at - UNDO_WITHIN)
    gone = session.execute(
        delete(ImportChange)
        .where(ImportChange.import_id.in_(old), ~is_held(ImportChange.speaker_id, at=at))
        .returning(ImportChange.speaker_id),
        execution_options={"synchronize_session": False},
    )
    return len(gone.all())


def changes_of_voice(session: Session, speaker_id: str, *, before_round: int) -> int:
    """How many lists changed something of a voice before it took its consent back."""
    found = select(func.count()).where(
        ImportChange.speaker_id == speaker_id, ImportChange.consent_round < before_round
    )
    return session.scalar(found) or 0


def forget_changes_of_voice(session: Session, speaker_id: str, *, before_round: int) -> None:
    """Let go what lists changed of a voice before it took its consent back."""
    session.execute(
        delete(ImportChange).where(
            ImportChange.speaker_id == speaker_id, ImportChange.consent_round < before_round
        ),
        execution_options={"synchronize_session": False},
    )


def _row(import_id: str, change: SpeakerChange) -> ImportChange:
    before, after = change.before, change.after
    names = [name for name in FACTS if getattr(before.facts, name) != getattr(after.facts, name)]
    has_name, has_phone = before.name != after.name, before.phone != after.phone
    has_day = before.of_age_on != after.of_age_on
    return ImportChange(
        import_id=import_id,
        speaker_id=change.speaker_id,
        consent_round=change.consent_round,
        facts_before={name: getattr(before.facts, name) for name in names},
        facts_after={name: getattr(after.facts, name) for name in names},
        name_before=before.name if has_name else None,
        name_after=after.name if has_name else None,
        phone_before=before.phone if has_phone else None,
        phone_after=after.phone if has_phone else None,
        of_age_on_before=before.of_age_on if has_day else None,
        of_age_on_after=after.of_age_on if has_day else None,
    )


def _private_changed(change: ImportChange) -> tuple[bool, bool, bool]:
    """Whether a list changed name, phone, and the day on which a child is 18."""
    return (
        change.name_before != change.name_after,
        change.phone_before != change.phone_after,
        change.of_age_on_before != change.of_age_on_after,
    )


def _from_json(value: Any) -> Any:
    """Other languages are a list there, and a tuple in the facts."""
    return tuple(value) if isinstance(value, list) else value
