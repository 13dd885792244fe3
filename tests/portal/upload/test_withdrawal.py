"""A voice that was taken back is refused at the door, and what had come of it is gone before its sender is told."""

from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from catalog import consent
from catalog.consent import ConsentScope
from catalog.speakers import speaker_id_of
from catalog.states import TransferState
from tests.portal.upload.server import PROJECT
from tests.portal.upload.upload_portal import (
    SPEAKER,
    TUS,
    UploadPortal,
    noise,
    pairs,
    patch,
    recording,
    upload_portal,
)
from tests.servers import PostgresServer

SPEAKER_ID = speaker_id_of(PROJECT, SPEAKER)


def says_yes(portal: UploadPortal) -> None:
    with portal.catalog.writing() as session:
        consent.grant(
            session,
            speaker_id=SPEAKER_ID,
            scopes=list(ConsentScope),
            notice_version="1",
            notice_language="te",
            evidence=f"spoken {datetime.now(UTC)}",
            evidence_sha256=None,
            recorded_by="asha",
            at=datetime.now(UTC),
        )


def takes_it_back(portal: UploadPortal) -> None:
    with portal.catalog.writing() as session:
        consent.withdraw(session, speaker_id=SPEAKER_ID, recorded_by="asha", at=datetime.now(UTC))


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_an_upload_of_a_withdrawn_voice_is_refused_and_its_half_is_erased(
    database: str, tmp_path: Path, postgres_server: PostgresServer
) -> None:
    url = postgres_server.url(postgres_server.create_database()) if database == "postgresql" else None
    body = noise(50_000, seed=90)
    with upload_portal(tmp_path, url, free_bytes=0) as portal, portal.client() as client:
        says_yes(portal)
        half = portal.create(len(body), recording("half.amr"))
        patch(client, half, 0, body[:20_000])
        assert portal.file_of(half).exists()

        takes_it_back(portal)

        assert code_of(patch(client, half, 20_000, body[20_000:])) == (410, "consent_withdrawn")
        assert not portal.file_of(half).exists()
        assert client.head(half, headers=TUS).status_code == 410
        new = client.post(
            "/uploads", headers=TUS | {"Upload-Length": "10", "Upload-Metadata": recording("new.amr")}
        )
        assert code_of(new) == (410, "consent_withdrawn")
        assert "took their consent back" in new.json()["error"]["message"]
        assert list(portal.arriving.glob("*")) == []
        assert portal.transfer(half).state is TransferState.ENDED
        assert portal.kept() == {}


def test_evidence_of_a_new_yes_is_taken_in_after_a_withdrawal_and_then_recordings_again(
    tmp_path: Path,
) -> None:
    with upload_portal(tmp_path, free_bytes=0) as portal, portal.client() as client:
        says_yes(portal)
        takes_it_back(portal)

        evidence = portal.create(4, pairs(purpose="consent", filename="yes.ogg", speaker=SPEAKER))
        assert patch(client, evidence, 0, b"ogg!").status_code == 204
        says_yes(portal)

        again = portal.create(5, recording("again.amr"))
        assert patch(client, again, 0, b"#!AMR").status_code == 204
        assert portal.kept() == {"again.amr": b"#!AMR"}
