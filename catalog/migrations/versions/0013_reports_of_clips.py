"""Reports of clips that nobody hears until a reviewer has decided; which texts were scanned, and which are withheld"""

import sqlalchemy as sa
from alembic import op
from catalog.tables.base import UtcDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "clip_report",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("project_id", sa.String(), nullable=False),
        sa.Column("clip_id", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "bystander",
                "personal_information",
                "reported_otherwise",
                name="reportkind",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum("open", "decided", "dismissed", "done", name="reportstate", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("opened_by", sa.String(), nullable=False),
        sa.Column("opened_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("found", sa.JSON(), nullable=False),
        sa.Column("transcript_id", sa.String(), nullable=True),
        sa.Column(
            "decision",
            sa.Enum(
                "dismiss", "bleep", "trim", "reject", name="reportdecision", native_enum=False, length=32
            ),
            nullable=True,
        ),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("spans", sa.JSON(), nullable=False),
        sa.Column("mended_text", sa.String(), nullable=True),
        sa.Column("replaced", sa.JSON(), nullable=False),
        sa.Column("done_at", UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["clip_id"], ["clip.id"], name=op.f("fk_clip_report_clip_id_clip")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_clip_report_decided_by_person")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_clip_report_project_id_project")
        ),
        sa.ForeignKeyConstraint(
            ["transcript_id"], ["transcript.id"], name=op.f("fk_clip_report_transcript_id_transcript")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clip_report")),
    )
    with op.batch_alter_table("clip_report", schema=None) as batch_op:
        batch_op.create_index("ix_clip_report_clip", ["clip_id"], unique=False)
        batch_op.create_index("ix_clip_report_opened_by", ["opened_by", "opened_at"], unique=False)
        batch_op.create_index(
            "ix_clip_report_state", ["project_id", "state", "language", "opened_at"], unique=False
        )
        batch_op.create_index(
            "uq_clip_report_standing",
            ["clip_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('open', 'decided')"),
            postgresql_where=sa.text("state IN ('open', 'decided')"),
        )

    with op.batch_alter_table("transcript", schema=None) as batch_op:
        batch_op.add_column(sa.Column("scanned", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("withheld_at", UtcDateTime(timezone=True), nullable=True))
        batch_op.create_index(
            "ix_transcript_unscanned",
            ["id"],
            unique=False,
            sqlite_where=sa.text("scanned IS NULL"),
            postgresql_where=sa.text("scanned IS NULL"),
        )
        batch_op.create_index(
            "ix_transcript_withheld",
            ["id"],
            unique=False,
            sqlite_where=sa.text("withheld_at IS NOT NULL"),
            postgresql_where=sa.text("withheld_at IS NOT NULL"),
        )
