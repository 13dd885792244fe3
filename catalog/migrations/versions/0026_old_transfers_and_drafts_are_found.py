"""Old transfers and replaced drafts are found, and let go, without reading whole tables"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

REFERRING = ("review", "judgement", "transcript")


def upgrade() -> None:
    op.create_index("ix_transfer_created", "transfer", ["project_id", "created_at"], unique=False)
    op.create_index(
        "ix_submission_draft",
        "submission",
        ["created_at"],
        unique=False,
        sqlite_where=sa.text("kind = 'draft'"),
        postgresql_where=sa.text("kind = 'draft'"),
    )
    for table in REFERRING:  # a draft goes only where nothing refers to it
        op.create_index(f"ix_{table}_submission_id", table, ["submission_id"], unique=False)


def downgrade() -> None:
    for table in REFERRING:
        op.drop_index(f"ix_{table}_submission_id", table)
    op.drop_index("ix_submission_draft", "submission")
    op.drop_index("ix_transfer_created", "transfer")
