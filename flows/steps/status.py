"""The balance of a project, its books, as rows for people."""

from catalog.reconciliation.balance import Balance, reconcile
from flows.workspace import Workspace


def read_balance(workspace: Workspace) -> Balance:
    """Received against published, rejected, pending and failed; see catalog.reconciliation.balance."""
    with workspace.catalog.reading() as session:
        return reconcile(session, workspace.store, workspace.project.name)


def status_rows(balance: Balance) -> list[dict[str, object]]:
    """One row a line of the balance."""
    return [
        {
            "what": line.noun,
            "end": line.end,
            "reason": line.reason or "",
            "count": line.count,
            "hours": round(line.seconds / 3600, 4),
        }
        for line in (balance.received, *balance.ends("uploads"), balance.cut, *balance.ends("clips"))
    ]
