"""Age: who may say yes for themselves, who needs a guardian, and who is asked again at 18.

India's DPDP Act 2023, section 9: a child is who has not completed eighteen years; a parent or lawful guardian
consents in their place, verifiably.
"""

import calendar
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from catalog import audit
from catalog.audit_archive.still_asked import AGE_SETTLED
from catalog.errors import UserError
from catalog.tables import AuditEvent, ConsentEvent, RecordingSpeaker, Speaker, SpeakerPrivate

OF_AGE = 18
RELATIONS = ("mother", "father", "grandparent", "other_guardian")
PROOFS = ("known", "document_seen", "school", "council")
"""How it was seen that a guardian is one: known to whoever asked, a document that was looked at and not kept, the
word of the school, or of the village council."""
Relation = Literal["mother", "father", "grandparent", "other_guardian"]
Proof = Literal["known", "document_seen", "school", "council"]
AgeRefusal = Literal["minors_not_allowed", "guardian_missing"]
LONGEST = 80
_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")


class NotOfAge(UserError):
    """Somebody under 18 would be asked as if they were not, or where the project takes no children."""


@dataclass(frozen=True, slots=True)
class Guardian:
    """Who says yes for a child. name: kept apart, as the speaker's own"""

    name: str
    relation: Relation
    verified: Proof

    def __post_init__(self) -> None:
        if not 0 < len(self.name.strip()) <= LONGEST:
            raise NotOfAge(f"a guardian has a name of 1 to {LONGEST} letters, given {len(self.name)}.")
        if self.relation not in RELATIONS or self.verified not in PROOFS:
            raise NotOfAge(
                f"a guardian is one of {', '.join(RELATIONS)}, verified by one of {', '.join(PROOFS)}, "
                f"given {self.relation!r} and {self.verified!r}."
            )


def youngest(band: str) -> int:
    """
    >>> youngest("18-24"), youngest("60+")
    (18, 60)
    """
    return int(band.rstrip("+").partition("-")[0])


def is_minor_band(band: str) -> bool:
    """Whether some of that age may not yet agree for themselves."""
    return youngest(band) < OF_AGE


def of_age_on(month_of_birth: str) -> date | None:
    """The first day on which somebody born in that month is surely 18; None where it is no month.

    >>> of_age_on("2010-02")
    datetime.date(2028, 2, 29)
    >>> of_age_on("2010-13")
    """
    found = _MONTH.fullmatch(month_of_birth)
    if found is None:
        return None
    year, month = int(found[1]) + OF_AGE, int(found[2])
    return date(year, month, calendar.monthrange(year, month)[1])


def is_minor(speaker: Speaker, *, today: date) -> bool:
    """By the month of birth where it is known, else by the band of age."""
    if speaker.of_age_on is not None:
        return today < speaker.of_age_on
    return speaker.age_band is not None and is_minor_band(speaker.age_band)


def refusal_of(
    speaker: Speaker, guardian: Guardian | None, *, minors_allowed: bool, today: date
) -> AgeRefusal | None:
    """Why nobody may say yes for this speaker so; None where they may. Who is only said to be a child counts as one."""
    if not is_minor(speaker, today=today) and not speaker.guardian_yes_due:
        return None
    if not minors_allowed:
        return "minors_not_allowed"
    return "guardian_missing" if guardian is None else None


def check_may_say_yes(
    speaker: Speaker, guardian: Guardian | None, *, minors_allowed: bool, today: date
) -> None:
    """Raises NotOfAge, in an operator's words."""
    match refusal_of(speaker, guardian, minors_allowed=minors_allowed, today=today):
        case "minors_not_allowed":
            raise NotOfAge(
                f"{speaker.pseudonym} is under {OF_AGE}, and this project takes no children.\n"
                "Write `minors: true` under `consent:` in the project's file if it may."
            )
        case "guardian_missing":
            raise NotOfAge(
                f"{speaker.pseudonym} is under {OF_AGE}: a parent or guardian says yes in their place.\n"
                "Give --guardian, --relation and --verified."
            )


def note_guardian(session: Session, speaker_id: str, guardian: Guardian) -> None:
    """Keep who said yes, apart from all else, as the speaker's own name is."""
    row = session.get(SpeakerPrivate, speaker_id)
    if row is None:
        row = SpeakerPrivate(speaker_id=speaker_id)
        session.add(row)
    row.guardian = " ".join(guardian.name.split())
    row.guardian_relation, row.guardian_verified = guardian.relation, guardian.verified


def note_correction(session: Session, speaker: Speaker, *, was_child: bool, by: str, at: datetime) -> None:
    """Let what is known now of a speaker's age decide whether their yes is enough.

    An adult who turns out to be a child said yes themselves, and a guardian has to: until one did nobody hears the
    voice, and no version has it. Nothing is destroyed. Where it turns out that they are none, the yes holds again.
    A child who turns out to be none had a guardian say yes, and is asked themselves, as one who comes of age.
    was_child: before the correction
    """
    is_child = is_minor(speaker, today=at.date())
    if is_child and not was_child:
        _hold(session, speaker, by=by, at=at)
    elif not is_child and was_child and speaker.guardian_yes_due:
        settle_age(session, speaker, by=by, at=at)
    elif not is_child and was_child and speaker.consent_scopes:
        speaker.adult_yes_due = True
        audit.record(session, at=at, actor=by, action="speaker.own_yes_due", subject=("speaker", speaker.id))


def settle_age(session: Session, speaker: Speaker, *, by: str, at: datetime) -> None:
    """A person says that a speaker is no child: their own yes holds again, whatever a list says. Raises NotOfAge."""
    if is_minor(speaker, today=at.date()):
        raise NotOfAge(
            f"{speaker.pseudonym} is under {OF_AGE} by what is written down. Correct their age first."
        )
    if not speaker.guardian_yes_due:
        return
    speaker.guardian_yes_due = False
    audit.record(session, at=at, actor=by, action=AGE_SETTLED, subject=("speaker", speaker.id))


def hold_children(
    session: Session, project_id: str, pseudonyms: Sequence[str], *, by: str, at: datetime
) -> Sequence[str]:
    """Hold those who said yes as adults and of whom a list says that they are children. Returns who is held, by name.

    What is known of them stays: it is for a person to settle, and what a person has settled a list doesn't change.
    pseudonyms: at most a few hundred
    """
    settled = exists().where(
        AuditEvent.subject_kind == "speaker",
        AuditEvent.subject_id == Speaker.id,
        AuditEvent.action == AGE_SETTLED,
    )
    named = session.scalars(
        select(Speaker)
        .where(
            Speaker.project_id == project_id,
            Speaker.pseudonym.in_(pseudonyms),
            Speaker.consent_scopes != "",
            Speaker.guardian_yes_due | ~settled,
        )
        .order_by(Speaker.pseudonym)
        .with_for_update()
    ).all()
    for speaker in named:
        if not is_minor(speaker, today=at.date()):
            _hold(session, speaker, by=by, at=at)
    return [speaker.pseudonym for speaker in named if speaker.guardian_yes_due]


def hold(session: Session, speaker_id: str, *, by: str, at: datetime) -> bool:
    """Let nobody hear a voice whose own yes is not enough, until a guardian said yes. Returns whether it is so now."""
    speaker = session.get(Speaker, speaker_id, with_for_update=True)
    if speaker is None or not speaker.consent_scopes:
        return False
    _hold(session, speaker, by=by, at=at)
    return True


def _hold(session: Session, speaker: Speaker, *, by: str, at: datetime) -> None:
    if not speaker.consent_scopes or speaker.guardian_yes_due:
        return
    speaker.guardian_yes_due = True
    audit.record(session, at=at, actor=by, action="speaker.guardian_due", subject=("speaker", speaker.id))


def ask_again_at_18(session: Session, project_id: str, *, today: date, by: str, at: datetime) -> int:
    """Mark who came of age and has not been asked themselves since. Returns how many are new.

    Their sound is kept, and work on it goes on; no new version of a dataset takes it until they have said yes.
    """
    came_of_age = session.scalars(
        select(Speaker)
        .where(
            Speaker.project_id == project_id,
            Speaker.of_age_on <= today,
            Speaker.adult_yes_due.is_(False),
            Speaker.consent_scopes != "",
        )
        .order_by(Speaker.id)
        .with_for_update()
    ).all()
    count = 0
    for speaker in came_of_age:
        said = session.scalar(select(func.max(ConsentEvent.at)).where(ConsentEvent.speaker_id == speaker.id))
        if said is not None and speaker.of_age_on is not None and said.date() < speaker.of_age_on:
            speaker.adult_yes_due = True
            count += 1
            audit.record(
                session, at=at, actor=by, action="speaker.came_of_age", subject=("speaker", speaker.id)
            )
    return count


def awaits_adult_yes(recording_id: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """The SQL condition that a voice of that recording came of age, and was not asked themselves yet."""
    given, speaker = aliased(RecordingSpeaker), aliased(Speaker)
    return exists(
        select(given.speaker_id)
        .join(speaker, speaker.id == given.speaker_id)
        .where(given.recording_id == recording_id, speaker.adult_yes_due)
    )
