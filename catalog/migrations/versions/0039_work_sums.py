"""Work sums: the order of the queue follows from them, without a look at all that was ever begun"""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "work_sum",
        sa.Column("project_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("routed", sa.BigInteger(), nullable=False),
        sa.Column("begun", sa.BigInteger(), nullable=False),
        sa.Column("clips", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name="fk_work_sum_project_id_project"),
        sa.PrimaryKeyConstraint("project_id", "key", name="pk_work_sum"),
    )
    op.create_table(
        "counted_work",
        sa.Column("recording_id", sa.String(), nullable=False),
        sa.Column("routed", sa.BigInteger(), nullable=False),
        sa.Column("begun", sa.BigInteger(), nullable=False),
        sa.Column("clips", sa.Integer(), nullable=False),
        sa.Column("groups", sa.JSON(), nullable=False),
        sa.Column("traits", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recording_id"], ["recording.id"], name="fk_counted_work_recording_id_recording"
        ),
        sa.PrimaryKeyConstraint("recording_id", name="pk_counted_work"),
    )
    op.create_index(
        "ix_task_waiting",
        "task",
        ["project_id", "priority", "created_at", "id"],
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )


def downgrade() -> None:
    op.drop_index("ix_task_waiting", table_name="task")
    op.drop_table("counted_work")
    op.drop_table("work_sum")
