"""The states of everything that moves, and the only moves there are.

A move outside the tables below is a fault of ours and raises; nothing is ever deleted to make a move.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar


class UploadState(StrEnum):
    """What became of a file as it was sent."""

    RECEIVED = "received"
    INGESTED = "ingested"
    REJECTED = "rejected"
    FAILED = "failed"


class TransferPurpose(StrEnum):
    """What the bytes on their way will be."""

    RECORDING = "recording"
    CONSENT = "consent"


class TransferState(StrEnum):
    """An upload in parts: on its way, whole and handed over, or given up."""

    ARRIVING = "arriving"
    COMPLETE = "complete"
    ENDED = "ended"


class RecordingState(StrEnum):
    """An original that we hold: from accepted to cut into clips."""

    ACCEPTED = "accepted"
    SEGMENTED = "segmented"
    REJECTED = "rejected"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"


class ClipState(StrEnum):
    """An interval of a recording on its way to a transcript."""

    CUT = "cut"
    WAITING = "waiting"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class TaskState(StrEnum):
    """The work of writing down one clip."""

    OPEN = "open"
    DISPUTED = "disputed"
    IN_REVIEW = "in_review"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class SlotState(StrEnum):
    """One person's slot at a task."""

    OPEN = "open"
    LEASED = "leased"
    SUBMITTED = "submitted"
    CLOSED = "closed"


class SlotPurpose(StrEnum):
    """What the holder of a slot is asked to do."""

    TRANSCRIPTION = "transcription"
    GOLD = "gold"
    """A clip whose text is known, given to measure its transcriber; looks like any other to them."""
    REVIEW = "review"
    SECOND_LOOK = "second_look"
    """A reviewer looks again at what was accepted: a sample, an appeal, a repair."""


class SubmissionKind(StrEnum):
    """What a person sent: a save on the way, the finished text, a late one, or a skip."""

    DRAFT = "draft"
    FINAL = "final"
    LATE = "late"
    SKIP = "skip"


class ReviewDecision(StrEnum):
    ACCEPT = "accept"
    ACCEPT_MINOR = "accept_minor_change"
    ACCEPT_MAJOR = "accept_major_change"
    SEND_BACK = "send_back"
    REJECT_AUDIO = "reject_audio"


class AlignmentState(StrEnum):
    ALIGNED = "aligned"
    LOW_SCORE = "low_score"
    FAILED = "failed"
    STALE = "stale"


class ReportKind(StrEnum):
    """What is wrong with a clip that somebody heard."""

    BYSTANDER = "bystander"
    """Somebody speaks who wasn't asked."""
    PERSONAL = "personal_information"
    """A name, number or address is said."""
    OTHER = "reported_otherwise"


class ReportState(StrEnum):
    """The way of a report of a clip. While it is open or decided nobody hears the clip."""

    OPEN = "open"
    DECIDED = "decided"
    """The sound is still to be mended."""
    DISMISSED = "dismissed"
    DONE = "done"


class ReportDecision(StrEnum):
    DISMISS = "dismiss"
    """Nothing is wrong: the clip is open again."""
    BLEEP = "bleep"
    """The marked spans are made unhearable."""
    TRIM = "trim"
    """Only the marked span is kept."""
    REJECT = "reject"
    """The clip is used for nothing."""
    CONSENT_WITHDRAWN = "consent_withdrawn"
    """Nobody decided: the voice was taken back, and there is nothing left to hear."""


class ReleaseState(StrEnum):
    BUILDING = "building"
    PUBLISHED = "published"
    REDACTED = "redacted"


class MessageState(StrEnum):
    """A message to somebody who holds a copy."""

    READY = "ready"
    SENT = "sent"
    FAILED = "failed"


class NewsChannel(StrEnum):
    """Where somebody hears of news outside the portal."""

    PUSH = "push"
    """Their browser shows a notice (Web Push)."""
    MAIL = "mail"
    GATEWAY = "gateway"
    """SMS or WhatsApp, by a service of the operator's."""


class NewsNoticeState(StrEnum):
    """A notice of news on its way out. One that was left in the middle is never sent again: quiet before certain."""

    READY = "ready"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"


class SearchKind(StrEnum):
    """What is found by its words."""

    CLIP = "clip"
    UPLOAD = "upload"


class ChosenBy(StrEnum):
    """How a clip was chosen for the correction of a model."""

    LEAST_SURE = "least_sure"
    """The model was the least sure of it: most is learnt from it, and it says nothing of the model's error."""
    CHANCE = "chance"
    """Drawn blindly: the errors in what was drawn are those of the whole."""


class ImportKind(StrEnum):
    """What a list that a manager brings is of."""

    PEOPLE = "people"
    SPEAKERS = "speakers"
    PROMPTS = "prompts"
    DRAFTS = "drafts"
    PLACES = "places"


class ConsentKind(StrEnum):
    GRANTED = "granted"
    WITHDRAWN = "withdrawn"


class Role(StrEnum):
    COORDINATOR = "coordinator"
    TRANSCRIBER = "transcriber"
    REVIEWER = "reviewer"
    MANAGER = "manager"
    ML_READER = "ml_reader"


State = TypeVar("State", bound=StrEnum)


def _to(*states: StrEnum) -> frozenset[StrEnum]:
    return frozenset(states)


FINAL: frozenset[StrEnum] = frozenset()

MOVES: Mapping[type[StrEnum], Mapping[StrEnum, frozenset[StrEnum]]] = {
    UploadState: {
        UploadState.RECEIVED: _to(UploadState.INGESTED, UploadState.REJECTED, UploadState.FAILED),
        # a failure is tried again
        UploadState.FAILED: _to(UploadState.INGESTED, UploadState.REJECTED, UploadState.FAILED),
        UploadState.INGESTED: FINAL,
        # turned away for what a list said, and the list is mended
        UploadState.REJECTED: _to(UploadState.RECEIVED),
    },
    TransferState: {
        TransferState.ARRIVING: _to(TransferState.COMPLETE, TransferState.ENDED),
        TransferState.COMPLETE: FINAL,
        TransferState.ENDED: FINAL,
    },
    RecordingState: {
        RecordingState.ACCEPTED: _to(
            RecordingState.SEGMENTED, RecordingState.REJECTED, RecordingState.FAILED, RecordingState.WITHDRAWN
        ),
        RecordingState.FAILED: _to(
            RecordingState.SEGMENTED, RecordingState.REJECTED, RecordingState.FAILED, RecordingState.WITHDRAWN
        ),
        RecordingState.SEGMENTED: _to(RecordingState.WITHDRAWN),
        RecordingState.REJECTED: _to(RecordingState.WITHDRAWN),
        RecordingState.WITHDRAWN: FINAL,
    },
    ClipState: {
        ClipState.CUT: _to(ClipState.WAITING, ClipState.REJECTED, ClipState.WITHDRAWN),
        ClipState.WAITING: _to(ClipState.ACCEPTED, ClipState.REJECTED, ClipState.WITHDRAWN),
        # a repair opens the work again
        ClipState.ACCEPTED: _to(ClipState.WAITING, ClipState.REJECTED, ClipState.WITHDRAWN),
        # an appeal, or changed thresholds
        ClipState.REJECTED: _to(ClipState.WAITING, ClipState.WITHDRAWN),
        ClipState.WITHDRAWN: FINAL,
    },
    TaskState: {
        TaskState.OPEN: _to(
            TaskState.DISPUTED,
            TaskState.IN_REVIEW,
            TaskState.ACCEPTED,
            TaskState.REJECTED,
            TaskState.WITHDRAWN,
        ),
        TaskState.DISPUTED: _to(
            TaskState.IN_REVIEW, TaskState.ACCEPTED, TaskState.REJECTED, TaskState.WITHDRAWN
        ),
        TaskState.IN_REVIEW: _to(
            TaskState.RETURNED, TaskState.ACCEPTED, TaskState.REJECTED, TaskState.WITHDRAWN
        ),
        TaskState.RETURNED: _to(
            TaskState.IN_REVIEW, TaskState.ACCEPTED, TaskState.REJECTED, TaskState.WITHDRAWN
        ),
        TaskState.ACCEPTED: _to(TaskState.IN_REVIEW, TaskState.REJECTED, TaskState.WITHDRAWN),
        TaskState.REJECTED: _to(TaskState.OPEN, TaskState.IN_REVIEW, TaskState.WITHDRAWN),
        TaskState.WITHDRAWN: FINAL,
    },
    SlotState: {
        SlotState.OPEN: _to(SlotState.LEASED, SlotState.CLOSED),
        SlotState.LEASED: _to(SlotState.OPEN, SlotState.LEASED, SlotState.SUBMITTED, SlotState.CLOSED),
        # sent back to its author; reviewed again
        SlotState.SUBMITTED: _to(SlotState.LEASED, SlotState.OPEN, SlotState.CLOSED),
        SlotState.CLOSED: _to(SlotState.OPEN),
    },
    AlignmentState: {
        AlignmentState.ALIGNED: _to(AlignmentState.STALE),
        AlignmentState.LOW_SCORE: _to(AlignmentState.STALE),
        AlignmentState.FAILED: _to(AlignmentState.STALE),
        AlignmentState.STALE: FINAL,
    },
    ReportState: {
        ReportState.OPEN: _to(ReportState.DECIDED, ReportState.DISMISSED, ReportState.DONE),
        ReportState.DECIDED: _to(ReportState.DONE),
        ReportState.DISMISSED: FINAL,
        ReportState.DONE: FINAL,
    },
    ReleaseState: {
        ReleaseState.BUILDING: _to(ReleaseState.PUBLISHED),
        ReleaseState.PUBLISHED: _to(ReleaseState.REDACTED),
        ReleaseState.REDACTED: _to(ReleaseState.REDACTED),
    },
    MessageState: {
        MessageState.READY: _to(MessageState.SENT, MessageState.FAILED),
        MessageState.FAILED: _to(MessageState.READY, MessageState.SENT, MessageState.FAILED),
        MessageState.SENT: FINAL,
    },
    NewsNoticeState: {
        NewsNoticeState.READY: _to(NewsNoticeState.SENDING),
        NewsNoticeState.SENDING: _to(NewsNoticeState.SENT, NewsNoticeState.FAILED),
        NewsNoticeState.FAILED: _to(NewsNoticeState.SENDING),
        NewsNoticeState.SENT: FINAL,
    },
}


class ForbiddenMove(Exception):
    """A state was about to change in a way the table does not allow."""


def moved(current: State, to: State) -> State:
    """`to`, if the table allows that move.

    >>> moved(ClipState.CUT, ClipState.WAITING)
    <ClipState.WAITING: 'waiting'>
    """
    if to not in MOVES[type(current)][current]:
        allowed = ", ".join(sorted(MOVES[type(current)][current])) or "nothing: it is final"
        raise ForbiddenMove(f"{type(current).__name__} {current} can become {allowed}; asked for {to}.")
    return to
