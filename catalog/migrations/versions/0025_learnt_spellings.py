"""Learnt spellings: pairs of words of which a reviewer said that both are right"""

import sqlalchemy as sa
from alembic import op

from catalog.tables.base import UtcDateTime

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "learnt_spelling",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("project_id", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("one", sa.String(), nullable=False),
        sa.Column("other", sa.String(), nullable=False),
        sa.Column("task_id", sa.String(), nullable=False),
        sa.Column("reviewer_id", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name="fk_learnt_spelling_project_id_project"),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name="fk_learnt_spelling_task_id_task"),
        sa.ForeignKeyConstraint(["reviewer_id"], ["person.id"], name="fk_learnt_spelling_reviewer_id_person"),
        sa.PrimaryKeyConstraint("id", name="pk_learnt_spelling"),
    )
    op.create_index("ix_learnt_spelling_language", "learnt_spelling", ["project_id", "language"])
    op.create_index("ix_learnt_spelling_task_id", "learnt_spelling", ["task_id"])


def downgrade() -> None:
    op.drop_table("learnt_spelling")
