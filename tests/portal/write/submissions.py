"""A transcriber's requests in tests: claiming clips, sending what was written, being sent back."""

import json
import re

from fastapi.testclient import TestClient
from sqlalchemy import select

from catalog.states import ReviewDecision, Role, SubmissionKind
from catalog.tables import Slot, Submission
from portal.context import PortalContext
from tests.portal.people import Somebody, sign_in
from transcription import queue, review
from transcription.clip_reports import reporting

TEXT = "ఇది ఒక పరీక్ష"


def claimed(writer: TestClient, want: int = 1) -> list[dict]:
    answer = writer.post("/write/claim", json={"want": want})
    assert answer.status_code == 200
    return answer.json()["clips"]


def send(writer: TestClient, kind: str, clip: dict, **body: object):
    given = {"token": clip["token"], "proof": clip["proof"], "request_id": "request-1", **body}
    return writer.post(f"/write/{clip['slot']}/{kind}", json=given)


def sent_back(portal: PortalContext, author: Somebody, slot_id: str, *, note: str) -> None:
    """Somebody else reports the clip, so that a reviewer gets it, who wants the author's text mended."""
    project_context, now = portal.project_context("demo"), portal.clock()
    other = sign_in(portal, "reporter", [Role.TRANSCRIBER])
    reviewer = sign_in(portal, "rekha", [Role.REVIEWER])
    with portal.catalog.reading() as session:
        task_id = session.get_one(Slot, slot_id).task_id
        text_id = session.scalars(
            select(Submission.id).where(
                Submission.task_id == task_id, Submission.person_id == author.person_id
            )
        ).one()
    for lease in queue.claim_many(project_context, other.person_id, 40, now=now):
        if lease.task_id == task_id:
            reporting.report(
                project_context, lease.hold, reason_code="wrong_language", request_id="r", now=now
            )
    item = review.next_review(project_context, reviewer.person_id, now=now)
    assert item is not None and item.task_id == task_id
    review.decide(
        project_context,
        item.hold,
        ReviewDecision.SEND_BACK,
        submission_id=text_id,
        reasons=["missing_words"],
        note=note,
        now=now,
    )


def sent_by(portal: PortalContext, person: Somebody) -> list[tuple[SubmissionKind, str]]:
    with portal.catalog.reading() as session:
        rows = session.scalars(
            select(Submission)
            .where(Submission.person_id == person.person_id)
            .order_by(Submission.created_at, Submission.id)
        )
        return [(row.kind, row.verbatim) for row in rows]


def page_block(page: str) -> dict:
    found = re.search(r'<script type="application/json" id="page">(.*?)</script>', page, re.DOTALL)
    assert found
    return json.loads(found.group(1))
