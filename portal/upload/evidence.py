"""Evidence of a consent that came as an upload: what `catalog.consent.grant` keeps of it."""

from dataclasses import dataclass
from pathlib import PurePosixPath

from sqlalchemy.orm import Session

from catalog.states import TransferPurpose, TransferState
from catalog.tables import Transfer


@dataclass(frozen=True, slots=True)
class ConsentEvidence:
    """key: where it is kept in the store"""

    key: str
    sha256: str


def evidence_of(session: Session, transfer_id: str, *, person_id: str) -> ConsentEvidence | None:
    """The spoken or photographed consent that this very person sent; None where there is none, or not all of it.

    transfer_id: the last part of the upload's address
    """
    transfer = session.get(Transfer, transfer_id)
    if (
        transfer is None
        or transfer.person_id != person_id
        or transfer.purpose is not TransferPurpose.CONSENT
        or transfer.state is not TransferState.COMPLETE
        or transfer.evidence_key is None
    ):
        return None
    return ConsentEvidence(transfer.evidence_key, PurePosixPath(transfer.evidence_key).stem)
