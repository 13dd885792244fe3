"""A home whose people were asked before signatures were: it goes on, and says that nobody signed."""

from datetime import UTC, datetime

from alembic import command
from alembic.config import Config
from sqlalchemy import TextClause, bindparam, create_engine, make_url, select, text

from catalog.database import WRITES, Catalog, migrate
from catalog.migrating import MIGRATIONS
from catalog.tables import NoticeSignature
from catalog.tables.base import UtcDateTime


def test_notices_in_use_are_kept_in_use_and_no_licence_becomes_one(catalog_url: str) -> None:
    catalog = Catalog(create_engine(make_url(catalog_url)))
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with catalog.engine.execution_options(**{WRITES: True}).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0013")
        now = datetime(2026, 3, 1, tzinfo=UTC)
        connection.execute(
            _timed("INSERT INTO project (id, title, created_at) VALUES ('p', 'P', :at)"), {"at": now}
        )
        for number, (language, evidence) in enumerate(
            (("te", "consents/a.webm"), ("te", "consents/b.webm"), ("kn", "licence CC0-1.0"))
        ):
            connection.execute(
                _timed(
                    "INSERT INTO speaker (id, project_id, pseudonym, language, other_languages, "
                    "consent_scopes, created_at) "
                    "VALUES (:id, 'p', :id, 'te', '[]', '', :at)"
                ),
                {"id": f"s{number}", "at": now},
            )
            connection.execute(
                _timed(
                    "INSERT INTO consent_event (id, speaker_id, number, kind, scopes, notice_version, "
                    "notice_language, evidence, recorded_by, at) "
                    "VALUES (:id, :id, 1, 'granted', '[]', '1', :language, :evidence, 'asha', :at)"
                ),
                {"id": f"s{number}", "language": language, "evidence": evidence, "at": now},
            )

    migrate(catalog)

    with catalog.reading() as session:
        (kept,) = session.scalars(select(NoticeSignature)).all()
    assert (kept.project_id, kept.language, kept.notice_version, kept.text_sha256) == ("p", "te", "1", None)
    assert kept.at == now
    catalog.close()


def _timed(statement: str) -> TextClause:
    return text(statement).bindparams(bindparam("at", type_=UtcDateTime()))
