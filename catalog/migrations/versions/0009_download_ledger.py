"""The download ledger: who fetched rows of which version, and the messages to those who hold withdrawn ones."""

import sqlalchemy as sa
from alembic import op
from catalog.tables.base import UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "download",
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("release_id", sa.String(), nullable=False),
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("first_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("last_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_download_person_id_person")),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"], name=op.f("fk_download_release_id_release")),
        sa.PrimaryKeyConstraint("person_id", "release_id", "day", name=op.f("pk_download")),
    )
    with op.batch_alter_table("download", schema=None) as batch_op:
        batch_op.create_index("ix_download_release", ["release_id", "last_at"], unique=False)

    op.create_table(
        "downloader_message",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("project_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("dataset", sa.String(), nullable=False),
        sa.Column("versions", sa.JSON(), nullable=False),
        sa.Column("erased_until", UtcDateTime(timezone=True), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("ready", "sent", "failed", name="messagestate", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failure", sa.String(), nullable=True),
        sa.Column("made_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("sent_at", UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_downloader_message_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_downloader_message_project_id_project")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_downloader_message")),
    )
    with op.batch_alter_table("downloader_message", schema=None) as batch_op:
        batch_op.create_index(
            "ix_downloader_message_person", ["person_id", "dataset", "made_at"], unique=False
        )
        batch_op.create_index("ix_downloader_message_state", ["project_id", "state"], unique=False)

    with op.batch_alter_table("person_private", schema=None) as batch_op:
        batch_op.add_column(sa.Column("email", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("interface_language", sa.String(), nullable=True))

    with op.batch_alter_table("release_item", schema=None) as batch_op:
        batch_op.create_index("ix_release_item_erased", ["release_id", "erased_at"], unique=False)
