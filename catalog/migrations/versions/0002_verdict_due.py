"""Uploads that nobody has listened to yet, with the tries that failed."""

import sqlalchemy as sa
from alembic import op

from catalog.tables.base import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "verdict_due",
        sa.Column("upload_id", sa.String(), nullable=False),
        sa.Column("due_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("detail", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["upload_id"], ["upload.id"], name=op.f("fk_verdict_due_upload_id_upload")
        ),
        sa.PrimaryKeyConstraint("upload_id", name=op.f("pk_verdict_due")),
    )
    with op.batch_alter_table("verdict_due", schema=None) as batch_op:
        batch_op.create_index("ix_verdict_due_at", ["due_at"], unique=False)
    # What people sent, nobody has heard and ingest has not taken up: it was forgotten after a day.
    op.execute(
        "INSERT INTO verdict_due (upload_id, due_at, tries, detail) "
        "SELECT upload.id, upload.received_at, 0, NULL FROM upload "
        "LEFT JOIN verdict ON verdict.upload_id = upload.id "
        "WHERE upload.sent_by IS NOT NULL AND upload.state = 'received' AND verdict.upload_id IS NULL"
    )


def downgrade() -> None:
    op.drop_table("verdict_due")
