"""What follows a withdrawal: the sound is destroyed, and published versions lose the voice."""

from dataclasses import dataclass

from catalog.erasure import ErasedSound, erase_sound
from flows.workspace import Workspace
from releases.erase import Erased, erase

ACTOR = "flow:collect"


@dataclass(frozen=True, slots=True)
class ErasedReport:
    """sound: of originals and clips; versions: rows taken out of each published version"""

    sound: ErasedSound
    versions: Erased

    @property
    def is_empty(self) -> bool:
        """Whether nothing waited to be destroyed."""
        return not (self.sound.objects or self.versions.rows or self.versions.given_up)


def erase_withdrawn(workspace: Workspace, *, actor: str = ACTOR) -> ErasedReport:
    """Destroy what is left of voices whose consent was taken back. Stopped half-way, the next run goes on.

    Raises StoreError, RedactionUnderWay where another run is at it.
    """
    now = workspace.now()
    return ErasedReport(
        erase_sound(
            workspace.catalog, workspace.store, project_id=workspace.project.name, actor=actor, at=now
        ),
        erase(
            workspace.catalog,
            workspace.store,
            workspace.project.release.name,
            now=now,
            actor=actor,
            scratch=workspace.scratch,
        ),
    )
