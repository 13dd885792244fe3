"""The audit log over years: which months of it lie in the store"""

import sqlalchemy as sa
from alembic import op

from catalog.tables.base import UtcDateTime

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_archive",
        sa.Column("month", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("first_id", sa.Integer(), nullable=False),
        sa.Column("last_id", sa.Integer(), nullable=False),
        sa.Column("acts", sa.Integer(), nullable=False),
        sa.Column("previous", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("earliest", UtcDateTime(timezone=True), nullable=False),
        sa.Column("latest", UtcDateTime(timezone=True), nullable=False),
        sa.Column("actions", sa.JSON(), nullable=False),
        sa.Column("kept_actions", sa.JSON(), nullable=False),
        sa.Column("archived_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("trimmed_at", UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("month", name="pk_audit_archive"),
    )


def downgrade() -> None:
    op.drop_table("audit_archive")
