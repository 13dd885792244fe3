"""The books of a project as rows for people."""

from catalog.reconciliation.balance import Books, balance
from flows.workspace import Workspace


def read_books(workspace: Workspace) -> Books:
    """Received against published, rejected, pending and failed; see catalog.reconciliation.balance."""
    with workspace.catalog.reading() as session:
        return balance(session, workspace.store, workspace.project.name)


def status_rows(books: Books) -> list[dict[str, object]]:
    """One row a line of the books."""
    return [
        {
            "what": line.noun,
            "end": line.end,
            "reason": line.reason or "",
            "count": line.count,
            "hours": round(line.seconds / 3600, 4),
        }
        for line in (books.received, *books.ends("uploads"), books.cut, *books.ends("clips"))
    ]
