"""Voice embeddings: whose voice a recording is, and which speakers sound alike"""

import sqlalchemy as sa
from alembic import op

from catalog.tables.base import UtcDateTime

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "voice_embedding",
        sa.Column("upload_id", sa.String(), nullable=False),
        sa.Column("speaker_id", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("embedding", sa.LargeBinary(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("within", sa.Float(), nullable=True),
        sa.Column("likeness", sa.Float(), nullable=True),
        sa.Column("is_other", sa.Boolean(), nullable=False),
        sa.Column("made_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["speaker_id"], ["speaker.id"], name=op.f("fk_voice_embedding_speaker_id_speaker")
        ),
        sa.ForeignKeyConstraint(
            ["upload_id"], ["upload.id"], name=op.f("fk_voice_embedding_upload_id_upload")
        ),
        sa.PrimaryKeyConstraint("upload_id", name=op.f("pk_voice_embedding")),
    )
    op.create_index("ix_voice_embedding_speaker", "voice_embedding", ["speaker_id", "made_at", "upload_id"])
    op.create_table(
        "speaker_likeness",
        sa.Column("first_id", sa.String(), nullable=False),
        sa.Column("second_id", sa.String(), nullable=False),
        sa.Column("likeness", sa.Float(), nullable=False),
        sa.Column("found_at", UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("first_id < second_id", name=op.f("ck_speaker_likeness_in_order")),
        sa.ForeignKeyConstraint(
            ["first_id"], ["speaker.id"], name=op.f("fk_speaker_likeness_first_id_speaker")
        ),
        sa.ForeignKeyConstraint(
            ["second_id"], ["speaker.id"], name=op.f("fk_speaker_likeness_second_id_speaker")
        ),
        sa.PrimaryKeyConstraint("first_id", "second_id", name=op.f("pk_speaker_likeness")),
    )
    op.create_index("ix_speaker_likeness_second", "speaker_likeness", ["second_id"])


def downgrade() -> None:
    op.drop_table("speaker_likeness")
    op.drop_table("voice_embedding")
