"""Legal holds: an order to keep a voice's bytes. Nobody hears them meanwhile; they are destroyed when it ends."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from catalog import audit
from catalog.errors import UserError
from catalog.ids import new_id
from catalog.tables import LegalHold, Recording, RecordingSpeaker, Speaker, Upload

LONGEST = 500
"""Letters of what is written down of an order."""
BY_DATE = "its day"
"""The actor of a hold that ended by itself."""


class InvalidHold(UserError):
    """A legal hold that can't be placed or ended so."""


@dataclass(frozen=True, slots=True)
class HoldOrder:
    """An order as it was received. until: None for one that stands until somebody ends it"""

    ordered_by: str
    because: str
    until: datetime | None = None


def end_of_day(day: date) -> datetime:
    """The last moment of a day, in UTC: an order counts its last day whole.

    >>> end_of_day(date(2027, 3, 31)).isoformat()
    '2027-03-31T23:59:59.999999+00:00'
    """
    return datetime.combine(day, time.max, UTC)


def place(
    session: Session, order: HoldOrder, *, project_id: str, speaker_id: str | None, by: str, at: datetime
) -> LegalHold:
    """Stop the erasure of a voice's bytes, or of a whole project's, from this transaction on. Raises InvalidHold.

    speaker_id: None for every voice of the project, those that come later too
    """
    ordered_by, because = order.ordered_by.strip(), order.because.strip()
    for name, text in (("who ordered it", ordered_by), ("why", because)):
        if not 0 < len(text) <= LONGEST:
            raise InvalidHold(
                f"a legal hold says {name} in 1 to {LONGEST} letters, given {len(text)}.\n"
                "Write the court or authority and the order's number, and what it is about."
            )
    if order.until is not None and order.until <= at:
        raise InvalidHold(
            f"a legal hold ends on a day to come, given {order.until:%Y-%m-%d}.\n"
            "Give a later day, or none: it then stands until somebody ends it."
        )
    hold = LegalHold(
        id=new_id("hold"),
        project_id=project_id,
        speaker_id=speaker_id,
        ordered_by=ordered_by,
        because=because,
        until=order.until,
        placed_by=by,
        placed_at=at,
    )
    session.add(hold)
    session.flush()
    _note(session, hold, "hold.placed", by=by, at=at)
    return hold


def end(session: Session, hold_id: str, *, project_id: str, by: str, at: datetime) -> LegalHold:
    """Lift a hold: what waited is destroyed by the next run of the flows. Again changes nothing. Raises InvalidHold."""
    hold = session.get(LegalHold, hold_id, with_for_update=True)
    if hold is None or hold.project_id != project_id:
        raise InvalidHold(
            f"project {project_id} has no legal hold {hold_id}. See `boli consent holds -P {project_id}`."
        )
    if hold.ended_at is None:
        hold.ended_at, hold.ended_by = at, by
        _note(session, hold, "hold.ended", by=by, at=at)
    return hold


def end_expired(session: Session, *, project_id: str, at: datetime) -> int:
    """Write down which holds came to their day, at that day. Returns how many."""
    expired = session.scalars(
        select(LegalHold)
        .where(LegalHold.project_id == project_id, LegalHold.ended_at.is_(None), LegalHold.until <= at)
        .order_by(LegalHold.id)
        .with_for_update()
    ).all()
    for hold in expired:
        hold.ended_at = hold.until
        _note(session, hold, "hold.ended", by=BY_DATE, at=at)
    return len(expired)


def in_force(at: datetime) -> ColumnElement[bool]:
    """The SQL condition that a hold stops erasure now: neither ended by somebody nor past its day."""
    return and_(LegalHold.ended_at.is_(None), or_(LegalHold.until.is_(None), LegalHold.until > at))


def holds_on(session: Session, speaker: Speaker, *, at: datetime) -> Sequence[LegalHold]:
    """The holds that a voice is under now, its own and its project's, the one that ends last first."""
    return holds_by_speaker(session, speaker.project_id, [speaker.id], at=at)[speaker.id]


def holds_by_speaker(
    session: Session, project_id: str, speaker_ids: Collection[str], *, at: datetime
) -> dict[str, list[LegalHold]]:
    """The same for many voices of one project. One query."""
    found = session.scalars(
        select(LegalHold)
        .where(
            in_force(at),
            LegalHold.project_id == project_id,
            or_(LegalHold.speaker_id.in_(speaker_ids), LegalHold.speaker_id.is_(None)),
        )
        .order_by(LegalHold.placed_at, LegalHold.id)
    ).all()
    longest = sorted(found, key=lambda hold: (hold.until is None, hold.until or hold.placed_at), reverse=True)
    return {each: [hold for hold in longest if hold.speaker_id in (each, None)] for each in speaker_ids}


def holds_of(session: Session, project_id: str, *, most: int = 200) -> Sequence[tuple[LegalHold, str | None]]:
    """Every hold of a project with the pseudonym of its voice; those in force first, then the newest."""
    rows = session.execute(
        select(LegalHold, Speaker.pseudonym)
        .outerjoin(Speaker, Speaker.id == LegalHold.speaker_id)
        .where(LegalHold.project_id == project_id)
        .order_by(LegalHold.ended_at.is_not(None), LegalHold.placed_at.desc(), LegalHold.id)
        .limit(most)
    )
    return [(hold, pseudonym) for hold, pseudonym in rows]


def is_held(
    speaker_id: InstrumentedAttribute[str] | InstrumentedAttribute[str | None], *, at: datetime
) -> ColumnElement[bool]:
    """The SQL condition that the voice of that id is under a hold."""
    speaker = aliased(Speaker)
    return exists(
        select(LegalHold.id)
        .join(
            speaker,
            and_(
                speaker.project_id == LegalHold.project_id,
                or_(LegalHold.speaker_id.is_(None), LegalHold.speaker_id == speaker.id),
            ),
        )
        .where(speaker.id == speaker_id, in_force(at))
    )


def recording_is_held(recording_id: InstrumentedAttribute[str], *, at: datetime) -> ColumnElement[bool]:
    """The SQL condition that a voice of that recording is under a hold: all of the recording then stays."""
    voice = aliased(RecordingSpeaker)
    return exists(
        select(voice.speaker_id).where(voice.recording_id == recording_id, is_held(voice.speaker_id, at=at))
    )


def upload_is_held(*, at: datetime) -> ColumnElement[bool]:
    """The SQL condition that an upload brought a voice that is under a hold: the sender's, or one it became."""
    made = aliased(Recording)
    became = exists(select(made.id).where(made.upload_id == Upload.id, recording_is_held(made.id, at=at)))
    return or_(is_held(Upload.speaker_id, at=at), became)


def _note(session: Session, hold: LegalHold, action: str, *, by: str, at: datetime) -> None:
    subject = ("speaker", hold.speaker_id) if hold.speaker_id else ("project", hold.project_id)
    audit.record(
        session,
        at=at,
        actor=by,
        action=action,
        subject=subject,
        detail={
            "hold": hold.id,
            "ordered_by": hold.ordered_by,
            "because": hold.because,
            "until": hold.until.isoformat() if hold.until else None,
        },
    )
