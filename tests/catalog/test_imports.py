"""An import knows what it brought, is listed in its project alone, and every use of a row it brought is found."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from catalog.database import Catalog
from catalog.imports import import_of, imports_of, may_be_undone, note_import, note_undone, uses_of
from catalog.states import ImportKind, Role
from catalog.tables import AuditEvent, Person, PersonPrivate, PersonRole, ProjectRow, Secret, Speaker

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def people(catalog: Catalog, *names: str) -> None:
    with catalog.writing() as session:
        session.add_all(ProjectRow(id=name, title=name, created_at=NOON) for name in ("demo", "field"))
        session.add_all(Person(id=name, handle=name, languages=[], created_at=NOON) for name in names)
        session.flush()
        session.add_all(
            PersonRole(person_id=name, project_id="demo", role=Role.TRANSCRIBER) for name in names
        )
        session.add_all(PersonPrivate(person_id=name, name=name) for name in names)


def test_an_import_stands_in_its_own_project_newest_first_and_in_the_log(catalog: Catalog) -> None:
    people(catalog, "meera")
    with catalog.writing() as session:
        first = note_import(session, "demo", ImportKind.PEOPLE, ["a", "b"], by="meera", now=NOON)
        later = NOON + timedelta(hours=1)
        second = note_import(session, "demo", ImportKind.PLACES, ["x"], brought=23, by="meera", now=later)

    with catalog.reading() as session:
        found = imports_of(session, "demo")
        assert [(each.id, each.brought, each.brought_by) for each in found] == [
            (second, 23, "meera"),
            (first, 2, "meera"),
        ]
        assert imports_of(session, "field") == []
        assert import_of(session, "field", first) is None
        acts = session.scalars(select(AuditEvent.action)).all()
    assert acts == ["import.made", "import.made"]


def test_a_list_that_was_taken_back_is_over_and_says_what_stayed(catalog: Catalog) -> None:
    people(catalog, "meera")
    with catalog.writing() as session:
        import_id = note_import(session, "demo", ImportKind.PEOPLE, ["a", "b"], by="meera", now=NOON)
    with catalog.writing() as session:
        found = import_of(session, "demo", import_id, lock=True)
        assert found is not None
        note_undone(session, found, {"b": "came_in"}, gone=1, by="meera", now=NOON)

    with catalog.reading() as session:
        (line,) = imports_of(session, "demo")
    assert (line.stays, line.may_be_undone(NOON)) == (1, False)
    assert may_be_undone(NOON, None, now=NOON)


def test_whatever_table_refers_to_a_row_is_a_use_of_it_but_for_its_own_parts(catalog: Catalog) -> None:
    people(catalog, "meera", "gita", "hari")
    with catalog.writing() as session:
        session.add(Secret(person_id="gita", hash="x", set_at=NOON))
        session.add(Speaker(id="s", project_id="demo", pseudonym="S", other_languages=[], created_at=NOON))
        session.flush()
        note_import(session, "demo", ImportKind.PEOPLE, ["gita"], by="meera", now=NOON)

    with catalog.reading() as session:
        found = uses_of(
            session, Person.id, ["meera", "gita", "hari", "nobody"], but=(PersonRole, PersonPrivate)
        )
        whole = uses_of(session, Person.id, ["hari"], but=())
    assert found == {
        "meera": {"list_import"},
        "gita": {"secret"},
        "hari": frozenset(),
        "nobody": frozenset(),
    }
    assert whole == {"hari": {"person_role", "person_private"}}


def test_more_ids_than_one_query_names_are_all_looked_for(catalog: Catalog) -> None:
    names = [f"p{number}" for number in range(1100)]
    people(catalog, *names)

    with catalog.reading() as session:
        found = uses_of(session, Person.id, names, but=(PersonPrivate,))

    assert all(tables == {"person_role"} for tables in found.values())
