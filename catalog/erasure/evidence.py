"""The spoken or signed yes, after it was taken back: kept as proof that there was one, or destroyed, by project rule.

Evidence that no yes rests on (it arrived, and nobody wrote the yes down) is a voice like any other: always destroyed.
"""

from sqlalchemy import ColumnElement, Select, exists, select, update
from sqlalchemy.orm import Session, aliased

from catalog.erasure.objects import Subject, erase_versions, note_erased, versions_of
from catalog.erasure.request import ErasureRequest
from catalog.tables import ConsentEvent, Erasure, Transfer

IN_STORE = "consents/%"
ERASED = "erased"


def erase_evidence(request: ErasureRequest) -> int:
    """How many versions of objects were destroyed."""
    objects = 0
    for subject_id, key in due_evidence(request):
        subject = Subject("evidence", subject_id, _digest_in(key))
        found = [(subject, each) for each in versions_of(request.store, key)]
        objects += erase_versions(request.catalog, request.store, request.erasure_id, found)
        with request.catalog.writing() as session:
            _forget(session, request, subject_id, key)
    return objects


def due_evidence(request: ErasureRequest) -> list[tuple[str, str]]:
    """What is to be destroyed: the event or transfer, and its key in the store."""
    with request.catalog.reading() as session:
        due = [(row.id, str(row.evidence_key)) for row in session.execute(_unused(request))]
        if request.rules.erases_evidence:
            due += [(row.id, row.evidence) for row in session.execute(_taken_back(request))]
    return due


def kept_evidence(session: Session, erasure: Erasure) -> list[tuple[str, str]]:
    """What is still in the store of the yeses that this withdrawal took back: event and key."""
    return [(event, key) for event, key in session.execute(_of_events(erasure.consent_event_id))]


def _of_events(withdrawal_id: str) -> Select[tuple[str, str]]:
    withdrawal, event = aliased(ConsentEvent), aliased(ConsentEvent)
    return (
        select(event.id, event.evidence)
        .join(
            withdrawal,
            (withdrawal.speaker_id == event.speaker_id) & (event.number < withdrawal.number),
        )
        .where(withdrawal.id == withdrawal_id, event.evidence.like(IN_STORE))
        .order_by(event.number)
    )


def _taken_back(request: ErasureRequest) -> Select[tuple[str, str]]:
    """Of those, what nobody else's yes rests on, nor a later one of the same speaker."""
    withdrawal = (
        select(ConsentEvent.number)
        .join(Erasure, Erasure.consent_event_id == ConsentEvent.id)
        .where(Erasure.id == request.erasure_id)
        .scalar_subquery()
    )
    event, other = aliased(ConsentEvent), aliased(ConsentEvent)
    return (
        select(event.id, event.evidence)
        .where(
            event.speaker_id == request.speaker_id,
            event.number < withdrawal,
            event.evidence.like(IN_STORE),
            ~exists(
                select(other.id).where(
                    other.evidence == event.evidence,
                    (other.speaker_id != event.speaker_id) | (other.number > withdrawal),
                )
            ),
        )
        .order_by(event.number)
    )


def _unused(request: ErasureRequest) -> Select[tuple[str, str | None]]:
    rests: ColumnElement[bool] = exists(
        select(ConsentEvent.id).where(ConsentEvent.evidence == Transfer.evidence_key)
    )
    return (
        select(Transfer.id, Transfer.evidence_key)
        .where(
            Transfer.speaker_id == request.speaker_id,
            Transfer.consent_round < request.round,
            Transfer.evidence_key.is_not(None),
            ~rests,
        )
        .order_by(Transfer.id)
    )


def _forget(session: Session, request: ErasureRequest, subject_id: str, key: str) -> None:
    note_erased(session, request.erasure_id, subject_id, at=request.at)
    for statement in (
        update(Transfer).where(Transfer.evidence_key == key).values(evidence_key=None),
        update(ConsentEvent).where(ConsentEvent.evidence == key).values(evidence=ERASED),
    ):
        session.execute(statement, execution_options={"synchronize_session": False})


def _digest_in(key: str) -> str | None:
    """consents/<sha256>.<ending>"""
    name = key.rpartition("/")[2].partition(".")[0]
    return name or None
