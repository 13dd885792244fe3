"""The demo's sample accounts, one of each kind, with a little history of their own: for a newcomer to sign in as."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from boli.demo.left_open import LeftOpen, kept_from
from boli.demo.scripted_people import REVIEWERS, TRANSCRIBERS, Texts
from boli.demo.staff import Job, hired
from catalog import audit
from catalog.audit_archive.still_asked import SAMPLES_DONE
from catalog.states import ReviewDecision, Role, TaskState
from catalog.tables import AuditEvent, Speaker, Submission, Task, Transcript, Upload
from transcription import gold, queue, review, submission
from transcription.context import ProjectContext
from transcription.people import StaffMember

BY = "demo"
TEXTS_EACH = 3
GOLD_EACH = 2
NOTE = "The last word is missing. Listen once more, slower."


@dataclass(frozen=True, slots=True)
class SamplePerson(Job):
    """A person to sign in as. does: what they would do here, in a few words"""

    does: str


SAMPLES = (
    SamplePerson("asha", Role.COORDINATOR, ("te", "kn", "sw"), "records, and sees what came of it"),
    SamplePerson("ravi", Role.TRANSCRIBER, ("te",), "writes Telugu"),
    SamplePerson("lakshmi", Role.TRANSCRIBER, ("kn",), "writes Kannada"),
    SamplePerson("juma", Role.TRANSCRIBER, ("sw",), "writes Swahili"),
    SamplePerson("sunita", Role.REVIEWER, ("te", "kn", "sw"), "decides where texts differ"),
    SamplePerson("meera", Role.MANAGER, ("te", "kn", "sw"), "sees all, and lets people in"),
    SamplePerson("leela", Role.ML_READER, ("te", "kn", "sw"), "reads the datasets"),
)


def hire_samples(context: ProjectContext, *, now: datetime) -> dict[str, StaffMember]:
    """Everybody by handle, the samples taken on if they are new; what was received came from the coordinator."""
    with context.catalog.writing() as session:
        known = hired(session, SAMPLES, project=context.project.name, by=BY, now=now)
        asha = known["asha"].id
        ours = (Upload.project_id == context.project.name, Upload.sent_by.is_(None))
        session.execute(update(Upload).where(*ours).values(sent_by=asha))
        met = (Speaker.project_id == context.project.name, Speaker.registered_by.is_(None))
        session.execute(update(Speaker).where(*met).values(registered_by=asha))
    return known


def is_done(context: ProjectContext) -> bool:
    """Whether scripts and samples have done all that they will ever do."""
    with context.catalog.reading() as session:
        done = exists().where(
            AuditEvent.action == SAMPLES_DONE, AuditEvent.subject_id == context.project.name
        )
        return bool(session.scalar(select(done)))


def note_done(context: ProjectContext, *, now: datetime) -> None:
    """From now on what is open is for people."""
    with context.catalog.writing() as session:
        audit.record(
            session, at=now, actor=BY, action=SAMPLES_DONE, subject=("project", context.project.name)
        )


def give_history(
    context: ProjectContext,
    staff: Mapping[str, StaffMember],
    left: LeftOpen,
    texts: Texts,
    *,
    clock: Callable[[], datetime],
) -> None:
    """Each transcriber has written a few clips, one came back to the first of them, and some clips are gold."""
    tasks = _tasks(context)
    for sample in SAMPLES:
        if sample.role is Role.TRANSCRIBER and not _has_written(context, staff[sample.handle]):
            theirs = {task for task, clip in tasks.items() if clip.language in sample.languages}
            wanted = sorted(theirs & left.half_written)[:TEXTS_EACH]
            _write(context, staff[sample.handle], theirs - set(wanted), texts, clock)
            if sample.handle == "ravi":  # last: it is his again, and comes before all else
                long = (
                    task for task in theirs & left.unwritten if len(texts[tasks[task].clip_id].split()) > 2
                )
                _one_comes_back(context, staff, min(long), texts, clock)
    _make_gold(context, staff[REVIEWERS[0]], clock)


@dataclass(frozen=True, slots=True)
class _Clip:
    clip_id: str
    language: str


def _tasks(context: ProjectContext) -> Mapping[str, _Clip]:
    with context.catalog.reading() as session:
        rows = session.execute(
            select(Task.id, Task.clip_id, Task.language).where(Task.project_id == context.project.name)
        )
        return {task: _Clip(clip, language) for task, clip, language in rows}


def _has_written(context: ProjectContext, member: StaffMember) -> bool:
    with context.catalog.reading() as session:
        return bool(session.scalar(select(exists().where(Submission.person_id == member.id))))


def _write(
    context: ProjectContext,
    member: StaffMember,
    others: Collection[str],
    texts: Texts,
    clock: Callable[[], datetime],
    hear: Callable[[str], str] = str,
) -> None:
    """Have somebody write what the queue gives them, but for `others`. hear: what they make of what is said"""
    with kept_from(context, {member.id: others}, now=clock()):
        while (lease := queue.claim(context, member.id, now=clock())) is not None:
            submission.submit(
                context,
                lease.hold,
                hear(texts[lease.clip_id]),
                request_id=f"{lease.hold.slot_id}-{lease.hold.token}",
                now=clock(),
                active_seconds=lease.seconds * 4,
            )


def _one_comes_back(
    context: ProjectContext,
    staff: Mapping[str, StaffMember],
    task_id: str,
    texts: Texts,
    clock: Callable[[], datetime],
) -> None:
    """The first transcriber leaves a word out, a second asks for a reviewer, who sends it back with a note."""
    others = set(_tasks(context)) - {task_id}
    ravi, careful, lead = staff["ravi"], staff[TRANSCRIBERS[0].handle], staff[REVIEWERS[0]]
    _write(context, ravi, others, texts, clock, lambda said: said.rsplit(" ", 1)[0])
    with kept_from(context, {careful.id: others, lead.id: others}, now=clock()):
        lease = queue.claim(context, careful.id, now=clock())
        assert lease is not None, "nobody else takes a clip that was left for people"
        submission.skip(
            context,
            lease.hold,
            reason_code="inaudible",
            mode=submission.SkipMode.REVIEWER,
            request_id=f"{lease.hold.slot_id}-{lease.hold.token}",
            now=clock(),
        )
        item = review.next_review(context, lead.id, now=clock())
        assert item is not None, "it was just brought before a reviewer"
        text = next(each for each in item.candidates if each.skipped_because is None)
        review.decide(
            context,
            item.hold,
            ReviewDecision.SEND_BACK,
            now=clock(),
            submission_id=text.submission_id,
            reasons=["missing_words"],
            note=NOTE,
        )


def _make_gold(context: ProjectContext, reviewer: StaffMember, clock: Callable[[], datetime]) -> None:
    """A few clips of each language whose text a reviewer has settled."""
    found: dict[str, list[str]] = defaultdict(list)
    with context.catalog.reading() as session:
        for task_id, language in _settled_by_review(session, context.project.name):
            found[language].append(task_id)
    for tasks in found.values():
        for task_id in tasks[:GOLD_EACH]:
            gold.add_gold(context, task_id, reviewer_id=reviewer.id, now=clock())


def _settled_by_review(session: Session, project: str) -> list[tuple[str, str]]:
    return list(
        session.execute(
            select(Task.id, Task.language)
            .join(Transcript, Transcript.clip_id == Task.clip_id)
            .where(
                Task.project_id == project, Task.state == TaskState.ACCEPTED, Transcript.origin == "review"
            )
            .order_by(Task.id)
        ).tuples()
    )
