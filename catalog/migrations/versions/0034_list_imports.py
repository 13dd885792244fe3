"""List imports: what a list brought, so that it can be taken back"""

import sqlalchemy as sa
from alembic import op

from catalog.tables.base import UtcDateTime

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "list_import",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("project_id", sa.String(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                *("people", "speakers", "prompts", "drafts", "places"),
                name="importkind",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("brought_by", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("brought", sa.Integer(), nullable=False),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("replaced", sa.String(), nullable=True),
        sa.Column("undone_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.String(), nullable=True),
        sa.Column("stayed", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name="fk_list_import_project_id_project"),
        sa.ForeignKeyConstraint(["brought_by"], ["person.id"], name="fk_list_import_brought_by_person"),
        sa.ForeignKeyConstraint(["undone_by"], ["person.id"], name="fk_list_import_undone_by_person"),
        sa.PrimaryKeyConstraint("id", name="pk_list_import"),
    )
    op.create_index("ix_list_import_project", "list_import", ["project_id", "at", "id"])


def downgrade() -> None:
    op.drop_table("list_import")
