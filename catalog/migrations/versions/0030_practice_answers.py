"""Practice: who has seen the right text of which task"""

import sqlalchemy as sa
from alembic import op

from catalog.tables.base import UtcDateTime

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "practice_answer",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("task_id", sa.String(), nullable=False),
        sa.Column("project_id", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("right_words", sa.Integer(), nullable=False),
        sa.Column("words", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_practice_answer_person_id_person"),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name="fk_practice_answer_task_id_task"),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name="fk_practice_answer_project_id_project"),
        sa.PrimaryKeyConstraint("id", name="pk_practice_answer"),
        sa.UniqueConstraint("person_id", "task_id", name="uq_practice_answer_person_id_task_id"),
    )
    op.create_index("ix_practice_answer_task_id", "practice_answer", ["task_id"])


def downgrade() -> None:
    op.drop_table("practice_answer")
