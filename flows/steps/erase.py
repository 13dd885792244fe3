"""What follows a withdrawal: the sound is destroyed, and published versions lose the voice."""

from dataclasses import dataclass

from catalog.erasure import ErasedSound, ErasureRules, erase_voices
from catalog.erasure.request import Progress
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
    versions = tuple(
        erase(workspace.catalog, workspace.store, rules.name, now=now, actor=actor, scratch=workspace.scratch)
        for rules in workspace.project.releases
    )
    return ErasedReport(sound, versions)
