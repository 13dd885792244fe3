"""Import changes: what a list changed of speakers who were known before, so that it can be set back"""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "import_change",
        sa.Column("import_id", sa.String(), nullable=False),
        sa.Column("speaker_id", sa.String(), nullable=False),
        sa.Column("consent_round", sa.Integer(), nullable=False),
        sa.Column("facts_before", sa.JSON(), nullable=False),
        sa.Column("facts_after", sa.JSON(), nullable=False),
        sa.Column("name_before", sa.String(), nullable=True),
        sa.Column("name_after", sa.String(), nullable=True),
        sa.Column("phone_before", sa.String(), nullable=True),
        sa.Column("phone_after", sa.String(), nullable=True),
        sa.Column("of_age_on_before", sa.Date(), nullable=True),
        sa.Column("of_age_on_after", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"], ["list_import.id"], name="fk_import_change_import_id_list_import"
        ),
        sa.ForeignKeyConstraint(["speaker_id"], ["speaker.id"], name="fk_import_change_speaker_id_speaker"),
        sa.PrimaryKeyConstraint("import_id", "speaker_id", name="pk_import_change"),
    )
    op.create_index("ix_import_change_speaker_id", "import_change", ["speaker_id"])
    op.add_column("list_import", sa.Column("changed", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("list_import", "changed")
    op.drop_table("import_change")
