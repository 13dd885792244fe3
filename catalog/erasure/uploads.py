"""Files of a voice as they were sent: accepted, rejected, duplicate, broken, waiting; and files on their way."""

from sqlalchemy import ColumnElement, case, delete, exists, literal, or_, select, update
from sqlalchemy.orm import Session

from catalog import audit
from catalog.consent import ConsentScope
from catalog.erasure.objects import Subject, erase_versions, note_erased, versions_of, write_down
from catalog.erasure.request import ErasureRequest
from catalog.keys import landing_key, partial_upload_name
from catalog.legal_hold import upload_is_held
from catalog.search_words import forget_words
from catalog.states import SearchKind, TransferState, UploadState
from catalog.stopping import WITHDRAWN_REASON
from catalog.store import StoredVersion
from catalog.tables import ErasedObject, Erasure, Speaker, Transfer, Upload, VerdictDue
from catalog.voices import forget_voice_of

PAGE = 200
"""Files of one transaction: each may need a request to the store."""
_WAITING = (UploadState.RECEIVED, UploadState.FAILED)


def own_uploads(request: ErasureRequest) -> tuple[ColumnElement[bool], ...]:
    """Those that came in with the voice before it was taken back."""
    return Upload.speaker_id == request.speaker_id, Upload.consent_round < request.round


def without_own_yes() -> ColumnElement[bool]:
    """A copy of somebody else's recording stays only with the consent of the speaker it was sent for."""
    consenting = exists(
        select(Speaker.id).where(
            Speaker.id == Upload.speaker_id,
            Speaker.consent_round == Upload.consent_round,
            Speaker.consent_scopes.like(f"% {ConsentScope.TRANSCRIPTION} %"),
        )
    )
    return or_(Upload.speaker_id.is_(None), ~consenting)


def copies_without_own_yes(request: ErasureRequest) -> tuple[ColumnElement[bool], ...]:
    """The same bytes as anything erased of the voice, sent for nobody, or for somebody who has not said yes."""
    of_the_voice = exists(
        select(ErasedObject.key)
        .join(Erasure, Erasure.id == ErasedObject.erasure_id)
        .where(Erasure.speaker_id == request.speaker_id, ErasedObject.sha256 == Upload.sha256)
    )
    return (
        Upload.project_id == request.project_id,
        of_the_voice,
        without_own_yes(),
        or_(Upload.speaker_id.is_(None), Upload.speaker_id != request.speaker_id),
    )


def erase_uploads(request: ErasureRequest, *which: ColumnElement[bool]) -> int:
    """Destroy the bytes of these uploads, their names and remarks. Returns how many versions of objects that were.

    Those that brought a voice under a legal hold stay, whoever else's erasure reaches them.
    """
    objects, after = 0, ""
    while True:
        wanted = (*which, Upload.erased_at.is_(None), ~upload_is_held(at=request.at), Upload.id > after)
        with request.catalog.reading() as session:
            page = session.execute(
                select(Upload.id, Upload.sha256).where(*wanted).order_by(Upload.id).limit(PAGE)
            ).all()
        if not page:
            return objects
        found = [
            (Subject("upload", row.id, row.sha256), version)
            for row in page
            for version in versions_of(request.store, landing_key(row.id))
        ]
        objects += erase_versions(request.catalog, request.store, request.erasure_id, found)
        with request.catalog.writing() as session:
            for row in page:
                _forget_upload(session, request, row.id)
        after = page[-1].id


def _forget_upload(session: Session, request: ErasureRequest, upload_id: str) -> None:
    waits = Upload.state.in_(_WAITING)
    note_erased(session, request.erasure_id, upload_id, at=request.at)
    session.execute(
        update(Upload)
        .where(Upload.id == upload_id)
        .values(
            name=literal("erased ") + Upload.id,
            detail=None,
            prompt=None,
            failure=None,
            landing_key=None,
            erased_at=request.at,
            reason=case((waits, WITHDRAWN_REASON), else_=Upload.reason),
            state=case((waits, UploadState.REJECTED), else_=Upload.state),
        ),
        execution_options={"synchronize_session": False},
    )
    forget_words(session, SearchKind.UPLOAD, [upload_id])
    forget_voice_of(session, [upload_id])
    session.execute(
        delete(VerdictDue).where(VerdictDue.upload_id == upload_id),
        execution_options={"synchronize_session": False},
    )
    audit.record(
        session,
        at=request.at,
        actor=request.actor,
        action="upload.erased",
        subject=("upload", upload_id),
        detail={"erasure": request.erasure_id},
    )


def erase_transfers(request: ErasureRequest) -> int:
    """Destroy what came of files on their way, and what their senders wrote of them. Returns how many held bytes."""
    held, after = 0, ""
    while True:
        with request.catalog.reading() as session:
            page = session.scalars(
                select(Transfer)
                .where(
                    Transfer.speaker_id == request.speaker_id,
                    Transfer.consent_round < request.round,
                    Transfer.state != TransferState.ARRIVING,
                    Transfer.erased_at.is_(None),
                    Transfer.id > after,
                )
                .order_by(Transfer.id)
                .limit(PAGE)
            ).all()
        if not page:
            return held
        for transfer in page:
            held += _drop_partial(request, transfer)
        with request.catalog.writing() as session:
            for transfer in page:
                _forget_transfer(session, request, transfer)
        after = page[-1].id


def _drop_partial(request: ErasureRequest, transfer: Transfer) -> int:
    """The file on the portal's own disk; on another machine the portal's sweep drops it within a minute."""
    if transfer.state is not TransferState.ENDED or transfer.offset == 0:
        return 0
    version = StoredVersion(f"partial/{transfer.id}", "", transfer.offset, request.at)
    with request.catalog.writing() as session:
        write_down(session, request.erasure_id, [(Subject("partial upload", transfer.id), version)])
    if request.rules.partial_uploads is not None:
        (request.rules.partial_uploads / partial_upload_name(transfer.id)).unlink(missing_ok=True)
    return 1


def _forget_transfer(session: Session, request: ErasureRequest, transfer: Transfer) -> None:
    note_erased(session, request.erasure_id, transfer.id, at=request.at)
    row = session.get_one(Transfer, transfer.id, with_for_update=True)
    row.details = {}
    row.erased_at = request.at
