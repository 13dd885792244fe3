"""The human half: tasks and their slots, what people sent, what was decided, where the words lie."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from catalog.states import AlignmentState, ReviewDecision, SlotPurpose, SlotState, SubmissionKind, TaskState
from catalog.tables.base import Base, stored_enum


class Task(Base):
    """The work of writing down one clip, done by as many people as the project asks for."""

    __tablename__ = "task"
    __table_args__ = (
        # Also counts what waits in each language, and finds the oldest, without looking at the rows.
        Index("ix_task_state", "project_id", "state", "language", "created_at"),
        # the head of the queue, whatever the language
        Index(
            "ix_task_waiting",
            "project_id",
            "priority",
            "created_at",
            "id",
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"))
    clip_id: Mapped[str] = mapped_column(ForeignKey("clip.id"), unique=True)
    language: Mapped[str]
    state: Mapped[TaskState] = mapped_column(stored_enum(TaskState))
    reason: Mapped[str | None]
    wanted: Mapped[int]
    """Independent transcripts asked for, before any dispute."""
    priority: Mapped[int]
    """Lower comes first."""
    why_now: Mapped[str]
    """The reason for that priority, in words."""
    returns: Mapped[int] = mapped_column(default=0)
    """How often a review sent it back."""
    created_at: Mapped[datetime]


class Slot(Base):
    """One person's slot at a task. Its token grows with every lease; a submission must carry the token of the day."""

    __tablename__ = "slot"
    __table_args__ = (
        UniqueConstraint("task_id", "number"),
        # The database itself refuses what a bug might try: one person, one slot at a task. So nobody gives
        # two opinions on a clip, and nobody reviews a text of their own.
        Index("uq_slot_task_holder", "task_id", "holder_id", unique=True),
        # The next slot is the first entry of this index, however many slots there are.
        Index(
            "ix_slot_open",
            "project_id",
            "purpose",
            "language",
            "priority",
            "created_at",
            "id",
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        # Leases whose time is over are found here: no sweeper has to run.
        Index(
            "ix_slot_leased",
            "project_id",
            "purpose",
            "language",
            "expires_at",
            sqlite_where=text("state = 'leased'"),
            postgresql_where=text("state = 'leased'"),
        ),
        # What a person holds now, and what they heard last.
        Index(
            "ix_slot_held",
            "holder_id",
            sqlite_where=text("state = 'leased'"),
            postgresql_where=text("state = 'leased'"),
        ),
        Index("ix_slot_heard", "holder_id", "leased_at"),
        CheckConstraint("(state = 'leased') = (expires_at IS NOT NULL)", name="a_lease_ends"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    task_id: Mapped[str] = mapped_column(ForeignKey("task.id"))
    number: Mapped[int]
    purpose: Mapped[SlotPurpose] = mapped_column(stored_enum(SlotPurpose))
    project_id: Mapped[str]
    language: Mapped[str]
    priority: Mapped[int]
    state: Mapped[SlotState] = mapped_column(stored_enum(SlotState))
    holder_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    token: Mapped[int] = mapped_column(default=0)
    leased_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Skip(Base):
    """A skip: a task that a person doesn't want, or not yet: the queue looks here before it gives."""

    __tablename__ = "skip"

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    task_id: Mapped[str] = mapped_column(ForeignKey("task.id"), primary_key=True)
    reason: Mapped[str]
    until: Mapped[datetime | None]
    """When they may be given it again; None for never."""
    at: Mapped[datetime]


class Submission(Base):
    """A submission: what a person sent for a task; every one is kept, in the order it came."""

    __tablename__ = "submission"
    __table_args__ = (
        UniqueConstraint("task_id", "person_id", "request_id"),
        Index("ix_submission_person", "person_id", "created_at"),
        # lists of texts, newest first, page by page
        Index("ix_submission_created", "created_at", "id"),
        # What others finished in the same language a moment ago: a text may be copied from one clip to another.
        Index("ix_submission_lately", "guideline", "kind", "created_at"),
        # drafts that later ones replaced
        Index(
            "ix_submission_draft",
            "created_at",
            sqlite_where=text("kind = 'draft'"),
            postgresql_where=text("kind = 'draft'"),
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    task_id: Mapped[str] = mapped_column(ForeignKey("task.id"), index=True)
    slot_id: Mapped[str] = mapped_column(ForeignKey("slot.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    request_id: Mapped[str]
    """The device's own id for this submission, so that a repeated one gives the same answer."""
    token: Mapped[int]
    kind: Mapped[SubmissionKind] = mapped_column(stored_enum(SubmissionKind))
    verbatim: Mapped[str]
    normalised: Mapped[str]
    reason: Mapped[str | None]
    """Why it was skipped."""
    findings: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    guideline: Mapped[str]
    """Language and version of the rules it was written under, such as te@1."""
    active_seconds: Mapped[float | None]
    created_at: Mapped[datetime]


class Review(Base):
    """A review: a language lead's decision on a task."""

    __tablename__ = "review"
    __table_args__ = (Index("ix_review_reviewer", "reviewer_id", "at"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    task_id: Mapped[str] = mapped_column(ForeignKey("task.id"), index=True)
    reviewer_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    submission_id: Mapped[str | None] = mapped_column(ForeignKey("submission.id"), index=True)
    slot_id: Mapped[str] = mapped_column(ForeignKey("slot.id"))
    token: Mapped[int]
    decision: Mapped[ReviewDecision] = mapped_column(stored_enum(ReviewDecision))
    late: Mapped[bool] = mapped_column(default=False)
    """Sent after its lease was lost: kept, and without effect."""
    verbatim: Mapped[str | None]
    reasons: Mapped[list[str]] = mapped_column(JSON)
    note: Mapped[str]
    at: Mapped[datetime]


class LearntSpelling(Base):
    """A learnt spelling: two words of which a reviewer said that both are right; they are one in that project."""

    __tablename__ = "learnt_spelling"
    __table_args__ = (Index("ix_learnt_spelling_language", "project_id", "language"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"))
    language: Mapped[str]
    one: Mapped[str]
    other: Mapped[str]
    """Both in the comparison form, the lesser one first."""
    task_id: Mapped[str] = mapped_column(ForeignKey("task.id"), index=True)
    """Of whose texts they are: taken back with its voice."""
    reviewer_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]


class Note(Base):
    """A note that the people of a task leave each other."""

    __tablename__ = "note"
    __table_args__ = (
        Index("ix_note_task", "task_id", "at"),
        # questions of the last weeks
        Index("ix_note_at", "at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    task_id: Mapped[str] = mapped_column(ForeignKey("task.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    text: Mapped[str]
    at: Mapped[datetime]


class Judgement(Base):
    """A judgement: what the texts of a task came to, and on what it rests; each new weighing is a further row."""

    __tablename__ = "judgement"
    __table_args__ = (UniqueConstraint("task_id", "number"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    task_id: Mapped[str] = mapped_column(ForeignKey("task.id"))
    number: Mapped[int]
    outcome: Mapped[str]
    """The state the task went to: accepted, disputed or in_review."""
    because: Mapped[str]
    """In words, for the reviewer and for the person who asks why."""
    origin: Mapped[str]
    """What the text below rests on: single, agreement, consensus or dispute (the likeliest of texts that differ)."""
    verbatim: Mapped[str]
    submission_id: Mapped[str | None] = mapped_column(ForeignKey("submission.id"), index=True)
    """Whose words they are; None for a consensus of several."""
    error: Mapped[float | None]
    """Between the texts it rests on, by the project's measure; None where there was one."""
    evidence: Mapped[dict[str, Any]] = mapped_column(JSON)
    at: Mapped[datetime]


class Transcript(Base):
    """A transcript: the accepted text of a clip; a later version replaces, never erases, an earlier one."""

    __tablename__ = "transcript"
    __table_args__ = (
        UniqueConstraint("clip_id", "version"),
        # Texts that no scan has looked at yet: few, and found without looking at the others.
        Index(
            "ix_transcript_unscanned",
            "id",
            sqlite_where=text("scanned IS NULL"),
            postgresql_where=text("scanned IS NULL"),
        ),
        Index(
            "ix_transcript_withheld",
            "id",
            sqlite_where=text("withheld_at IS NOT NULL"),
            postgresql_where=text("withheld_at IS NOT NULL"),
        ),
        # the newest texts of a language, by the version of its rules
        Index("ix_transcript_guideline", "guideline", "accepted_at"),
        # texts of reviewers: the few that may become gold
        Index(
            "ix_transcript_reviewed",
            "accepted_at",
            "clip_id",
            sqlite_where=text("origin = 'review'"),
            postgresql_where=text("origin = 'review'"),
        ),
        # what was accepted in the last days
        Index("ix_transcript_accepted", "accepted_at", "clip_id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    clip_id: Mapped[str] = mapped_column(ForeignKey("clip.id"), index=True)
    version: Mapped[int]
    verbatim: Mapped[str]
    normalised: Mapped[str]
    origin: Mapped[str]
    """How it was decided: single, agreement, consensus or review; redaction where a part was made unhearable."""
    submission_id: Mapped[str | None] = mapped_column(ForeignKey("submission.id"), index=True)
    review_id: Mapped[str | None] = mapped_column(ForeignKey("review.id"))
    cer: Mapped[float | None]
    """Between the two transcripts it rests on, after normalisation; None where there was one."""
    guideline: Mapped[str]
    accepted_at: Mapped[datetime]
    scanned: Mapped[int | None]
    """The version of the scan for personal data that looked at it; None before."""
    withheld_at: Mapped[datetime | None]
    """When a reviewer found in its clip what must not be published: versions that hold it are redacted."""


class Assessment(Base):
    """An assessment: a person's text held against a better one; their trust is made of these, and explained by them."""

    __tablename__ = "assessment"
    __table_args__ = (
        UniqueConstraint("submission_id", "transcript_id"),
        Index("ix_assessment_person", "person_id", "language", "at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    language: Mapped[str]
    submission_id: Mapped[str] = mapped_column(ForeignKey("submission.id"))
    transcript_id: Mapped[str] = mapped_column(ForeignKey("transcript.id"))
    against: Mapped[str]
    """gold, review, consensus or agreement: the last two know less than the first."""
    error: Mapped[float]
    """Character error rate of the person's text against the transcript."""
    good: Mapped[bool]
    """Whether that is within the project's threshold: the work is paid."""
    at: Mapped[datetime]


class Standing(Base):
    """A standing: a person held back from a language until somebody has looked: with the evidence, for an appeal."""

    __tablename__ = "standing"

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True)
    held_back: Mapped[bool]
    because: Mapped[str]
    good: Mapped[int]
    bad: Mapped[int]
    by: Mapped[str]
    """The rule, or the manager who decided otherwise."""
    at: Mapped[datetime]


class Gold(Base):
    """A gold clip: its text is beyond doubt, given now and then to transcribers who don't know it is."""

    __tablename__ = "gold"
    __table_args__ = (Index("ix_gold_language", "project_id", "language", "retired_at"),)

    task_id: Mapped[str] = mapped_column(ForeignKey("task.id"), primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"))
    language: Mapped[str]
    given: Mapped[int] = mapped_column(default=0)
    """How many have had it: the least used comes next."""
    added_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    added_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]


class PracticeAnswer(Base):
    """Practice: a person has seen the right text of a task; so many of their words were right. It never counts."""

    __tablename__ = "practice_answer"
    __table_args__ = (
        UniqueConstraint("person_id", "task_id"),
        Index("ix_practice_answer_task_id", "task_id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    task_id: Mapped[str] = mapped_column(ForeignKey("task.id"))
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"))
    language: Mapped[str]
    right_words: Mapped[int]
    words: Mapped[int]
    at: Mapped[datetime]


class Alignment(Base):
    """An alignment: where the words of one transcript lie in its clip."""

    __tablename__ = "alignment"
    __table_args__ = (
        UniqueConstraint("transcript_id", "aligner"),
        Index("ix_alignment_state", "state", "at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    clip_id: Mapped[str] = mapped_column(ForeignKey("clip.id"), index=True)
    transcript_id: Mapped[str] = mapped_column(ForeignKey("transcript.id"))
    aligner: Mapped[str]
    """Name, version and reference voice; `catalog.alignments.PERSON` where somebody put the words there by ear."""
    person_id: Mapped[str | None]
    """Who that was; None for an aligner."""
    state: Mapped[AlignmentState] = mapped_column(stored_enum(AlignmentState))
    score: Mapped[float | None]
    words: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    """word, start, end (samples of the 16 kHz clip), score."""
    detail: Mapped[str | None]
    failure: Mapped[str | None]
    """What the machine said where the cause is unknown: for operators, shown to nobody else."""
    failed_by: Mapped[str | None]
    """The version of the code that failed: only a later one tries again; None where somebody asked for it."""
    at: Mapped[datetime]
