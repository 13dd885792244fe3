"""What a version was given out for, and speakers whose yes is not enough any more"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("release", schema=None) as batch_op:
        batch_op.add_column(sa.Column("purposes", sa.String(), nullable=True))
    # not in a batch: a default that is an expression would have SQLite make the table anew, which rows refer to
    op.add_column(
        "speaker", sa.Column("guardian_yes_due", sa.Boolean(), server_default=sa.false(), nullable=False)
    )


def downgrade() -> None:
    op.drop_column("speaker", "guardian_yes_due")
    with op.batch_alter_table("release", schema=None) as batch_op:
        batch_op.drop_column("purposes")
