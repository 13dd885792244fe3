"""Alignments that a person made: whose they are; those in doubt are found without a look at all"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("alignment", sa.Column("person_id", sa.String(), nullable=True))
    op.create_index("ix_alignment_state", "alignment", ["state", "at"])


def downgrade() -> None:
    op.drop_index("ix_alignment_state", "alignment")
    op.drop_column("alignment", "person_id")
