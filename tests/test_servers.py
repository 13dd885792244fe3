"""The servers that other tests lean on."""

import pytest
import sqlalchemy

from tests.servers import S3Server


@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_gets_an_empty_database_of_its_own(postgres_url: str, turn: int) -> None:
    engine = sqlalchemy.create_engine(postgres_url)

    with engine.begin() as connection:
        before = sqlalchemy.inspect(connection).get_table_names()
        connection.execute(sqlalchemy.text("CREATE TABLE seen (id integer)"))

    engine.dispose()
    assert before == []


def test_all_workers_share_one_s3_server(s3_server: S3Server) -> None:
    assert s3_server.endpoint.startswith("http://127.0.0.1:")
