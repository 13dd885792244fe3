"""What a source held when it was last read, so that only what is new or changed is read again"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "source_object",
        sa.Column("project_id", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("name_sha256", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("stamp", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("upload_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_source_object_project_id_project")
        ),
        sa.ForeignKeyConstraint(
            ["upload_id"], ["upload.id"], name=op.f("fk_source_object_upload_id_upload")
        ),
        sa.PrimaryKeyConstraint("project_id", "source", "name_sha256", name=op.f("pk_source_object")),
    )


def downgrade() -> None:
    op.drop_table("source_object")
