"""Search words of accepted texts and of files' names, and the order in which lists of items are read"""

from collections.abc import Iterator
from unicodedata import category, normalize

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_AT_A_TIME = 1000
_WORD = sa.table("search_word", *(sa.column(name) for name in ("project_id", "kind", "word", "subject_id")))
_TEXTS = (
    "SELECT transcript.id AS at, clip.project_id AS project_id, 'clip' AS kind, clip.id AS subject_id, "
    "transcript.normalised AS text FROM transcript JOIN clip ON clip.id = transcript.clip_id "
    "WHERE transcript.id > :after AND NOT EXISTS (SELECT 1 FROM transcript AS later "
    "WHERE later.clip_id = transcript.clip_id AND later.version > transcript.version) "
    "ORDER BY transcript.id LIMIT :most"
)
_NAMES = (
    "SELECT id AS at, project_id, 'upload' AS kind, id AS subject_id, name AS text FROM upload "
    "WHERE erased_at IS NULL AND id > :after ORDER BY id LIMIT :most"
)


def upgrade() -> None:
    op.create_table(
        "search_word",
        sa.Column("project_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("word", sa.String().with_variant(sa.String(collation="C"), "postgresql"), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("project_id", "kind", "word", "subject_id", name="pk_search_word"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_search_word_subject", "search_word", ["subject_id"])
    op.create_index("ix_upload_received", "upload", ["project_id", "received_at", "id"])
    op.create_index("ix_upload_receipt", "upload", ["project_id", "receipt"])
    op.create_index("ix_clip_created", "clip", ["project_id", "created_at", "id"])
    op.create_index("ix_clip_seconds", "clip", ["project_id", "seconds", "id"])
    op.create_index("ix_transcript_accepted", "transcript", ["accepted_at", "clip_id"])
    op.create_index("ix_submission_created", "submission", ["created_at", "id"])
    op.create_index("ix_ledger_entry_at", "ledger_entry", ["project_id", "at", "id"])
    for query in (_TEXTS, _NAMES):
        for page in _pages(query):
            rows = [row for each in page for row in _words(each)]
            if rows:
                op.get_bind().execute(_WORD.insert(), rows)


def _pages(query: str) -> Iterator[list[sa.Row[tuple[str, str, str, str, str]]]]:
    after = ""
    while page := list(op.get_bind().execute(sa.text(query), {"after": after, "most": _AT_A_TIME})):
        yield page
        after = page[-1].at


def _words(row: sa.Row[tuple[str, str, str, str, str]]) -> Iterator[dict[str, str]]:
    """As catalog.search_words does since; here for good, whatever becomes of that."""
    kept = (letter for letter in normalize("NFC", row.text).casefold() if category(letter) != "Cf")
    spaced = "".join(letter if category(letter)[0] in "LMN" else " " for letter in kept)
    for word in dict.fromkeys(word[:40] for word in spaced.split()):
        yield {"project_id": row.project_id, "kind": row.kind, "word": word, "subject_id": row.subject_id}


def downgrade() -> None:
    for name, table in (
        ("ix_ledger_entry_at", "ledger_entry"),
        ("ix_submission_created", "submission"),
        ("ix_transcript_accepted", "transcript"),
        ("ix_clip_seconds", "clip"),
        ("ix_clip_created", "clip"),
        ("ix_upload_receipt", "upload"),
        ("ix_upload_received", "upload"),
    ):
        op.drop_index(name, table)
    op.drop_table("search_word")
