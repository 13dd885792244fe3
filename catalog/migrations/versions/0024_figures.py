"""Figures of a project, kept as they were counted; indexes that pages of large projects ask for"""

import sqlalchemy as sa
from alembic import op
from catalog.tables.base import UtcDateTime

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

INDEXES = (
    ("ix_ledger_entry_subject", "ledger_entry", ["subject_id"]),
    ("ix_ledger_entry_person", "ledger_entry", ["person_id", "project_id", "at", "id"]),
    ("ix_note_at", "note", ["at"]),
    ("ix_transcript_guideline", "transcript", ["guideline", "accepted_at"]),
    ("ix_upload_sent_by", "upload", ["sent_by", "received_at", "id"]),
    ("ix_speaker_created", "speaker", ["project_id", "created_at", "pseudonym"]),
    ("ix_speaker_registered_by", "speaker", ["registered_by", "created_at", "pseudonym"]),
    ("ix_erasure_requested", "erasure", ["project_id", "requested_at"]),
    ("ix_review_reviewer", "review", ["reviewer_id", "at"]),
)


def upgrade() -> None:
    op.create_table(
        "figure",
        sa.Column("project_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("counted_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_figure_project_id_project")),
        sa.PrimaryKeyConstraint("project_id", "name", name=op.f("pk_figure")),
    )
    op.drop_index("ix_ledger_entry_person_id", "ledger_entry")  # the first column of a new one
    op.drop_index("ix_speaker_registered_by", "speaker")
    for name, table, columns in INDEXES:
        op.create_index(name, table, columns, unique=False)
    op.create_index(
        "ix_transcript_reviewed",
        "transcript",
        ["accepted_at", "clip_id"],
        unique=False,
        sqlite_where=sa.text("origin = 'review'"),
        postgresql_where=sa.text("origin = 'review'"),
    )
    op.create_index(
        "ix_speaker_adult_yes_due",
        "speaker",
        ["project_id", "created_at", "pseudonym"],
        unique=False,
        sqlite_where=sa.text("adult_yes_due IS 1"),
        postgresql_where=sa.text("adult_yes_due IS true"),
    )
    op.create_index(
        "ix_speaker_guardian_yes_due",
        "speaker",
        ["project_id", "created_at"],
        unique=False,
        sqlite_where=sa.text("guardian_yes_due IS 1"),
        postgresql_where=sa.text("guardian_yes_due IS true"),
    )
    op.create_index(
        "ix_transfer_live",
        "transfer",
        ["person_id"],
        unique=False,
        sqlite_where=sa.text("state = 'arriving'"),
        postgresql_where=sa.text("state = 'arriving'"),
    )
