"""Aligner models of languages, and the voices each was learnt from"""

import sqlalchemy as sa
from alembic import op
from catalog.tables.base import UtcDateTime

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "aligner_model",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("project_id", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("clips", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("key", sa.String(), nullable=True),
        sa.Column("sha256", sa.String(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("learnt_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("stored_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("erased_at", UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_aligner_model_project_id_project")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_aligner_model")),
    )
    with op.batch_alter_table("aligner_model", schema=None) as batch_op:
        batch_op.create_index(
            "ix_aligner_model_language", ["project_id", "language", "learnt_at"], unique=False
        )

    op.create_table(
        "aligner_voice",
        sa.Column("model_id", sa.String(), nullable=False),
        sa.Column("speaker_id", sa.String(), nullable=False),
        sa.Column("consent_round", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["model_id"], ["aligner_model.id"], name=op.f("fk_aligner_voice_model_id_aligner_model")
        ),
        sa.ForeignKeyConstraint(
            ["speaker_id"], ["speaker.id"], name=op.f("fk_aligner_voice_speaker_id_speaker")
        ),
        sa.PrimaryKeyConstraint("model_id", "speaker_id", name=op.f("pk_aligner_voice")),
    )
    with op.batch_alter_table("aligner_voice", schema=None) as batch_op:
        batch_op.create_index("ix_aligner_voice_speaker", ["speaker_id", "model_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("aligner_voice", schema=None) as batch_op:
        batch_op.drop_index("ix_aligner_voice_speaker")
    op.drop_table("aligner_voice")
    with op.batch_alter_table("aligner_model", schema=None) as batch_op:
        batch_op.drop_index("ix_aligner_model_language")
    op.drop_table("aligner_model")
