"""The purposes of a consent: what published speech may be used for. None in every yes of before: what its notice named."""

import sqlalchemy as sa
from alembic import op
from catalog.tables.base import UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("consent_event", schema=None) as batch_op:
        batch_op.add_column(sa.Column("purposes", sa.JSON(none_as_null=True), nullable=True))

    with op.batch_alter_table("speaker", schema=None) as batch_op:
        batch_op.add_column(sa.Column("consent_purposes", sa.String(), nullable=True))
