"""After a withdrawal's answer, the very next request of everybody at work on the voice is refused."""

import base64
from typing import Any

import pytest
from fastapi.testclient import TestClient

from catalog.consent import history
from catalog.speakers import speaker_id_of
from catalog.states import Role
from catalog.tables import ConsentReceipt, Speaker
from portal.access.secrets import hashed
from portal.app import create_app
from portal.context import PortalContext
from portal.listening import SlotHeld, link
from tests.portal.people import Somebody, sign_in
from tests.portal.record.test_consent_pages import CODE, TUS
from transcription import queue

SPEAKER = speaker_id_of("demo", "te-01")


@pytest.fixture
def paper(busy_portal: PortalContext) -> PortalContext:
    """te-01 has a paper receipt; asha met them."""
    with busy_portal.catalog.writing() as session:
        session.add(
            ConsentReceipt(
                code_sha256=hashed(CODE),
                speaker_id=SPEAKER,
                consent_event_id=history(session, SPEAKER)[0].id,
                made_at=busy_portal.clock(),
            )
        )
    return busy_portal


def begins_upload(browser: TestClient) -> Any:
    pairs = {"purpose": "recording", "name": "te-01_900.flac", "speaker": "te-01", "language": "te"}
    metadata = ",".join(f"{key} {base64.b64encode(text.encode()).decode()}" for key, text in pairs.items())
    answer = browser.post("/uploads", headers=TUS | {"Upload-Length": "9000", "Upload-Metadata": metadata})
    return answer


def sends_more(browser: TestClient, location: str) -> int:
    return browser.patch(
        location,
        content=b"x" * 100,
        headers=TUS | {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"},
    ).status_code


def test_listener_sender_and_speaker_hear_no_more_and_nobody_gets_a_clip_of_the_voice(
    paper: PortalContext,
) -> None:
    context = paper.project_context("demo")
    ravi = sign_in(paper, "ravi", [Role.TRANSCRIBER])
    asha = sign_in(paper, "asha", [Role.COORDINATOR])
    with paper.catalog.writing() as session:
        session.get_one(Speaker, SPEAKER).registered_by = asha.person_id
    lease = queue.claim(context, ravi.person_id, now=paper.clock())
    assert lease is not None
    heard = [
        link(
            paper,
            lease.clip_id,
            kind,
            listener=ravi.person_id,
            ground=SlotHeld(lease.hold),
            now=paper.clock(),
        )
        for kind in ("preview", "peaks")
    ]

    def browser_of(somebody: Somebody | None) -> TestClient:
        client = TestClient(create_app(paper), base_url=paper.address, follow_redirects=False)
        return somebody.browser(client) if somebody else client

    with browser_of(ravi) as listener, browser_of(asha) as sender, browser_of(None) as speaker:
        assert [listener.get(each).status_code for each in heard] == [200, 200]
        begun = begins_upload(sender)
        assert begun.status_code == 201, begun.text
        location = begun.headers["location"]

        assert speaker.post("/withdraw", data={"code": CODE, "sure": "yes"}).status_code == 200

        assert {listener.get(each).status_code for each in heard} <= {404, 409, 410}
        assert sends_more(sender, location) == 410
        assert begins_upload(sender).status_code == 410
        assert queue.claim(context, ravi.person_id, now=paper.clock()) is None
