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
    """One place for one transcriber at a task."""

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


class ReleaseState(StrEnum):
    BUILDING = "building"
    PUBLISHED = "published"
    REDACTED = "redacted"


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

_U, _F, _R, _C, _T, _S, _A, _V = (
    UploadState,
    TransferState,
    RecordingState,
    ClipState,
    TaskState,
    SlotState,
    AlignmentState,
    ReleaseState,
)

MOVES: Mapping[type[StrEnum], Mapping[StrEnum, frozenset[StrEnum]]] = {
    _U: {
        _U.RECEIVED: frozenset({_U.INGESTED, _U.REJECTED, _U.FAILED}),
        _U.FAILED: frozenset({_U.INGESTED, _U.REJECTED, _U.FAILED}),  # a failure is tried again
        _U.INGESTED: frozenset(),
        _U.REJECTED: frozenset({_U.RECEIVED}),  # turned away for what a list said, and the list is mended
    },
    _F: {
        _F.ARRIVING: frozenset({_F.COMPLETE, _F.ENDED}),
        _F.COMPLETE: frozenset(),
        _F.ENDED: frozenset(),
    },
    _R: {
        _R.ACCEPTED: frozenset({_R.SEGMENTED, _R.REJECTED, _R.FAILED, _R.WITHDRAWN}),
        _R.FAILED: frozenset({_R.SEGMENTED, _R.REJECTED, _R.FAILED, _R.WITHDRAWN}),
        _R.SEGMENTED: frozenset({_R.WITHDRAWN}),
        _R.REJECTED: frozenset({_R.WITHDRAWN}),
        _R.WITHDRAWN: frozenset(),
    },
    _C: {
        _C.CUT: frozenset({_C.WAITING, _C.REJECTED, _C.WITHDRAWN}),
        _C.WAITING: frozenset({_C.ACCEPTED, _C.REJECTED, _C.WITHDRAWN}),
        _C.ACCEPTED: frozenset({_C.WAITING, _C.REJECTED, _C.WITHDRAWN}),  # a repair opens the work again
        _C.REJECTED: frozenset({_C.WAITING, _C.WITHDRAWN}),  # an appeal, or changed thresholds
        _C.WITHDRAWN: frozenset(),
    },
    _T: {
        _T.OPEN: frozenset({_T.DISPUTED, _T.IN_REVIEW, _T.ACCEPTED, _T.REJECTED, _T.WITHDRAWN}),
        _T.DISPUTED: frozenset({_T.IN_REVIEW, _T.ACCEPTED, _T.REJECTED, _T.WITHDRAWN}),
        _T.IN_REVIEW: frozenset({_T.RETURNED, _T.ACCEPTED, _T.REJECTED, _T.WITHDRAWN}),
        _T.RETURNED: frozenset({_T.IN_REVIEW, _T.ACCEPTED, _T.REJECTED, _T.WITHDRAWN}),
        _T.ACCEPTED: frozenset({_T.IN_REVIEW, _T.REJECTED, _T.WITHDRAWN}),
        _T.REJECTED: frozenset({_T.OPEN, _T.IN_REVIEW, _T.WITHDRAWN}),
        _T.WITHDRAWN: frozenset(),
    },
    _S: {
        _S.OPEN: frozenset({_S.LEASED, _S.CLOSED}),
        _S.LEASED: frozenset({_S.OPEN, _S.LEASED, _S.SUBMITTED, _S.CLOSED}),
        _S.SUBMITTED: frozenset({_S.LEASED, _S.OPEN, _S.CLOSED}),  # sent back to its author; reviewed again
        _S.CLOSED: frozenset({_S.OPEN}),
    },
    _A: {
        _A.ALIGNED: frozenset({_A.STALE}),
        _A.LOW_SCORE: frozenset({_A.STALE}),
        _A.FAILED: frozenset({_A.STALE}),
        _A.STALE: frozenset(),
    },
    _V: {
        _V.BUILDING: frozenset({_V.PUBLISHED}),
        _V.PUBLISHED: frozenset({_V.REDACTED}),
        _V.REDACTED: frozenset({_V.REDACTED}),
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
