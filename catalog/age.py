"""Age: who may say yes for themselves, who needs a guardian, and who is asked again at 18.

India's DPDP Act 2023, section 9: a child is who has not completed eighteen years; a parent or lawful guardian
consents in their place, verifiably.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from catalog import audit
from catalog.errors import UserError
from catalog.tables import ConsentEvent, RecordingSpeaker, Speaker, SpeakerPrivate

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
    """Why nobody may say yes for this speaker so; None where they may."""
    if not is_minor(speaker, today=today):
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
