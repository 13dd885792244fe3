"""One erasure under way: what is to be destroyed, by whom, and where it goes on."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from catalog.database import Catalog
from catalog.store import ObjectStore
from catalog.tables import Erasure, Speaker

Progress = Callable[[int, int, str], None]
"""Called with how many are done, how many there are, and what they are."""


@dataclass(frozen=True, slots=True)
class ErasureRules:
    """partial_uploads: the portal's folder of files on their way, where it is on this machine
    erases_evidence: whether the spoken or signed yes goes too
    """

    partial_uploads: Path | None = None
    erases_evidence: bool = False


@dataclass(frozen=True, slots=True)
class ErasureRequest:
    """An erasure of one voice, with what its steps need. round: everything given in an earlier one is destroyed"""

    catalog: Catalog
    store: ObjectStore
    erasure_id: str
    project_id: str
    speaker_id: str
    round: int
    rules: ErasureRules
    actor: str
    at: datetime

    def speaker(self, session: Session) -> Speaker:
        return session.get_one(Speaker, self.speaker_id)

    @staticmethod
    def of(
        erasure: Erasure,
        catalog: Catalog,
        store: ObjectStore,
        rules: ErasureRules,
        *,
        actor: str,
        at: datetime,
    ) -> "ErasureRequest":
        return ErasureRequest(
            catalog=catalog,
            store=store,
            erasure_id=erasure.id,
            project_id=erasure.project_id,
            speaker_id=erasure.speaker_id,
            round=erasure.round,
            rules=rules,
            actor=actor,
            at=at,
        )
