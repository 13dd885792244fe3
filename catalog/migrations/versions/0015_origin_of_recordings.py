"""What a recording's file says of its device and day, and the language that a speaker grew up with"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("recording", schema=None) as batch_op:
        batch_op.add_column(sa.Column("device", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("recorded_on", sa.Date(), nullable=True))
    with op.batch_alter_table("speaker", schema=None) as batch_op:
        batch_op.add_column(sa.Column("native_language", sa.String(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("speaker", schema=None) as batch_op:
        batch_op.drop_column("native_language")
    with op.batch_alter_table("recording", schema=None) as batch_op:
        batch_op.drop_column("recorded_on")
        batch_op.drop_column("device")
