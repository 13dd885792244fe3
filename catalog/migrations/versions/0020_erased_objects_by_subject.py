"""What was erased of one subject, and who else holds an original, are found without reading a whole table"""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_erased_object_subject", "erased_object", ["erasure_id", "subject_id"])
    op.create_index("ix_recording_key", "recording", ["key"])


def downgrade() -> None:
    op.drop_index("ix_recording_key", "recording")
    op.drop_index("ix_erased_object_subject", "erased_object")
