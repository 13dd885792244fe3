"""Taking in a file: the receipt is given when the bytes are durable, and the same file gets the same receipt."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog import audit
from catalog.database import Catalog
from catalog.ids import content_id, receipt_code
from catalog.keys import landing_key
from catalog.speakers import SpeakerFacts, register_speaker
from catalog.states import UploadState
from catalog.store import ObjectStore
from catalog.tables import LanguageRow, ProjectRow, Upload


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
    """

    upload_id: str
    code: str
    new: bool


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


def upload_id_of(project_id: str, name: str, sha256: str | None) -> str:
    return content_id("upload", project_id, name, sha256 or "unreadable")


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

    path:   the bytes on this machine, compared with arriving.sha256 on the way to the store
    sender: a person's id, or the flow that found it
    settle: called with the upload's id in the transaction that holds the receipt, new or not: what it writes
            and the receipt are there together, or neither
    Raises StoreError, CatalogUnavailable: then nothing was promised, and the sender sends again.
    """
    upload_id = upload_id_of(project_id, arriving.name, arriving.sha256)
    with catalog.reading() as session:
        known = session.get(Upload, upload_id) is not None
    key = landing_key(upload_id)
    if known and settle is None:
        return UploadReceipt(upload_id, receipt_code(upload_id), new=False)
    if not known:
        store.put_file(key, path, sha256=arriving.sha256)

    def record(session: Session) -> bool:
        new = session.get(Upload, upload_id) is None  # else another sender was quicker with the same file
        if new:
            _record(session, project_id, arriving, upload_id, key, sender, at, state=UploadState.RECEIVED)
        if settle is not None:
            session.flush()
            settle(session, upload_id)
        return new

    return UploadReceipt(upload_id, receipt_code(upload_id), new=catalog.write(record))


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
            upload = _record(
                session, project_id, arriving, upload_id, None, sender, at, state=UploadState.REJECTED
            )
            upload.reason = reason
            upload.detail = detail
        return new

    return UploadReceipt(upload_id, receipt_code(upload_id), new=catalog.write(record))


def _record(
    session: Session,
    project_id: str,
    arriving: ArrivingFile,
    upload_id: str,
    key: str | None,
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
        sha256=arriving.sha256 or "unreadable",
        size=arriving.size,
        receipt=receipt_code(upload_id),
        landing_key=key,
        language=arriving.language,
        speaker_id=speaker.id if speaker else None,
        sent_by=arriving.sent_by,
        prompt=arriving.prompt,
        state=state,
        received_at=at,
    )
    session.add(upload)
    audit.record(
        session,
        at=at,
        actor=sender,
        action="upload.received",
        subject=("upload", upload_id),
        detail={
            "project": project_id,
            "name": arriving.name,
            "size": arriving.size,
            "sha256": arriving.sha256,
        },
    )
    return upload
