"""The finaliser: a whole file becomes an upload with a receipt, or evidence of a consent, once for all askings."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from catalog import audit
from catalog.database import Catalog
from catalog.keys import consent_key
from catalog.receiving import ArrivingFile, receive
from catalog.speakers import SpeakerFacts
from catalog.states import TransferPurpose
from catalog.store import Damaged, ObjectStore
from catalog.tables import Transfer
from portal.upload import transfers, verdicts_due
from portal.upload.description import Description, describe
from portal.upload.limits import UploadLimits
from portal.upload.partial_uploads import PartFile, PartialUploads
from portal.upload.protocol import CHECKSUM_MISMATCH, Hash, UploadRefused


@dataclass(frozen=True, slots=True)
class Finaliser:
    """Where whole files go."""

    catalog: Catalog
    store: ObjectStore
    partial_uploads: PartialUploads
    limits: UploadLimits
    clock: Callable[[], datetime]

    def finish(self, transfer: Transfer, part: PartFile, *, token: int, digest: Hash | None) -> None:
        """Hand a whole file over and free its disk here.

        part:   its file, held by the caller
        digest: SHA-256 of all of it as it came; None reads it again
        Raises UploadRefused (460) where the bytes are not those that were sent: the upload ends, and is sent again.
        Raises StoreError, CatalogUnavailable, OSError: nothing is lost, the next request tries again. Raises Fenced.
        """
        description = describe(transfer.details, name_letters=self.limits.name_letters)
        sha256 = (digest or _read(part)).hexdigest()
        if description.sha256 is not None and description.sha256 != sha256:
            self._refuse(transfer, description, "its SHA-256 is not the one that the sender reckoned")
        try:
            if transfer.purpose is TransferPurpose.RECORDING:
                self._receive(transfer, part, description, sha256, token)
            else:
                self._keep_consent(transfer, part, description, sha256, token)
        except Damaged:
            self._refuse(transfer, description, "the disk gave back other bytes than it was given")
        self.partial_uploads.drop(transfer.id)

    def _receive(
        self, transfer: Transfer, part: PartFile, description: Description, sha256: str, token: int
    ) -> None:
        def settle(session: Session, upload_id: str) -> None:
            transfers.complete(session, transfer.id, token=token, upload_id=upload_id)
            verdicts_due.expect(session, upload_id, at=self.clock())

        arriving = ArrivingFile(
            name=description.name,
            size=transfer.length,
            sha256=sha256,
            language=description.language,
            speaker=SpeakerFacts(description.speaker) if description.speaker else None,
            sent_by=transfer.person_id,
            prompt=description.prompt,
        )
        receive(
            self.catalog,
            self.store,
            project_id=transfer.project_id,
            arriving=arriving,
            path=part.path,
            sender=transfer.person_id,
            at=self.clock(),
            settle=settle,
        )

    def _keep_consent(
        self, transfer: Transfer, part: PartFile, description: Description, sha256: str, token: int
    ) -> None:
        key = consent_key(sha256, description.ending)
        self.store.put_file(key, part.path, sha256=sha256)
        with self.catalog.writing() as session:
            transfers.complete(session, transfer.id, token=token, evidence_key=key)
            audit.record(
                session,
                at=self.clock(),
                actor=transfer.person_id,
                action="consent.evidence_received",
                subject=("transfer", transfer.id),
                detail={"project": transfer.project_id, "key": key, "size": transfer.length},
            )

    def _refuse(self, transfer: Transfer, description: Description, why: str) -> None:
        transfers.terminate(
            self.catalog,
            transfer.id,
            reason="checksum_mismatch",
            actor=transfer.person_id,
            at=self.clock(),
        )
        self.partial_uploads.drop(transfer.id)
        raise UploadRefused(
            CHECKSUM_MISMATCH,
            "checksum_mismatch",
            f"{description.name} did not arrive as it was sent: {why}. It is dropped here; "
            "send it again from its beginning.",
        )


def _read(part: PartFile) -> Hash:
    digest = Hash("sha256")
    for piece in part.pieces():
        digest.feed(piece)
    return digest
