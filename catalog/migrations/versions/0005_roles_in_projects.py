"""Roles are of a person in a project, an installation has owners, and a reset link is told to its person."""

import sqlalchemy as sa
from alembic import op
from catalog.tables.base import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A copy, not a new name: PostgreSQL would keep the old constraints' names for the old table.
    op.execute("CREATE TABLE role_everywhere AS SELECT person_id, role FROM person_role")
    op.drop_table("person_role")
    op.create_table(
        "person_role",
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("project_id", sa.String(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "coordinator",
                "transcriber",
                "reviewer",
                "manager",
                "ml_reader",
                name="role",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_person_role_person_id_person"),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name="fk_person_role_project_id_project"),
        sa.PrimaryKeyConstraint("person_id", "project_id", "role", name="pk_person_role"),
    )
    op.create_index("ix_person_role_project", "person_role", ["project_id", "role"])
    # What somebody could do, they could do in every project that there was.
    op.execute(
        "INSERT INTO person_role (person_id, project_id, role) "
        "SELECT role_everywhere.person_id, project.id, role_everywhere.role FROM role_everywhere, project"
    )
    op.drop_table("role_everywhere")
    op.add_column("invite", sa.Column("used_by_sha256", sa.String(), nullable=True))
    op.add_column("invite", sa.Column("device_id", sa.String(), nullable=True))
    op.add_column("person", sa.Column("owner", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "reset_seen",
        sa.Column("invite_id", sa.String(), nullable=False),
        sa.Column("device_id", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["invite_id"], ["invite.id"], name="fk_reset_seen_invite_id_invite"),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name="fk_reset_seen_device_id_device"),
        sa.PrimaryKeyConstraint("invite_id", "device_id", name="pk_reset_seen"),
    )
