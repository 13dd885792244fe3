"""Corrections: the clips whose texts are to stand beside what a model heard, and how they were chosen"""

import sqlalchemy as sa
from alembic import op

from catalog.tables.base import UtcDateTime

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "correction",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("project_id", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("clip_id", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column(
            "chosen_by",
            sa.Enum("least_sure", "chance", name="chosenby", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["clip_id"], ["clip.id"], name="fk_correction_clip_id_clip"),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name="fk_correction_project_id_project"),
        sa.PrimaryKeyConstraint("id", name="pk_correction"),
        sa.UniqueConstraint("clip_id", "model", "chosen_by", name="uq_correction_clip_id_model_chosen_by"),
    )
    op.create_index("ix_correction_model", "correction", ["project_id", "language", "model", "chosen_by"])


def downgrade() -> None:
    op.drop_table("correction")
