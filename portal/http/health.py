"""Whether the catalogue and the store can be reached, asked within seconds."""

from collections.abc import Callable
from dataclasses import dataclass

import anyio
from anyio import to_thread
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from catalog.database import Catalog, CatalogUnavailable
from catalog.store import ObjectStore, StoreError
from catalog.tables import ProjectRow

MOST_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Dependency:
    """fault: why it can't be reached, in one line without addresses; None while it can."""

    name: str
    fault: str | None

    @property
    def reachable(self) -> bool:
        return self.fault is None


@dataclass(frozen=True, slots=True)
class Health:
    """What the portal stands on, now."""

    version: str
    catalogue: Dependency
    store: Dependency

    @property
    def well(self) -> bool:
        return self.catalogue.reachable and self.store.reachable

    @property
    def dependencies(self) -> tuple[Dependency, Dependency]:
        return self.catalogue, self.store

    def as_json(self) -> dict[str, object]:
        return {
            "status": "ok" if self.well else "unavailable",
            "version": self.version,
            "catalogue": self.catalogue.reachable,
            "store": self.store.reachable,
            "faults": {each.name: each.fault for each in self.dependencies if each.fault is not None},
        }


async def look(catalog: Catalog, store: ObjectStore, *, version: str) -> Health:
    """Ask both at once; who has not answered after MOST_SECONDS counts as away."""
    faults: dict[str, str | None] = {}

    async def ask(name: str, question: Callable[[], str | None]) -> None:
        faults[name] = f"no answer within {MOST_SECONDS:.0f} s"
        with anyio.move_on_after(MOST_SECONDS):
            faults[name] = await to_thread.run_sync(question, abandon_on_cancel=True)

    async with anyio.create_task_group() as both:
        both.start_soon(ask, "catalogue", lambda: _fault_of_catalogue(catalog))
        both.start_soon(ask, "store", lambda: _fault_of_store(store))
    return Health(version, Dependency("catalogue", faults["catalogue"]), Dependency("store", faults["store"]))


def _fault_of_catalogue(catalog: Catalog) -> str | None:
    # The page is open to all: the sentence names no address, which stands in the server's own log.
    try:
        with catalog.reading() as session:
            session.execute(select(ProjectRow.id).limit(1))
    except CatalogUnavailable:
        return "the database does not answer"
    except SQLAlchemyError:
        return "the database has no tables of ours"
    return None


def _fault_of_store(store: ObjectStore) -> str | None:
    try:
        store.exists("health")
    except StoreError:
        return "the object store does not answer"
    return None
