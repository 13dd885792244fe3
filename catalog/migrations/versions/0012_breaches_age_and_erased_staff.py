"""Breaches with their clock, children with their guardians, and members of staff who are erased."""

import sqlalchemy as sa
from alembic import op
from catalog.tables.base import UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "breach",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("project_id", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("known_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("opened_by", sa.String(), nullable=False),
        sa.Column("opened_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("told_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("closed_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.String(), nullable=True),
        sa.Column("done", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_breach_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_breach")),
    )
    with op.batch_alter_table("breach", schema=None) as batch_op:
        batch_op.create_index("ix_breach_project", ["project_id", "closed_at"], unique=False)

    op.create_table(
        "breach_speaker",
        sa.Column("breach_id", sa.String(), nullable=False),
        sa.Column("speaker_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["breach_id"], ["breach.id"], name=op.f("fk_breach_speaker_breach_id_breach")
        ),
        sa.ForeignKeyConstraint(
            ["speaker_id"], ["speaker.id"], name=op.f("fk_breach_speaker_speaker_id_speaker")
        ),
        sa.PrimaryKeyConstraint("breach_id", "speaker_id", name=op.f("pk_breach_speaker")),
    )
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.add_column(sa.Column("erased_at", UtcDateTime(timezone=True), nullable=True))

    op.add_column("speaker", sa.Column("of_age_on", sa.Date(), nullable=True))
    # not in a batch: a default that is an expression would have SQLite make the table anew, which rows refer to
    op.add_column(
        "speaker", sa.Column("adult_yes_due", sa.Boolean(), server_default=sa.false(), nullable=False)
    )

    with op.batch_alter_table("speaker_private", schema=None) as batch_op:
        batch_op.add_column(sa.Column("guardian_relation", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("guardian_verified", sa.String(), nullable=True))
