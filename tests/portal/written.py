"""A clip that was written down, accepted and aligned, and the count of statements: for pages that show them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import event, select

from catalog.ids import content_id
from catalog.states import AlignmentState, Role
from catalog.tables import Alignment, Clip, Transcript
from portal.context import PortalContext
from tests.portal.people import sign_in
from transcription import queue
from transcription.submission import submit

TEXT = "అమ్మ బడికి వెళ్ళింది"


@dataclass(frozen=True, slots=True)
class WrittenClip:
    """A clip that two people wrote alike. task_id: of their work"""

    clip_id: str
    task_id: str
    submission_id: str


def write_and_align(portal: PortalContext) -> WrittenClip:
    """ravi and lakshmi write the next clip; its words lie in time, the second one in doubt."""
    context, now = portal.project_context("demo"), portal.clock()
    first = None
    for handle in ("ravi", "lakshmi"):
        person = sign_in(portal, handle, [Role.TRANSCRIBER])
        lease = queue.claim(context, person.person_id, now=now)
        assert lease is not None
        sent = submit(context, lease.hold, TEXT, request_id=handle, now=now)
        first = first or (lease, sent)
    assert first is not None
    lease, sent = first
    with portal.catalog.writing() as session:
        text = session.scalars(select(Transcript).where(Transcript.clip_id == lease.clip_id)).one()
        length = int(session.get_one(Clip, lease.clip_id).seconds * 16_000)
        session.add(
            Alignment(
                id=content_id("alignment", text.id),
                clip_id=lease.clip_id,
                transcript_id=text.id,
                aligner="dtw-espeak@1 te",
                state=AlignmentState.ALIGNED,
                score=0.6,
                words=[
                    {
                        "word": word,
                        "start": length * part // 4,
                        "end": length * part // 4 + length // 5,
                        "score": score,
                    }
                    for part, (word, score) in enumerate(zip(TEXT.split(), (0.9, 0.3, 0.8), strict=True))
                ],
                at=now,
            )
        )
    return WrittenClip(lease.clip_id, lease.task_id, sent.submission_id)


@contextmanager
def statements_of(portal: PortalContext) -> Iterator[list[str]]:
    """What is asked of the database while the block runs."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(portal.catalog.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(portal.catalog.engine, "before_cursor_execute", note)
