"""What failed for a cause that nobody foresaw: the exception's text, and the version of the code that met it"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLES = ("upload", "recording", "alignment")


def upgrade() -> None:
    for table in TABLES:
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column("failure", sa.String(), nullable=True))
            batch_op.add_column(sa.Column("failed_by", sa.String(), nullable=True))


def downgrade() -> None:
    for table in TABLES:
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column("failed_by")
            batch_op.drop_column("failure")
