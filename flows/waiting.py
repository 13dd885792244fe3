"""How long a run waits for those who work on its batches, and what it says where nobody comes."""

from catalog.database import CatalogUnavailable
from catalog.errors import UserError
from catalog.store import StoreFull, StoreUnavailable
from flows.identity import identity_of
from flows.workspace import open_workspace

LOOK_SECONDS = 1.0
"""How often a run looks what became of its batches."""
NO_WORKER_SECONDS = 900.0
"""After which it is said that nobody takes batches."""
EVERYBODYS = (StoreUnavailable, StoreFull, CatalogUnavailable)
"""What fails one batch for a cause that fails every other one too."""


class NoWorker(UserError):
    """Batches wait, and no worker takes them."""


def no_worker(count: int, whose: str, start: str) -> NoWorker:
    """whose: workers these would be; start: the command that starts one"""
    return NoWorker(
        f"{count} batches have waited {NO_WORKER_SECONDS / 60:.0f} minutes, and none of {whose} took one.\n"
        f"Start one: `{start}`; then run again."
    )


def answers(project: str) -> bool:
    """Whether catalogue and store can be used from here: asked once a batch failed, before others meet the same."""
    try:
        with open_workspace(project) as workspace:
            identity_of(workspace)
    except EVERYBODYS:
        return False
    return True
