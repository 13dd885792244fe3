"""News: up to when who has read them"""

import sqlalchemy as sa
from alembic import op

from catalog.tables.base import UtcDateTime

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "news_read",
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("project_id", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_news_read_person_id_person"),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name="fk_news_read_project_id_project"),
        sa.PrimaryKeyConstraint("person_id", "project_id", name="pk_news_read"),
    )


def downgrade() -> None:
    op.drop_table("news_read")
