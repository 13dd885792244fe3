"""Roles of before the projects: each becomes a role in every project that there was."""

from datetime import UTC, datetime

from sqlalchemy import create_engine, make_url, select, text

from catalog.database import Catalog, migrate
from catalog.states import Role
from catalog.tables import Person, PersonRole
from tests.catalog.test_migrations import _upgrade

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def test_a_role_of_before_is_one_in_every_project_and_nobody_is_an_owner(catalog_url: str) -> None:
    catalog = Catalog(create_engine(make_url(catalog_url)))
    _upgrade(catalog, "0001")
    with catalog.engine.begin() as connection:
        for project in ("demo", "field"):
            connection.execute(
                text("INSERT INTO project (id, title, created_at) VALUES (:id, :id, :at)"),
                {"id": project, "at": NOON},
            )
        for person, roles in {"p1": ("manager", "reviewer"), "p2": ("transcriber",)}.items():
            connection.execute(
                text(
                    "INSERT INTO person (id, handle, languages, active, created_at) "
                    "VALUES (:id, :id, '[]', :yes, :at)"
                ),
                {"id": person, "yes": True, "at": NOON},
            )
            for role in roles:
                connection.execute(
                    text("INSERT INTO person_role (person_id, role) VALUES (:person, :role)"),
                    {"person": person, "role": role},
                )

    migrate(catalog)

    with catalog.reading() as session:
        found = session.execute(select(PersonRole.person_id, PersonRole.project_id, PersonRole.role)).all()
        owners = session.scalars(select(Person.owner)).all()
    assert sorted(row._tuple() for row in found) == [
        ("p1", "demo", Role.MANAGER),
        ("p1", "demo", Role.REVIEWER),
        ("p1", "field", Role.MANAGER),
        ("p1", "field", Role.REVIEWER),
        ("p2", "demo", Role.TRANSCRIBER),
        ("p2", "field", Role.TRANSCRIBER),
    ]
    assert owners == [False, False]
    catalog.close()
