"""The identity of a workspace: by which a worker proves that it works with the run's catalogue, store and rules."""

from dataclasses import dataclass

from catalog.errors import UserError
from catalog.identity import catalog_id, store_id
from flows.workspace import Workspace


class OtherWorkspace(UserError):
    """A worker that works with another catalogue, store or program than the run that gave it a batch."""


@dataclass(frozen=True, slots=True)
class WorkspaceIdentity:
    """catalog, store: their own ids; version: `Workspace.version`"""

    catalog: str
    store: str
    version: str


def identity_of(workspace: Workspace) -> WorkspaceIdentity:
    """What a worker must see as well. Raises StoreUnavailable, CatalogUnavailable."""
    return WorkspaceIdentity(
        catalog_id(workspace.catalog, at=workspace.now()), store_id(workspace.store), workspace.version
    )


def refuse_other(workspace: Workspace, expected: WorkspaceIdentity) -> None:
    """Raises OtherWorkspace, before anything is touched, where this is not what the run works with."""
    found = identity_of(workspace)
    for what, run, here, mend in (
        ("catalogue", expected.catalog, found.catalog, "the run's BOLI_DATABASE_URL"),
        ("store", expected.store, found.store, "the run's BOLI_STORE_URL"),
        ("program or recipe", expected.version, found.version, "the run's version of Boli and its configs/"),
    ):
        if run != here:
            raise OtherWorkspace(
                f"this worker has another {what} than the run that gave it the batch: {here}, not {run}. "
                f"Nothing was done.\nGive it {mend} and start it again."
            )
