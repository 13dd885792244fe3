"""Transfers: the rows of uploads on their way, who may write, and how many bytes count."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, CursorResult, and_, func, literal_column, or_, select, update
from sqlalchemy.orm import Session

from catalog import audit
from catalog.config.sentence import Sentence
from catalog.database import Catalog
from catalog.ids import receipt_code
from catalog.legal_hold import is_held
from catalog.states import TransferPurpose, TransferState, moved
from catalog.tables import Speaker, Transfer, Upload
from portal.upload.limits import Sender, UploadLimits
from portal.upload.protocol import UploadRefused

# Written into the statement, not bound to it: only so is the partial index of live transfers found.
_state: ColumnElement[str] = literal_column("transfer.state")
_ARRIVING = _state == literal_column("'arriving'")


class Fenced(Exception):
    """Another request took this upload over: what this one still holds does not count any more."""


def begin(
    session: Session,
    *,
    transfer_id: str,
    sender: Sender,
    purpose: TransferPurpose,
    length: int,
    details: dict[str, str],
    speaker: Speaker | None,
    limits: UploadLimits,
    free_bytes: int,
    at: datetime,
) -> Transfer:
    """A new upload, if there is room for it, or the one that the same request began before. Raises UploadRefused.

    free_bytes: of the disk, now; those promised to other uploads are not free
    """
    consent_round = speaker.consent_round if speaker else 0
    if unanswered := _begun_unanswered(session, sender, length, details, consent_round, at):
        return unanswered
    _check_room(session, sender, length, limits, free_bytes, at)
    transfer = Transfer(
        id=transfer_id,
        project_id=sender.project_id,
        person_id=sender.person_id,
        purpose=purpose,
        length=length,
        offset=0,
        details=details,
        speaker_id=speaker.id if speaker else None,
        consent_round=consent_round,
        lock_token=0,
        state=TransferState.ARRIVING,
        created_at=at,
        expires_at=at + limits.lasts,
    )
    session.add(transfer)
    return transfer


def _begun_unanswered(
    session: Session,
    sender: Sender,
    length: int,
    details: dict[str, str],
    consent_round: int,
    at: datetime,
) -> Transfer | None:
    """An upload of the very same file that is begun and has no byte yet: the answer to its creation was lost, and the
    sender asks again. Without the file's hash nobody knows that it is the same."""
    if "sha256" not in details:
        return None
    without_bytes = session.scalars(
        select(Transfer).where(
            _ARRIVING,
            Transfer.person_id == sender.person_id,
            Transfer.project_id == sender.project_id,
            Transfer.length == length,
            Transfer.offset == 0,
            Transfer.consent_round == consent_round,
            Transfer.expires_at > at,
        )
    )
    return next((each for each in without_bytes if each.details == details), None)


def _check_room(
    session: Session, sender: Sender, length: int, limits: UploadLimits, free_bytes: int, at: datetime
) -> None:
    arriving = (_ARRIVING, Transfer.expires_at > at)
    own = session.scalar(
        select(func.count()).select_from(Transfer).where(*arriving, Transfer.person_id == sender.person_id)
    )
    if (own or 0) >= limits.open_per_person:
        raise UploadRefused(
            423,
            "too_many_open",
            Sentence(
                "too many files of yours are still on their way. Let some arrive, or drop some; then try again."
            ),
        )
    promised = session.scalar(select(func.sum(Transfer.length - Transfer.offset)).where(*arriving)) or 0
    if free_bytes - promised - length < limits.free_bytes:
        raise UploadRefused(
            507,
            "disk_full",
            Sentence(
                "The server has no room for this file now. It stays on your phone; try again later, "
                "and tell whoever runs the server."
            ),
        )


def find(catalog: Catalog, transfer_id: str, sender: Sender) -> Transfer:
    """An upload of this very person. Raises UploadRefused: somebody else's is as good as none."""
    with catalog.reading() as session:
        transfer = session.get(Transfer, transfer_id)
    if transfer is None or transfer.person_id != sender.person_id:
        raise UploadRefused(404, "no_such_upload", "There is no such upload.")
    return transfer


def is_of_withdrawn(catalog: Catalog, transfer: Transfer) -> bool:
    """Whether it was begun under a consent that was taken back since."""
    if transfer.speaker_id is None:
        return False
    with catalog.reading() as session:
        return session.get_one(Speaker, transfer.speaker_id).consent_round > transfer.consent_round


def fence(catalog: Catalog, transfer_id: str) -> None:
    """Let nobody count bytes any more: a process that writes finds out, and lets go."""
    with catalog.writing() as session:
        session.execute(
            update(Transfer)
            .where(Transfer.id == transfer_id, Transfer.state == TransferState.ARRIVING)
            .values(lock_token=Transfer.lock_token + 1)
        )


def take_lock(
    catalog: Catalog, transfer_id: str, *, at: datetime, lease: timedelta, lasts: timedelta
) -> Transfer:
    """Read an upload as the one who writes from now on; tokens before this one are void."""
    with catalog.writing() as session:
        transfer = session.get_one(Transfer, transfer_id, with_for_update=True)
        if transfer.state is TransferState.ARRIVING and transfer.expires_at > at:
            transfer.lock_token += 1
            transfer.locked_until = at + lease
            transfer.expires_at = at + lasts
    return transfer


def count(
    catalog: Catalog, transfer_id: str, *, token: int, offset: int, locked_until: datetime | None
) -> None:
    """Bytes up to `offset` are on the disk: from here on they are promised. Raises Fenced."""
    with catalog.writing() as session:
        _check_counted(
            session.execute(
                update(Transfer)
                .where(
                    Transfer.id == transfer_id,
                    Transfer.lock_token == token,
                    Transfer.state == TransferState.ARRIVING,
                    Transfer.offset <= offset,
                )
                .values(offset=offset, locked_until=locked_until)
            ),
            transfer_id,
        )


def complete(
    session: Session,
    transfer_id: str,
    *,
    token: int,
    upload_id: str | None = None,
    evidence_key: str | None = None,
) -> None:
    """The upload is whole and handed over, in the transaction of what it became. Raises Fenced."""
    transfer = session.get_one(Transfer, transfer_id, with_for_update=True)
    if transfer.lock_token != token or transfer.state is not TransferState.ARRIVING:
        raise Fenced(transfer_id)
    transfer.state = moved(transfer.state, TransferState.COMPLETE)
    transfer.upload_id = upload_id
    transfer.evidence_key = evidence_key
    transfer.locked_until = None


def terminate(catalog: Catalog, transfer_id: str, *, reason: str, actor: str, at: datetime) -> None:
    """Give an upload up. One that has ended, or became something, stays as it is."""
    with catalog.writing() as session:
        transfer = session.get_one(Transfer, transfer_id, with_for_update=True)
        if transfer.state is not TransferState.ARRIVING:
            return
        transfer.state = moved(transfer.state, TransferState.ENDED)
        transfer.lock_token += 1
        transfer.locked_until = None
        audit.record(
            session,
            at=at,
            actor=actor,
            action="transfer.ended",
            subject=("transfer", transfer_id),
            detail={"reason": reason, "offset": transfer.offset, "length": transfer.length},
        )


def receipt(catalog: Catalog, transfer: Transfer) -> str | None:
    """The code that tells a phone that it may free its copy; None while the upload is not whole."""
    if transfer.state is not TransferState.COMPLETE:
        return None
    if transfer.upload_id is None:
        return receipt_code(transfer.id)
    with catalog.reading() as session:
        return session.get_one(Upload, transfer.upload_id).receipt


def tokens(catalog: Catalog, transfer_ids: Sequence[str]) -> dict[str, int]:
    with catalog.reading() as session:
        rows = session.execute(select(Transfer.id, Transfer.lock_token).where(Transfer.id.in_(transfer_ids)))
        return {row.id: row.lock_token for row in rows}


def expired(catalog: Catalog, *, at: datetime) -> Sequence[str]:
    """Uploads that nobody went on with in time."""
    with catalog.reading() as session:
        return session.scalars(select(Transfer.id).where(_ARRIVING, Transfer.expires_at <= at)).all()


def fully_received(catalog: Catalog, *, at: datetime) -> Sequence[Transfer]:
    """Uploads of which every byte came, and that nobody is handing over."""
    with catalog.reading() as session:
        return session.scalars(
            select(Transfer).where(
                _ARRIVING,
                Transfer.offset == Transfer.length,
                Transfer.expires_at > at,
                or_(Transfer.locked_until.is_(None), Transfer.locked_until <= at),
            )
        ).all()


def needed(catalog: Catalog, transfer_ids: Sequence[str], *, at: datetime) -> frozenset[str]:
    """Of these, the ones whose file must stay: they arrive, or a legal hold keeps what came of them."""
    kept = and_(
        Transfer.state == TransferState.ENDED,
        Transfer.erased_at.is_(None),
        is_held(Transfer.speaker_id, at=at),
    )
    with catalog.reading() as session:
        return frozenset(
            session.scalars(
                select(Transfer.id).where(
                    Transfer.id.in_(transfer_ids), or_(Transfer.state == TransferState.ARRIVING, kept)
                )
            )
        )


def known(catalog: Catalog, transfer_id: str) -> bool:
    with catalog.reading() as session:
        return session.get(Transfer, transfer_id) is not None


def _check_counted(result: object, transfer_id: str) -> None:
    assert isinstance(result, CursorResult)
    if result.rowcount != 1:
        raise Fenced(transfer_id)
