"""Taking in a file: the receipt is given when the bytes are durable, and the same file gets the same receipt."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import literal, select, update
from sqlalchemy.orm import Session

from catalog import audit, consent
from catalog.audit_archive.still_asked import FILE_RECEIVED
from catalog.database import Catalog
from catalog.erasure.late import erasure_of_late, note_refused
from catalog.ids import content_id, receipt_code
from catalog.keys import landing_key
from catalog.search_words import index_words
from catalog.speakers import SpeakerFacts, register_speaker, speaker_id_of
from catalog.states import RecordingState, SearchKind, UploadState
from catalog.store import ObjectStore
from catalog.tables import Erasure, LanguageRow, ProjectRow, Recording, Speaker, Upload

UNREADABLE = "unreadable"
"""In place of a digest, where the bytes can't be had."""


@dataclass(frozen=True, slots=True)
class ArrivingFile:
    """A file with what its sender says of it.

    name:    as the sender calls it, unique among what one sender sends
    sha256:  of its bytes; None where they can't be read
    sent_by: the person who sent it; None where a flow found it
    prompt:  what the speaker was asked, as set/prompt of configs/prompts
    """

    name: str
    size: int
    sha256: str | None
    language: str | None
    speaker: SpeakerFacts | None
    sent_by: str | None = None
    prompt: str | None = None


@dataclass(frozen=True, slots=True)
class UploadReceipt:
    """The receipt of an upload, as the sender gets it.

    code: short enough to read out over the phone
    new:  False where this very file was received before, under this name
    erased: its voice was taken back: nothing of it is kept, and nothing need be sent
    """

    upload_id: str
    code: str
    new: bool
    erased: bool = False


def register_project(
    session: Session, *, project_id: str, title: str, languages: dict[str, str], at: datetime
) -> None:
    """Have the rows that everything else refers to.

    languages: English names by code
    """
    if session.get(ProjectRow, project_id) is None:
        session.add(ProjectRow(id=project_id, title=title, created_at=at))
    known = set(session.scalars(select(LanguageRow.code).where(LanguageRow.code.in_(languages))))
    session.add_all(
        LanguageRow(code=code, name=name) for code, name in languages.items() if code not in known
    )
    session.flush()


def upload_id_of(project_id: str, name: str, sha256: str | None, erased_before: int = 0) -> str:
    """erased_before: how often this very file was sent and erased; with a new yes it may come again"""
    again = (erased_before,) if erased_before else ()
    return content_id("upload", project_id, name, sha256 or UNREADABLE, *again)


def find_upload(
    session: Session, project_id: str, name: str, sha256: str | None, *, pseudonym: str | None
) -> tuple[str, Upload | None]:
    """The id of a file, and its row where it came before; one that is gone counts until its speaker says yes again.

    pseudonym: whom it is sent for now
    """
    speaker = session.get(Speaker, speaker_id_of(project_id, pseudonym)) if pseudonym else None
    erased_before = 0
    while True:
        upload_id = upload_id_of(project_id, name, sha256, erased_before)
        row = session.get(Upload, upload_id)
        if row is None or not is_gone(session, row) or speaker is None or not speaker.consent_scopes:
            return upload_id, row
        erased_before += 1


def is_gone(session: Session, upload: Upload) -> bool:
    """Whether its bytes were erased after a withdrawal, or are about to be."""
    if upload.erased_at is not None:
        return True
    speaker = session.get(Speaker, upload.speaker_id) if upload.speaker_id else None
    return speaker is not None and speaker.consent_round > upload.consent_round


def receive(
    catalog: Catalog,
    store: ObjectStore,
    *,
    project_id: str,
    arriving: ArrivingFile,
    path: Path,
    sender: str,
    at: datetime,
    settle: Callable[[Session, str], None] | None = None,
) -> UploadReceipt:
    """Keep a file and give its receipt. Sending the same again gives the same receipt and keeps nothing twice.

    A receipt is for bytes that can be read now: a file that was known and is nowhere in the store is stored again. Only
    the file of a voice that was taken back is not kept; its receipt says so (`erased`).

    path:   the bytes on this machine, compared with arriving.sha256 on the way to the store
    sender: a person's id, or the flow that found it
    settle: called with the upload's id in the transaction that holds the receipt, new or not: what it writes
            and the receipt are there together, or neither
    Raises StoreError, CatalogUnavailable: then nothing was promised, and the sender sends again.
    """
    pseudonym = arriving.speaker.pseudonym if arriving.speaker else None
    with catalog.reading() as session:
        upload_id, known = find_upload(
            session, project_id, arriving.name, arriving.sha256, pseudonym=pseudonym
        )
        late = known is None and _erasure(session, project_id, arriving) is not None
        gone = known is not None and is_gone(session, known)
        key = _key_of(session, known) if known else landing_key(upload_id)
    if key is not None and not late and not _is_there(store, key, arriving.size):
        store.put_file(key, path, sha256=arriving.sha256)
    if known is not None and settle is None:
        return UploadReceipt(upload_id, receipt_code(upload_id), new=False, erased=gone)

    def record(session: Session) -> tuple[bool, bool]:
        there = session.get(Upload, upload_id)  # another sender may have been quicker with the same file
        if there is None:
            _free_name(session, project_id, arriving)
            upload = _record(session, project_id, arriving, upload_id, sender, at, state=UploadState.RECEIVED)
            erasure = _erasure(session, project_id, arriving, lock=True)
            if erasure is not None:
                note_refused(session, erasure, upload, at=at)
        if settle is not None:
            session.flush()
            settle(session, upload_id)
        session.flush()
        return there is None, is_gone(session, there or upload)

    new, erased = catalog.write(record)
    if new and erased:  # the withdrawal came while the bytes were on their way
        store.delete(landing_key(upload_id))
    return UploadReceipt(upload_id, receipt_code(upload_id), new=new, erased=erased)


def _free_name(session: Session, project_id: str, arriving: ArrivingFile) -> None:
    """The same file of an earlier yes, which waits to be erased, loses its name to the one that comes now."""
    session.execute(
        update(Upload)
        .where(
            Upload.project_id == project_id,
            Upload.name == arriving.name,
            Upload.sha256 == (arriving.sha256 or UNREADABLE),
        )
        .values(name=literal("erased ") + Upload.id),
        execution_options={"synchronize_session": False},
    )


def _erasure(
    session: Session, project_id: str, arriving: ArrivingFile, *, lock: bool = False
) -> Erasure | None:
    """The erasure that the file belongs to, where it comes too late.

    lock: no withdrawal of the speaker comes between this look and the end of the transaction
    """
    speaker = None
    if arriving.speaker is not None:
        speaker = session.get(
            Speaker,
            speaker_id_of(project_id, arriving.speaker.pseudonym),
            with_for_update={"read": True} if lock else None,
            populate_existing=lock,
        )
    return erasure_of_late(session, project_id=project_id, speaker=speaker, sha256=arriving.sha256)


def _key_of(session: Session, upload: Upload) -> str | None:
    """Where the bytes of a known upload must lie; None where they are not to be kept."""
    if is_gone(session, upload):
        return None
    if upload.state is UploadState.INGESTED:
        recording = session.get(Recording, upload.recording_id)
        if (
            recording is None
            or recording.state is RecordingState.WITHDRAWN
            or recording.erased_at is not None
        ):
            return None
        return recording.key
    return upload.landing_key


def _is_there(store: ObjectStore, key: str, size: int) -> bool:
    found = store.head(key)
    return found is not None and found.size == size


def record_refused(
    catalog: Catalog,
    *,
    project_id: str,
    arriving: ArrivingFile,
    reason: str,
    detail: str,
    sender: str,
    at: datetime,
) -> UploadReceipt:
    """Note a file that is not taken in, so that it is counted and named in the report.

    reason: its code, such as unreadable or too_large
    """
    upload_id = upload_id_of(project_id, arriving.name, arriving.sha256)

    def record(session: Session) -> bool:
        new = session.get(Upload, upload_id) is None
        if new:
            upload = _record(session, project_id, arriving, upload_id, sender, at, state=UploadState.REJECTED)
            upload.landing_key = None
            upload.reason = reason
            upload.detail = detail
        return new

    return UploadReceipt(upload_id, receipt_code(upload_id), new=catalog.write(record))


def _record(
    session: Session,
    project_id: str,
    arriving: ArrivingFile,
    upload_id: str,
    sender: str,
    at: datetime,
    *,
    state: UploadState,
) -> Upload:
    speaker = (
        register_speaker(session, project_id=project_id, facts=arriving.speaker, actor=sender, at=at)
        if arriving.speaker
        else None
    )
    upload = Upload(
        id=upload_id,
        project_id=project_id,
        name=arriving.name,
        sha256=arriving.sha256 or UNREADABLE,
        size=arriving.size,
        receipt=receipt_code(upload_id),
        landing_key=landing_key(upload_id),
        language=arriving.language,
        speaker_id=speaker.id if speaker else None,
        consent_round=consent.arrival_round(speaker) if speaker else 0,
        sent_by=arriving.sent_by,
        prompt=arriving.prompt,
        state=state,
        received_at=at,
    )
    session.add(upload)
    index_words(session, project_id, SearchKind.UPLOAD, upload_id, arriving.name)
    audit.record(
        session,
        at=at,
        actor=sender,
        action=FILE_RECEIVED,
        subject=("upload", upload_id),
        # without its name, which may say whose voice it is
        detail={
            "project": project_id,
            "size": arriving.size,
            "sha256": arriving.sha256,
        },
    )
    return upload
