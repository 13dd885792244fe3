"""Machine drafts: what a recogniser heard in a clip, and who was shown it"""

import sqlalchemy as sa
from alembic import op

from catalog.tables.base import UtcDateTime

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "machine_draft",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("clip_id", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=True),
        sa.Column("fault", sa.String(), nullable=True),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["clip_id"], ["clip.id"], name="fk_machine_draft_clip_id_clip"),
        sa.PrimaryKeyConstraint("id", name="pk_machine_draft"),
        sa.UniqueConstraint("clip_id", "model", name="uq_machine_draft_clip_id_model"),
    )
    op.create_table(
        "draft_shown",
        sa.Column("draft_id", sa.String(), nullable=False),
        sa.Column("task_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["machine_draft.id"], name="fk_draft_shown_draft_id_machine_draft"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_draft_shown_person_id_person"),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name="fk_draft_shown_task_id_task"),
        sa.PrimaryKeyConstraint("draft_id", name="pk_draft_shown"),
        sa.UniqueConstraint("task_id", name="uq_draft_shown_task_id"),
    )
    op.create_index("ix_draft_shown_person_id", "draft_shown", ["person_id"])


def downgrade() -> None:
    op.drop_table("draft_shown")
    op.drop_table("machine_draft")
