"""Tours: who has seen that of which role"""

import sqlalchemy as sa
from alembic import op

from catalog.tables.base import UtcDateTime

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tour_seen",
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_tour_seen_person_id_person"),
        sa.PrimaryKeyConstraint("person_id", "role", name="pk_tour_seen"),
    )


def downgrade() -> None:
    op.drop_table("tour_seen")
