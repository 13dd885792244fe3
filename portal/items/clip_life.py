"""The life of a clip, for its page: its words in time, who wrote and judged what, which versions hold it.

A fixed number of queries, however much happened; of each kind the newest are shown.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, ScalarSelect, func, select
from sqlalchemy.orm import Session, aliased

from catalog.alignments import PERSON, holds_first
from catalog.consent import ConsentScope, consented
from catalog.reports import is_hidden, was_reported
from catalog.states import ClipState, SubmissionKind
from catalog.tables import (
    Alignment,
    Assessment,
    Clip,
    LedgerEntry,
    Note,
    Person,
    Recording,
    RecordingSpeaker,
    Release,
    ReleaseItem,
    Review,
    Speaker,
    Submission,
    Task,
    Transcript,
    Upload,
)
from portal.http.pages import _
from portal.items.drafts_of_clip import of_drafts
from portal.items.happenings import ItemEvent, in_order
from portal.items.word_times import WordTime, word_times
from portal.items.words import MARKS, STATE_WORDS

MOST = 50
"""Texts, decisions, notes and versions of one clip."""
ORIGINS = {
    "single": _("a text accepted: one writer's"),
    "agreement": _("a text accepted: two writers agree"),
    "consensus": _("a text accepted: what several have in common"),
    "review": _("a text accepted: a reviewer's decision"),
}


@dataclass(frozen=True, slots=True)
class WrittenText:
    """A text that somebody handed in. error: share of letters against the better text; None before it was judged"""

    person: str
    kind: SubmissionKind
    text: str
    at: datetime
    error: float | None
    good: bool | None


@dataclass(frozen=True, slots=True)
class HeldBy:
    """A version that holds the clip. erased: it did, and gave it up"""

    dataset: str
    version: str
    split: str
    erased: bool


@dataclass(frozen=True, slots=True)
class ClipLife:
    """usable: every voice consents to being heard and written down, so that sound and words may be shown.

    times: None before the words were aligned; beside: ids of the clips before and after in the recording
    """

    clip: Clip
    recording: Recording
    upload: Upload
    task: Task | None
    usable: bool
    speakers: tuple[Speaker, ...]
    times: Alignment | None
    words: tuple[WordTime, ...]
    accepted: Transcript | None
    texts: tuple[WrittenText, ...]
    held_by: tuple[HeldBy, ...]
    paid_millis: int
    before: str | None
    after: str | None
    happenings: tuple[ItemEvent, ...]

    @property
    def state(self) -> str:
        return str(
            self.task.state if self.task and self.clip.state is not ClipState.WITHDRAWN else self.clip.state
        )

    @property
    def start(self) -> float:
        """Seconds of the recording."""
        return self.clip.start / self.recording.sample_rate

    @property
    def end(self) -> float:
        return self.clip.end / self.recording.sample_rate


def clip_life(session: Session, project: str, clip_id: str) -> ClipLife | None:
    """None where the project has no such clip."""
    head = session.execute(
        select(
            Clip,
            Recording,
            Upload,
            Task,
            Person.handle,
            consented(Clip.recording_id, ConsentScope.TRANSCRIPTION),
            is_hidden(Clip.id),
            was_reported(Clip.id),
            _neighbour(-1),
            _neighbour(1),
        )
        .join(Recording, Recording.id == Clip.recording_id)
        .join(Upload, Upload.id == Recording.upload_id)
        .outerjoin(Task, Task.clip_id == Clip.id)
        .outerjoin(Person, Person.id == Upload.sent_by)
        .where(Clip.id == clip_id, Clip.project_id == project)
    ).one_or_none()
    if head is None:
        return None
    clip, recording, upload, task, sender, agreed, hidden, reported, before, after = head
    usable = bool(agreed) and clip.state is not ClipState.WITHDRAWN
    sent = _texts(session, task.id) if task else []
    reviews = _reviews(session, task.id) if task else []
    # What people wrote of a clip before it was mended may hold what nobody must read.
    readable = usable and not reported
    transcripts = _transcripts(session, clip_id)
    last = transcripts[-1] if transcripts and usable and not hidden else None
    accepted = last if last is not None and last.withheld_at is None else None
    times = session.scalars(
        select(Alignment)
        .join(Transcript, Transcript.id == Alignment.transcript_id)
        .where(Alignment.clip_id == clip_id)
        .order_by(Transcript.version.desc(), *holds_first())
        .limit(1)
    ).first()
    releases = _releases(session, clip_id)
    judged = _judged(session, sent)
    happened = (
        *_arrival(clip, recording, upload, sender),
        *of_drafts(session, clip_id, usable=readable),
        *_of_texts(sent, usable=readable),
        *_of_reviews(reviews, usable=readable),
        *_of_notes(session, task.id if task and readable else None),
        *_of_transcripts(transcripts),
        *_of_times(session, times),
        *_of_releases(releases),
    )
    paid = [row.Submission.id for row in sent] + [row.Review.id for row in reviews]
    return ClipLife(
        clip=clip,
        recording=recording,
        upload=upload,
        task=task,
        usable=usable,
        speakers=speakers_of(session, recording.id),
        times=times,
        words=word_times(times.state, times.words) if times and accepted else (),
        accepted=accepted,
        texts=tuple(_written(row, judged.get(row.Submission.id)) for row in sent if readable),
        held_by=tuple(HeldBy(r.name, r.version, r.split, r.erased_at is not None) for r in releases),
        paid_millis=_paid(session, paid),
        before=before,
        after=after,
        happenings=in_order(happened),
    )


def _texts(session: Session, task_id: str) -> Sequence[Row[Any]]:
    return session.execute(
        select(Submission, Person.handle)
        .join(Person, Person.id == Submission.person_id)
        .where(Submission.task_id == task_id, Submission.kind != SubmissionKind.DRAFT)
        .order_by(Submission.created_at.desc(), Submission.id)
        .limit(MOST)
    ).all()[::-1]


def _reviews(session: Session, task_id: str) -> Sequence[Row[Any]]:
    return session.execute(
        select(Review, Person.handle)
        .join(Person, Person.id == Review.reviewer_id)
        .where(Review.task_id == task_id)
        .order_by(Review.at.desc(), Review.id)
        .limit(MOST)
    ).all()[::-1]


def _transcripts(session: Session, clip_id: str) -> Sequence[Transcript]:
    return session.scalars(
        select(Transcript)
        .where(Transcript.clip_id == clip_id)
        .order_by(Transcript.version.desc())
        .limit(MOST)
    ).all()[::-1]


def _releases(session: Session, clip_id: str) -> Sequence[Row[Any]]:
    return session.execute(
        select(Release.name, Release.version, Release.created_at, ReleaseItem.split, ReleaseItem.erased_at)
        .join(Release, Release.id == ReleaseItem.release_id)
        .where(ReleaseItem.clip_id == clip_id)
        .order_by(Release.created_at.desc())
        .limit(MOST)
    ).all()[::-1]


def speakers_of(session: Session, recording_id: str) -> tuple[Speaker, ...]:
    return tuple(
        session.scalars(
            select(Speaker)
            .join(RecordingSpeaker, RecordingSpeaker.speaker_id == Speaker.id)
            .where(RecordingSpeaker.recording_id == recording_id)
            .order_by(Speaker.pseudonym)
            .limit(MOST)
        )
    )


def _paid(session: Session, subjects: Sequence[str]) -> int:
    query = select(func.sum(LedgerEntry.amount_millis)).where(LedgerEntry.subject_id.in_(subjects))
    return int(session.scalar(query) or 0)


def _neighbour(step: int) -> ScalarSelect[str]:
    """The id of the clip that many further in the recording."""
    other = aliased(Clip)
    return (
        select(other.id)
        .where(
            other.recording_id == Clip.recording_id,
            other.recipe_id == Clip.recipe_id,
            other.number == Clip.number + step,
        )
        .correlate(Clip)
        .scalar_subquery()
    )


def _judged(session: Session, sent: Sequence[Row[Any]]) -> dict[str, Assessment]:
    """The last judgement of each of these texts, by its id."""
    ids = [row.Submission.id for row in sent]
    rows = session.scalars(
        select(Assessment).where(Assessment.submission_id.in_(ids)).order_by(Assessment.at, Assessment.id)
    )
    return {each.submission_id: each for each in rows}


def _written(row: Row[Any], judged: Assessment | None) -> WrittenText:
    sent: Submission = row.Submission
    error, good = (judged.error, judged.good) if judged else (None, None)
    return WrittenText(row.handle, sent.kind, sent.verbatim, sent.created_at, error, good)


def _arrival(clip: Clip, recording: Recording, upload: Upload, sender: str | None) -> Iterator[ItemEvent]:
    yield ItemEvent(upload.received_at, _("received, receipt %(code)s"), {"code": upload.receipt}, who=sender)
    yield ItemEvent(
        clip.created_at, _("cut out of the recording, recipe %(recipe)s"), {"recipe": clip.recipe_id}
    )


def _of_texts(sent: Sequence[Row[Any]], *, usable: bool) -> Iterator[ItemEvent]:
    for row in sent:
        yield ItemEvent(
            row.Submission.created_at,
            STATE_WORDS[row.Submission.kind],
            who=row.handle,
            said=row.Submission.reason if row.Submission.kind is SubmissionKind.SKIP and usable else None,
        )


def _of_reviews(reviews: Sequence[Row[Any]], *, usable: bool) -> Iterator[ItemEvent]:
    for row in reviews:
        review: Review = row.Review
        yield ItemEvent(
            review.at,
            STATE_WORDS[review.decision],
            who=row.handle,
            said=review.note if review.note and usable else None,
            mark="ok" if review.decision.startswith("accept") else "warn",
        )


def _of_notes(session: Session, task_id: str | None) -> Iterator[ItemEvent]:
    if task_id is None:
        return
    for at, text, handle in session.execute(
        select(Note.at, Note.text, Person.handle)
        .join(Person, Person.id == Note.person_id)
        .where(Note.task_id == task_id)
        .order_by(Note.at.desc())
        .limit(MOST)
    ):
        yield ItemEvent(at, _("left a note"), who=handle, said=text)


def _of_transcripts(transcripts: Sequence[Transcript]) -> Iterator[ItemEvent]:
    for text in transcripts:
        yield ItemEvent(text.accepted_at, ORIGINS.get(text.origin, STATE_WORDS["accepted"]), mark="ok")


def _of_times(session: Session, times: Alignment | None) -> Iterator[ItemEvent]:
    if times is not None and times.aligner == PERSON:
        who = session.scalar(select(Person.handle).where(Person.id == times.person_id))
        yield ItemEvent(times.at, _("word times were put right"), who=who, mark="ok")
    elif times is not None:
        yield ItemEvent(times.at, STATE_WORDS.get(times.state, times.state), mark=MARKS.get(times.state, ""))


def _of_releases(releases: Sequence[Row[Any]]) -> Iterator[ItemEvent]:
    for row in releases:
        values = {"dataset": row.name, "version": row.version, "split": row.split}
        yield ItemEvent(row.created_at, _("published in %(dataset)s %(version)s, split %(split)s"), values)
        if row.erased_at is not None:
            yield ItemEvent(row.erased_at, _("taken out of %(dataset)s %(version)s"), values, mark="bad")
