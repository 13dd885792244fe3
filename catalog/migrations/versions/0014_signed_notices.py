"""Who signed for consent notices, and how they sound

Notices by which people were asked before go on being used, and say that nobody has signed them.
"""

import sqlalchemy as sa
from alembic import op
from catalog.ids import content_id
from catalog.tables.base import UtcDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notice_signature",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("project_id", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("notice_version", sa.String(), nullable=False),
        sa.Column("text_sha256", sa.String(), nullable=True),
        sa.Column("signed_by", sa.String(), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_notice_signature_project_id_project")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_signature")),
    )
    with op.batch_alter_table("notice_signature", schema=None) as batch_op:
        batch_op.create_index("ix_notice_signature_project", ["project_id", "language"], unique=False)

    op.create_table(
        "notice_sound",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("project_id", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("text_sha256", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("machine", sa.Boolean(), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_notice_sound_project_id_project")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_sound")),
    )
    with op.batch_alter_table("notice_sound", schema=None) as batch_op:
        batch_op.create_index("ix_notice_sound_project", ["project_id", "language", "at"], unique=False)

    _keep_in_use(op.get_bind())


def _keep_in_use(bind: sa.Connection) -> None:
    asked = bind.exec_driver_sql(
        "SELECT s.project_id, e.notice_language, e.notice_version FROM consent_event e "
        "JOIN speaker s ON s.id = e.speaker_id WHERE e.kind = 'granted' AND substr(e.evidence, 1, 8) <> 'licence ' "
        "GROUP BY s.project_id, e.notice_language, e.notice_version ORDER BY 1, 2, 3"
    ).all()
    for project, language, version in asked:
        bind.execute(
            sa.text(
                "INSERT INTO notice_signature "
                "(id, project_id, language, notice_version, text_sha256, signed_by, recorded_by, at) "
                "SELECT :id, s.project_id, e.notice_language, e.notice_version, NULL, 'nobody', 'migration', min(e.at) "
                "FROM consent_event e JOIN speaker s ON s.id = e.speaker_id "
                "WHERE s.project_id = :project AND e.notice_language = :language AND e.notice_version = :version "
                "GROUP BY s.project_id, e.notice_language, e.notice_version"
            ),
            {
                "id": content_id("notice", project, language, f"version {version}"),
                "project": project,
                "language": language,
                "version": version,
            },
        )
