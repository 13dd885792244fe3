"""Payments: what of the ledger was paid out, by person and month"""

import sqlalchemy as sa
from alembic import op

from catalog.tables.base import UtcDateTime

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "payment",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("project_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("month", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("amount_millis", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("paid_by", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_payment"),
        sa.UniqueConstraint(
            "project_id",
            "month",
            "person_id",
            "currency",
            "number",
            name="uq_payment_project_id_month_person_id_currency_number",
        ),
    )
    op.create_index("ix_payment_person_id", "payment", ["person_id"])


def downgrade() -> None:
    op.drop_table("payment")
