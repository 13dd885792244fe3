"""What follows a withdrawal: the sound is destroyed, and published versions lose the voice."""

from dataclasses import dataclass

from sqlalchemy import select

from catalog.erasure import ErasedSound, ErasureRules, erase_voices
from catalog.erasure.request import Progress
from catalog.errors import UserError
from catalog.tables import Release
from flows.steps.scratch import scratch_folder
from flows.workspace import Workspace
from releases.erase import Erased, erase

ACTOR = "flow:collect"


@dataclass(frozen=True, slots=True)
class ErasedReport:
    """sound: of originals and clips; versions: of each dataset, rows taken out of its published versions"""

    sound: ErasedSound
    versions: tuple[Erased, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing waited to be destroyed."""
        return not (self.sound.voices or any(each.rows or each.given_up for each in self.versions))


def erase_withdrawn(
    workspace: Workspace, *, actor: str = ACTOR, progress: Progress | None = None
) -> ErasedReport:
    """Destroy what is left of voices whose consent was taken back. Stopped half-way, the next run goes on.

    Raises StoreError, RedactionUnderWay where another run is at it.
    """
    now = workspace.now()
    with scratch_folder(workspace.scratch, "erase"):
        pass  # what killed steps left there of any voice is gone
    sound = erase_voices(
        workspace.catalog,
        workspace.store,
        project_id=workspace.project.name,
        rules=ErasureRules(
            partial_uploads=workspace.partial_uploads,
            erases_evidence=workspace.project.consent.evidence_after_withdrawal == "erase",
        ),
        actor=actor,
        at=now,
        progress=progress,
    )
    return ErasedReport(sound, _erase_versions(workspace, actor=actor))


def _erase_versions(workspace: Workspace, *, actor: str) -> tuple[Erased, ...]:
    """Of every dataset that was ever published, also of one that the project's file no longer names.

    One that can't be redacted now stops no other. Raises then what the first of them raised.
    """
    named = [rules.name for rules in workspace.project.releases]
    with workspace.catalog.reading() as session:
        published = session.scalars(
            select(Release.name).where(Release.project_id == workspace.project.name).distinct()
        ).all()
    done: list[Erased] = []
    failed: list[UserError] = []
    for dataset in dict.fromkeys([*named, *sorted(published)]):
        try:
            done.append(
                erase(
                    workspace.catalog,
                    workspace.store,
                    dataset,
                    now=workspace.now(),
                    actor=actor,
                    scratch=workspace.scratch,
                )
            )
        except UserError as error:
            failed.append(error)
    if failed:
        raise failed[0]
    return tuple(done)
