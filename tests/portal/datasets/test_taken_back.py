"""After a withdrawal's answer, whoever reads a dataset is refused what still holds the voice, by whatever link."""

import html
import re

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from catalog.consent import ConsentScope, grant, history
from catalog.states import Role
from catalog.tables import Clip, ConsentReceipt, Release, ReleaseItem
from portal.access.api_tokens import make_token
from portal.access.secrets import hashed
from portal.app import create_app
from portal.context import PortalContext
from portal.datasets.download import link
from portal.datasets.taken_back import holds_taken_back
from tests.portal.people import sign_in
from tests.portal.record.test_consent_pages import CODE
from tests.releases.conftest import Archive

VERSION = "/datasets/tiny/1.1.0"


@pytest.fixture
def paper(portal: PortalContext) -> None:
    """te-01 has a paper receipt."""
    with portal.catalog.writing() as session:
        session.add(
            ConsentReceipt(
                code_sha256=hashed(CODE),
                speaker_id="speaker-te-01",
                consent_event_id=history(session, "speaker-te-01")[0].id,
                made_at=portal.clock(),
            )
        )
        for key in session.scalars(select(Clip.preview_key)):
            portal.store.put_bytes(key, b"OggS")


def parts(portal: PortalContext, *, voice: str | None) -> list[str]:
    """Parts of version 1.1.0 by path: those with a row of that voice; of nobody's, those without te-01."""
    with portal.catalog.reading() as session:
        rows = session.execute(
            select(ReleaseItem.shard, ReleaseItem.speaker)
            .join(Release, Release.id == ReleaseItem.release_id)
            .where(Release.version == "1.1.0")
        ).all()
    holding = {shard for shard, speaker in rows if speaker == "te-01"}
    return sorted(holding if voice else {shard for shard, _ in rows} - holding)


def test_the_next_request_of_every_reader_is_refused_and_granted_again_once_the_voice_is_gone(
    portal: PortalContext, reader: TestClient, shelf: Archive, paper: None
) -> None:
    leela = sign_in(portal, "lalita", [Role.ML_READER])
    samples = [
        html.unescape(each)
        for each in re.findall(r'<audio[^>]* src="([^"]+)"', reader.get(f"{VERSION}/samples").text)
    ]
    held = parts(portal, voice="te-01")
    signed = [
        link(portal, "tiny", "1.1.0", path, by=leela.person_id, now=portal.clock()).removeprefix(
            portal.address
        )
        for path in held
    ]
    with portal.catalog.writing() as session:
        token = make_token(session, leela.person_id, name="tests", days=30, now=portal.clock())
    stored = [each.key.removeprefix("datasets/tiny/") for each in portal.store.list("datasets/tiny/parts/")]
    with TestClient(create_app(portal), base_url=portal.address, follow_redirects=False) as program:
        program.headers["Authorization"] = f"Bearer {token}"

        def answers() -> dict[str, set[int]]:
            return {
                "files": {reader.get(f"{VERSION}/files/{path}").status_code for path in held},
                "signed": {program.get(path).status_code for path in signed},
                "api": {program.get(f"/api/v1/datasets/tiny/objects/{each}").status_code for each in stored},
            }

        assert held and answers() == {"files": {200}, "signed": {200}, "api": {200}}
        heard_before = [path for path in samples if reader.get(path).status_code == 200]

        done = program.post("/withdraw", data={"code": CODE, "sure": "yes"})

        assert done.status_code == 200
        assert answers() == {"files": {410}, "signed": {410}, "api": {410}}
        heard_after = [path for path in samples if reader.get(path).status_code == 200]
        assert set(heard_after) < set(heard_before)
        assert all(
            reader.get(f"{VERSION}/files/{path}").status_code == 200 for path in parts(portal, voice=None)
        )

        shelf.erase()
        left = reader.get(f"{VERSION}/files/checksums.sha256").text.splitlines()
        for line in left:
            assert reader.get(f"{VERSION}/files/{line.split('  ', 1)[1]}").status_code == 200


def test_what_a_later_yes_leaves_out_is_given_to_nobody_from_its_answer_on(
    portal: PortalContext, reader: TestClient, shelf: Archive
) -> None:
    held, free = parts(portal, voice="te-01"), parts(portal, voice=None)

    def answers(paths: list[str]) -> set[int]:
        return {reader.get(f"{VERSION}/files/{path}").status_code for path in paths}

    assert answers(held) == answers(free) == {200}
    with portal.catalog.writing() as session:
        grant(
            session,
            speaker_id="speaker-te-01",
            scopes=[ConsentScope.TRANSCRIPTION],
            notice_version="1",
            notice_language="te",
            evidence="consents/again.ogg",
            evidence_sha256=None,
            recorded_by="asha",
            at=portal.clock(),
        )

    assert answers(held) == {410} and answers(free) == {200}
    shelf.erase()
    assert answers(free) == {200}
    with portal.catalog.reading() as session:
        assert not holds_taken_back(session, "tiny", project="demo", now=portal.clock())
