"""What is said of a published version afterwards: yanked or deprecated, and why"""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('release', schema=None) as batch_op:
        batch_op.add_column(sa.Column('mark', sa.String(), nullable=True))
        batch_op.add_column(sa.Column('mark_why', sa.String(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('release', schema=None) as batch_op:
        batch_op.drop_column('mark_why')
        batch_op.drop_column('mark')
