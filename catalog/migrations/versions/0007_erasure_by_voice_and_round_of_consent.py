"""Erasure by voice: rounds of consent, what each withdrawal destroyed, and whose voice an unfinished upload brings.

Withdrawals of before are opened again: what they left of a voice is destroyed by the next run of the flows.
"""

import base64
import binascii

import sqlalchemy as sa
from alembic import op
from catalog.ids import content_id
from catalog.tables.base import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('erasure',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('project_id', sa.String(), nullable=False),
    sa.Column('speaker_id', sa.String(), nullable=False),
    sa.Column('round', sa.Integer(), nullable=False),
    sa.Column('consent_event_id', sa.String(), nullable=False),
    sa.Column('requested_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('requested_by', sa.String(), nullable=False),
    sa.Column('finished_at', UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['consent_event_id'], ['consent_event.id'], name=op.f('fk_erasure_consent_event_id_consent_event')),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_erasure_project_id_project')),
    sa.ForeignKeyConstraint(['speaker_id'], ['speaker.id'], name=op.f('fk_erasure_speaker_id_speaker')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_erasure')),
    sa.UniqueConstraint('speaker_id', 'round', name=op.f('uq_erasure_speaker_id_round'))
    )
    with op.batch_alter_table('erasure', schema=None) as batch_op:
        batch_op.create_index('ix_erasure_open', ['project_id', 'finished_at'], unique=False)

    op.create_table('erased_object',
    sa.Column('erasure_id', sa.String(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('version', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('subject_id', sa.String(), nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=True),
    sa.Column('sha256', sa.String(), nullable=True),
    sa.Column('audio_sha256', sa.String(), nullable=True),
    sa.Column('erased_at', UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['erasure_id'], ['erasure.id'], name=op.f('fk_erased_object_erasure_id_erasure')),
    sa.PrimaryKeyConstraint('erasure_id', 'key', 'version', name=op.f('pk_erased_object'))
    )
    with op.batch_alter_table('erased_object', schema=None) as batch_op:
        batch_op.create_index('ix_erased_object_audio_sha256', ['audio_sha256'], unique=False)
        batch_op.create_index('ix_erased_object_sha256', ['sha256'], unique=False)

    with op.batch_alter_table('clip', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_clip_recording_id'))
        batch_op.create_index('ix_clip_recording', ['recording_id', 'id'], unique=False)

    with op.batch_alter_table('recording_speaker', schema=None) as batch_op:
        batch_op.add_column(sa.Column('consent_round', sa.Integer(), server_default='0', nullable=False))
        batch_op.drop_index(batch_op.f('ix_recording_speaker_speaker_id'))
        batch_op.create_index('ix_recording_speaker_speaker', ['speaker_id', 'recording_id'], unique=False)

    with op.batch_alter_table('speaker', schema=None) as batch_op:
        batch_op.add_column(sa.Column('consent_round', sa.Integer(), server_default='0', nullable=False))

    with op.batch_alter_table('transfer', schema=None) as batch_op:
        batch_op.add_column(sa.Column('speaker_id', sa.String(), nullable=True))
        batch_op.add_column(sa.Column('consent_round', sa.Integer(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('erased_at', UtcDateTime(timezone=True), nullable=True))
        batch_op.create_index('ix_transfer_speaker', ['speaker_id', 'id'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_transfer_speaker_id_speaker'), 'speaker', ['speaker_id'], ['id'])

    with op.batch_alter_table('upload', schema=None) as batch_op:
        batch_op.add_column(sa.Column('consent_round', sa.Integer(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('erased_at', UtcDateTime(timezone=True), nullable=True))
        batch_op.create_index('ix_upload_speaker', ['speaker_id', 'id'], unique=False)

    bind = op.get_bind()
    _count_rounds(bind)
    _open_erasures(bind)
    _name_voices_of_transfers(bind)
    _name_originals_of_duplicates(bind)


def _count_rounds(bind: sa.Connection) -> None:
    taken_back = "SELECT count(*) FROM consent_event e WHERE e.kind = 'withdrawn' AND e.speaker_id ="
    bind.exec_driver_sql(f"UPDATE speaker SET consent_round = ({taken_back} speaker.id)")
    # What came in while no consent held belongs to the round before: it is to be destroyed.
    bind.exec_driver_sql(
        f"UPDATE upload SET consent_round = ({taken_back} upload.speaker_id AND e.at <= upload.received_at) "
        "WHERE speaker_id IN (SELECT id FROM speaker WHERE consent_round > 0 AND consent_scopes <> '')"
    )
    bind.exec_driver_sql(
        f"UPDATE recording_speaker SET consent_round = ({taken_back} recording_speaker.speaker_id AND e.at <= "
        "(SELECT u.received_at FROM recording r JOIN upload u ON u.id = r.upload_id "
        "WHERE r.id = recording_speaker.recording_id)) "
        "WHERE speaker_id IN (SELECT id FROM speaker WHERE consent_round > 0 AND consent_scopes <> '')"
    )


def _open_erasures(bind: sa.Connection) -> None:
    events = bind.exec_driver_sql(
        "SELECT e.id, s.id, s.project_id, e.recorded_by FROM consent_event e JOIN speaker s ON s.id = e.speaker_id "
        "WHERE e.kind = 'withdrawn' ORDER BY s.id, e.number"
    ).all()
    rounds: dict[str, int] = {}
    for event, speaker, project, by in events:
        rounds[speaker] = rounds.get(speaker, 0) + 1
        bind.execute(
            sa.text(
                "INSERT INTO erasure (id, project_id, speaker_id, round, consent_event_id, requested_at, requested_by) "
                "SELECT :id, :project, :speaker, :round, :event, at, :by FROM consent_event WHERE id = :event"
            ),
            {
                "id": content_id("erasure", speaker, rounds[speaker]),
                "project": project,
                "speaker": speaker,
                "round": rounds[speaker],
                "event": event,
                "by": by,
            },
        )


def _name_voices_of_transfers(bind: sa.Connection) -> None:
    transfer = sa.table(
        "transfer", *(sa.column(name) for name in ("id", "project_id", "speaker_id")), sa.column("details", sa.JSON)
    )
    last = ""
    page = sa.select(transfer.c.id, transfer.c.project_id, transfer.c.details).order_by(transfer.c.id).limit(1000)
    while rows := bind.execute(page.where(transfer.c.id > last)).all():
        for identifier, project, details in rows:
            last = identifier
            pseudonym = details.get("speaker") if isinstance(details, dict) else None
            if pseudonym:
                bind.execute(
                    sa.text(
                        "UPDATE transfer SET speaker_id = :speaker WHERE id = :id "
                        "AND EXISTS (SELECT 1 FROM speaker WHERE id = :speaker)"
                    ),
                    {"id": identifier, "speaker": content_id("speaker", project, _decoded(pseudonym))},
                )


def _decoded(value: str) -> str:
    try:
        return base64.b64decode(value).decode()
    except (binascii.Error, UnicodeDecodeError):
        return value


def _name_originals_of_duplicates(bind: sa.Connection) -> None:
    bind.exec_driver_sql(
        "UPDATE upload SET recording_id = (SELECT r.id FROM recording r "
        "WHERE r.project_id = upload.project_id AND r.sha256 = upload.sha256) "
        "WHERE state = 'rejected' AND reason = 'duplicate_bytes' AND recording_id IS NULL"
    )
    bind.exec_driver_sql(
        "UPDATE upload SET recording_id = (SELECT min(r.id) FROM recording r JOIN upload o ON o.id = r.upload_id "
        "WHERE r.project_id = upload.project_id AND upload.detail = 'the same as ' || o.name) "
        "WHERE state = 'rejected' AND reason = 'duplicate_audio' AND recording_id IS NULL"
    )
