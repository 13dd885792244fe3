"""Imports: what each list brought into a project, by id, so that what nobody has used since can be taken back."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from catalog import audit
from catalog.ids import new_id
from catalog.parts import in_parts
from catalog.states import ImportKind
from catalog.tables import Base, ListImport, Person

UNDO_WITHIN = timedelta(days=30)
MOST_LISTED = 200


@dataclass(frozen=True, slots=True)
class ImportLine:
    """An import without the ids. brought_by: handle; changed: how many rows changed who was known before

    stays: how many rows were used and stayed, once taken back
    """

    id: str
    kind: ImportKind
    brought_by: str
    at: datetime
    brought: int
    changed: int
    undone_at: datetime | None
    stays: int

    def may_be_undone(self, now: datetime) -> bool:
        return may_be_undone(self.at, self.undone_at, now=now)


def may_be_undone(at: datetime, undone_at: datetime | None, *, now: datetime) -> bool:
    """Whether a list that was brought at `at` can still be taken back: once, and within thirty days.

    >>> from datetime import UTC
    >>> noon = datetime(2026, 11, 1, 12, tzinfo=UTC)
    >>> [may_be_undone(noon, None, now=noon + timedelta(days=days)) for days in (29, 31)]
    [True, False]
    """
    return undone_at is None and now - at <= UNDO_WITHIN


def note_import(
    session: Session,
    project_id: str,
    kind: ImportKind,
    items: Sequence[str],
    *,
    import_id: str | None = None,
    brought: int | None = None,
    changed: int = 0,
    replaced: str | None = None,
    by: str,
    now: datetime,
) -> str:
    """Keep what a list brought, on record, in the transaction that brings it. Returns the import's id.

    import_id: where rows name it already; items: ids of what is new; brought: how many rows, where an item is many
    changed:   how many rows changed who was known before; replaced: of a list that takes another's place: that other
    """
    found = ListImport(
        id=import_id or new_import_id(),
        project_id=project_id,
        kind=kind,
        brought_by=by,
        at=now,
        brought=len(items) if brought is None else brought,
        changed=changed,
        items=list(items),
        replaced=replaced,
        stayed={},
    )
    session.add(found)
    audit.record(
        session,
        at=now,
        actor=by,
        action="import.made",
        subject=("project", project_id),
        detail={"import": found.id, "kind": kind.value, "brought": found.brought, "changed": changed},
    )
    return found.id


def new_import_id() -> str:
    return new_id("import")


def imports_of(session: Session, project_id: str) -> list[ImportLine]:
    """The newest imports of a project; they are read without their ids, of which there may be thousands."""
    query = (
        select(
            ListImport.id,
            ListImport.kind,
            Person.handle,
            ListImport.at,
            ListImport.brought,
            ListImport.changed,
            ListImport.undone_at,
            ListImport.stayed,
        )
        .join(Person, Person.id == ListImport.brought_by)
        .where(ListImport.project_id == project_id)
        .order_by(ListImport.at.desc(), ListImport.id.desc())
        .limit(MOST_LISTED)
    )
    return [
        ImportLine(
            row.id,
            row.kind,
            row.handle,
            row.at,
            row.brought,
            row.changed,
            row.undone_at,
            len(row.stayed),
        )
        for row in session.execute(query)
    ]


def import_of(session: Session, project_id: str, import_id: str, *, lock: bool = False) -> ListImport | None:
    """An import of that project, and of no other."""
    query = select(ListImport).where(ListImport.id == import_id, ListImport.project_id == project_id)
    return session.scalar(query.with_for_update() if lock else query)


def note_undone(
    session: Session,
    found: ListImport,
    stayed: Mapping[str, str],
    *,
    gone: int,
    set_back: int = 0,
    by: str,
    now: datetime,
) -> None:
    """What the list brought was taken back, but for what stays, by id with why; on record.

    set_back: how many are again what they were before the list
    """
    found.undone_at, found.undone_by, found.stayed = now, by, dict(stayed)
    audit.record(
        session,
        at=now,
        actor=by,
        action="import.undone",
        subject=("project", found.project_id),
        detail={
            "import": found.id,
            "kind": found.kind.value,
            "gone": gone,
            "set_back": set_back,
            "stays": len(stayed),
        },
    )


def undone_imports(session: Session, project_id: str) -> set[str]:
    """Ids of those that were taken back."""
    query = select(ListImport.id).where(
        ListImport.project_id == project_id, ListImport.undone_at.is_not(None)
    )
    return set(session.scalars(query))


def uses_of(
    session: Session, key: InstrumentedAttribute[Any], ids: Collection[str], *, but: Collection[type[Base]]
) -> dict[str, frozenset[str]]:
    """Names of the tables whose rows refer to a row of that key, by its id; every table that there is, or will be.

    but: tables that are a part of the row itself, and no use of it
    """
    own = {each.__tablename__ for each in but}
    column = key.property.columns[0]
    referring = [
        (table, [each.parent for each in table.foreign_keys if each.column is column])
        for table in Base.metadata.sorted_tables
        if table.name not in own
    ]
    found: dict[str, set[str]] = {each: set() for each in ids}
    for some in in_parts(sorted(ids)):
        for table, columns in referring:
            if columns:
                named = session.execute(
                    select(*columns).where(or_(*(each.in_(some) for each in columns))).distinct()
                )
                for row in named:
                    for value in set(row) & set(some):
                        found[value].add(table.name)
    return {each: frozenset(tables) for each, tables in found.items()}
