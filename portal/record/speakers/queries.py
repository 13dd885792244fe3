"""The project's speakers as a coordinator sees them: found, met, written down, written anew."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from catalog import audit
from catalog.age import OF_AGE, is_minor_band, settle_age
from catalog.audit_archive.still_asked import SPEAKER_WRITTEN_DOWN
from catalog.consent import ConsentScope
from catalog.speakers import SpeakerFacts, facts_in, register_speaker, revise_speaker, speaker_id_of
from catalog.states import RecordingState
from catalog.tables import AuditEvent, Erasure, Person, Recording, RecordingSpeaker, Speaker, SpeakerPrivate
from portal.record.speakers.form import PrivateFacts, short_name

PAGE = 50


class PseudonymTaken(Exception):
    """Another speaker of the project is called so. suggestion: a pseudonym that is free"""

    def __init__(self, suggestion: str) -> None:
        super().__init__(suggestion)
        self.suggestion = suggestion


@dataclass(frozen=True, slots=True)
class SpeakerLine:
    """A speaker in a list.

    met_by: handle of whoever wrote them down; own: whether that is the reader
    consents: to being recorded and listened to
    withdrawn_at: when they took their consent back, where that is their last word
    of_age_on: of a child, the first day on which they are surely 18; adult_yes_due: they are to be asked themselves
    guardian_yes_due: they said yes themselves, and turned out to be a child: a guardian is to be asked
    """

    id: str
    pseudonym: str
    language: str | None
    gender: str | None
    age_band: str | None
    district: str | None
    met_by: str | None
    own: bool
    consents: bool
    withdrawn_at: datetime | None
    created_at: datetime
    of_age_on: date | None
    adult_yes_due: bool
    guardian_yes_due: bool

    def is_minor(self, today: date) -> bool:
        """By the month of birth where it is known, else by the band of age; so is who is only said to be a child."""
        if self.guardian_yes_due:
            return True
        if self.of_age_on is not None:
            return today < self.of_age_on
        return self.age_band is not None and is_minor_band(self.age_band)

    @property
    def short(self) -> str:
        return short_name(self.pseudonym)


@dataclass(frozen=True, slots=True)
class SpeakerPage:
    """Some speakers, and the id of the last where there are more; None at the end."""

    lines: Sequence[SpeakerLine]
    following: str | None


def find_speakers(
    session: Session, project_id: str, reader: str, *, like: str = "", after: str = "", most: int = PAGE
) -> SpeakerPage:
    """Who is to be asked again, for their age; then own speakers, then the colleagues'; the newest first.

    like:  part of a pseudonym or district
    after: id of the last speaker of the page before; one that is nobody's begins anew
    """
    query = _LINES.where(Speaker.project_id == project_id)
    for word in like.split()[:5]:
        pattern = f"%{word.replace('%', '').replace('_', '')}%"
        query = query.where(Speaker.pseudonym.ilike(pattern) | Speaker.district.ilike(pattern))
    own, others = Speaker.registered_by == reader, Speaker.registered_by.is_distinct_from(reader)
    # a group a query, each in the order of an index of its own
    adult, guardian = Speaker.adult_yes_due.is_(True), Speaker.guardian_yes_due.is_(True)
    groups = ((adult,), (~adult, guardian), (~adult, ~guardian, own), (~adult, ~guardian, others))
    last = session.get(Speaker, after) if after else None
    begin = 0 if last is None or last.project_id != project_id else _group_of(last, reader)
    rows: list[Row[Any]] = []
    for number, conditions in enumerate(groups):
        if number < begin or len(rows) > most:
            continue
        part = query.where(*conditions)
        if last is not None and number == begin:
            older = (Speaker.created_at == last.created_at) & (Speaker.pseudonym < last.pseudonym)
            part = part.where((Speaker.created_at < last.created_at) | older)
        newest_first = part.order_by(Speaker.created_at.desc(), Speaker.pseudonym.desc())
        rows += session.execute(newest_first.limit(most + 1 - len(rows))).all()
    lines = [_line(row, reader) for row in rows[:most]]
    return SpeakerPage(lines, lines[-1].id if len(rows) > most else None)


def _group_of(speaker: Speaker, reader: str) -> int:
    """In which part of the list a speaker stands."""
    if speaker.adult_yes_due:
        return 0
    if speaker.guardian_yes_due:
        return 1
    return 2 if speaker.registered_by == reader else 3


def speaker_line(session: Session, project_id: str, speaker_id: str, reader: str) -> SpeakerLine | None:
    """None where the project has no such speaker."""
    row = session.execute(
        _LINES.where(Speaker.project_id == project_id, Speaker.id == speaker_id)
    ).one_or_none()
    return _line(row, reader) if row else None


def taken_back(session: Session, project_id: str, *, most: int) -> dict[str, datetime]:
    """When each of the speakers whose last word is no said it, the latest first: what a phone must hear of at once."""
    return dict(
        session.execute(
            select(Speaker.id, Erasure.requested_at)
            .join(Erasure, (Erasure.speaker_id == Speaker.id) & (Erasure.round == Speaker.consent_round))
            .where(Speaker.project_id == project_id, Speaker.consent_scopes == "")
            .order_by(Erasure.requested_at.desc(), Speaker.id)
            .limit(most)
        )
        .tuples()
        .all()
    )


def facts_of(session: Session, speaker_id: str) -> SpeakerFacts:
    return facts_in(session.get_one(Speaker, speaker_id))


def month_of_birth(session: Session, speaker_id: str) -> str:
    """Of a child, as its form takes it; empty where it is not known."""
    day = session.get_one(Speaker, speaker_id).of_age_on
    return f"{day.year - OF_AGE:04}-{day.month:02}" if day else ""


def private_of(session: Session, speaker_id: str) -> tuple[PrivateFacts, str | None]:
    """Name and phone, and the guardian's name. Called for the speaker's own page alone."""
    row = session.get(SpeakerPrivate, speaker_id)
    return (PrivateFacts(row.name, row.phone), row.guardian) if row else (PrivateFacts(), None)


def write_down(
    session: Session,
    project_id: str,
    facts: SpeakerFacts,
    private: PrivateFacts,
    *,
    key: str,
    by: str,
    at: datetime,
    of_age_on: date | None = None,
) -> str:
    """A new speaker's id. Sent again with the same key it is the same speaker. Raises PseudonymTaken.

    key: what the sender's phone calls this act, so that a lost reply makes nobody twice
    """
    speaker_id = speaker_id_of(project_id, facts.pseudonym)
    if session.get(Speaker, speaker_id) is not None:
        if _key_of(session, speaker_id) == key:
            return speaker_id
        raise PseudonymTaken(next_pseudonym(session, project_id, facts.district or "", like=facts.pseudonym))
    speaker = register_speaker(session, project_id=project_id, facts=facts, actor=by, at=at, registered_by=by)
    speaker.of_age_on = of_age_on
    if private != PrivateFacts():
        session.add(SpeakerPrivate(speaker_id=speaker_id, name=private.name, phone=private.phone))
    audit.record(
        session,
        at=at,
        actor=by,
        action=SPEAKER_WRITTEN_DOWN,
        subject=("speaker", speaker_id),
        detail={"key": key},
    )
    return speaker_id


def write_anew(
    session: Session,
    speaker_id: str,
    facts: SpeakerFacts,
    private: PrivateFacts | None,
    *,
    by: str,
    at: datetime,
    of_age_on: date | None = None,
    is_surely_adult: bool = False,
    because: Mapping[str, str | bool] | None = None,
) -> None:
    """What is known now. private: None where the writer may not see it

    is_surely_adult: the writer knows it, although a list says otherwise
    because: what the log says beside: by which list
    """
    revise_speaker(
        session, speaker_id=speaker_id, facts=facts, actor=by, at=at, of_age_on=of_age_on, because=because
    )
    if is_surely_adult and of_age_on is None:
        settle_age(session, session.get_one(Speaker, speaker_id), by=by, at=at)
    if private is None or private == private_of(session, speaker_id)[0]:
        return
    row = session.get(SpeakerPrivate, speaker_id)
    if row is None:
        session.add(SpeakerPrivate(speaker_id=speaker_id, name=private.name, phone=private.phone))
    else:
        row.name, row.phone = private.name, private.phone
    audit.record(
        session,
        at=at,
        actor=by,
        action="speaker.private_revised",
        subject=("speaker", speaker_id),
        detail=dict(because or {}),
    )


def next_pseudonym(session: Session, project_id: str, district: str, *, like: str = "") -> str:
    """The next free one of a district, such as DUM-014; or of those that begin as `like` does."""
    beginning = like.rpartition("-")[0] if re.fullmatch(r".+-[0-9]+", like) else beginning_of(district)
    taken = session.scalars(
        select(Speaker.pseudonym).where(
            Speaker.project_id == project_id,
            func.upper(Speaker.pseudonym).startswith(beginning, autoescape=True),
        )
    )
    numbers = [
        int(match.group(1))
        for each in taken
        if (match := re.fullmatch(rf"{re.escape(beginning)}-([0-9]{{1,6}})", each.upper()))
    ]
    return f"{beginning}-{max(numbers, default=0) + 1:03}"


def beginning_of(district: str) -> str:
    """
    >>> beginning_of("Dumka"), beginning_of("దుమ్కా")
    ('DUM', 'SPK')
    """
    plain = unicodedata.normalize("NFKD", district).encode("ascii", "ignore").decode()
    letters = re.sub("[^A-Za-z]", "", plain).upper()
    return letters[:3] if len(letters) >= 3 else "SPK"


def districts(session: Session, project_id: str) -> Sequence[str]:
    """Those that speakers of the project live or grew up in, the most frequent first."""
    return [
        district
        for district, _ in session.execute(
            select(Speaker.district, func.count())
            .where(Speaker.project_id == project_id, Speaker.district.is_not(None))
            .group_by(Speaker.district)
            .order_by(func.count().desc(), Speaker.district)
            .limit(100)
        )
        if district is not None
    ]


@dataclass(frozen=True, slots=True)
class Given:
    """What a speaker has given so far. seconds: of recordings that are not refused or taken back"""

    recordings: int
    seconds: float


def given_by(session: Session, speaker_id: str) -> Given:
    out = (RecordingState.REJECTED, RecordingState.WITHDRAWN)
    count, seconds = session.execute(
        select(func.count(), func.sum(Recording.samples * 1.0 / Recording.sample_rate))
        .join(RecordingSpeaker, RecordingSpeaker.recording_id == Recording.id)
        .where(RecordingSpeaker.speaker_id == speaker_id, Recording.state.not_in(out))
    ).one()
    return Given(count, float(seconds or 0))


_LINES = (
    select(
        Speaker.id,
        Speaker.pseudonym,
        Speaker.language,
        Speaker.gender,
        Speaker.age_band,
        Speaker.district,
        Person.handle,
        Speaker.registered_by,
        Speaker.consent_scopes,
        Speaker.created_at,
        Erasure.requested_at,
        Speaker.of_age_on,
        Speaker.adult_yes_due,
        Speaker.guardian_yes_due,
    )
    .outerjoin(Person, Person.id == Speaker.registered_by)
    .outerjoin(
        Erasure,
        (Erasure.speaker_id == Speaker.id)
        & (Erasure.round == Speaker.consent_round)
        & (Speaker.consent_scopes == ""),
    )
)


def _line(row: Row[Any], reader: str) -> SpeakerLine:
    return SpeakerLine(
        id=row.id,
        pseudonym=row.pseudonym,
        language=row.language,
        gender=row.gender,
        age_band=row.age_band,
        district=row.district,
        met_by=row.handle,
        own=row.registered_by == reader,
        consents=f" {ConsentScope.TRANSCRIPTION.value} " in row.consent_scopes and not row.guardian_yes_due,
        withdrawn_at=row.requested_at,
        created_at=row.created_at,
        of_age_on=row.of_age_on,
        adult_yes_due=row.adult_yes_due,
        guardian_yes_due=row.guardian_yes_due,
    )


def _key_of(session: Session, speaker_id: str) -> str | None:
    detail = session.scalar(
        select(AuditEvent.detail).where(
            AuditEvent.action == SPEAKER_WRITTEN_DOWN,
            AuditEvent.subject_kind == "speaker",
            AuditEvent.subject_id == speaker_id,
        )
    )
    return str(detail.get("key")) if detail else None
