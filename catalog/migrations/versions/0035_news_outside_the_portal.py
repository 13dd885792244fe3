"""News outside the portal: browsers that show them, channels that people chose, and what was sent"""

import sqlalchemy as sa
from alembic import op

from catalog.tables.base import UtcDateTime

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "push_subscription",
        sa.Column("device_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("endpoint", sa.String(), nullable=False),
        sa.Column("p256dh", sa.String(), nullable=False),
        sa.Column("auth", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("made_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name="fk_push_subscription_device_id_device"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_push_subscription_person_id_person"),
        sa.PrimaryKeyConstraint("device_id", name="pk_push_subscription"),
    )
    op.create_index("ix_push_subscription_person_id", "push_subscription", ["person_id"])
    channel = sa.Enum("push", "mail", "gateway", name="newschannel", native_enum=False, length=32)
    op.create_table(
        "chosen_channel",
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("channel", channel, nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("chosen_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_chosen_channel_person_id_person"),
        sa.PrimaryKeyConstraint("person_id", "channel", name="pk_chosen_channel"),
    )
    states = ("ready", "sending", "sent", "failed")
    op.create_table(
        "news_notice",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("project_id", sa.String(), nullable=False),
        sa.Column("channel", channel, nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column(
            "state", sa.Enum(*states, name="newsnoticestate", native_enum=False, length=32), nullable=False
        ),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failure", sa.String(), nullable=True),
        sa.Column("made_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("sent_at", UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_news_notice_person_id_person"),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name="fk_news_notice_project_id_project"),
        sa.PrimaryKeyConstraint("id", name="pk_news_notice"),
    )
    op.create_index("ix_news_notice_person", "news_notice", ["person_id", "project_id", "made_at"])
    op.create_index("ix_news_notice_state", "news_notice", ["project_id", "state"])


def downgrade() -> None:
    op.drop_table("news_notice")
    op.drop_table("chosen_channel")
    op.drop_table("push_subscription")
