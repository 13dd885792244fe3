"""Rows that nothing asks for any more: transfers that are over, drafts that a later text replaced, old challenges."""

from datetime import datetime

from sqlalchemy import Select, and_, delete, exists, or_, select
from sqlalchemy.orm import Session, aliased

from catalog.legal_hold import is_held, recording_is_held
from catalog.states import SubmissionKind, TransferState
from catalog.tables import (
    Assessment,
    Clip,
    ConsentEvent,
    Judgement,
    PasskeyChallenge,
    Review,
    Speaker,
    Submission,
    Task,
    Transcript,
    Transfer,
)


def ended_transfers(project_id: str, *, before: datetime, at: datetime) -> Select[tuple[str]]:
    """Ids of transfers that became an upload or were given up, and began before then.

    A voice that was taken back goes first, by erasure, which needs these rows to find its bytes; and evidence that no
    consent names yet can only be found by the transfer that brought it.
    """
    to_be_erased = exists(
        select(Speaker.id).where(
            Speaker.id == Transfer.speaker_id,
            Transfer.consent_round < Speaker.consent_round,
            Transfer.erased_at.is_(None),
        )
    )
    named = exists(select(ConsentEvent.id).where(ConsentEvent.evidence == Transfer.evidence_key))
    return select(Transfer.id).where(
        Transfer.project_id == project_id,
        Transfer.state != TransferState.ARRIVING,
        Transfer.created_at < before,
        or_(Transfer.evidence_key.is_(None), named),
        ~to_be_erased,
        ~is_held(Transfer.speaker_id, at=at),
    )


def replaced_drafts(project_id: str, *, before: datetime, at: datetime) -> Select[tuple[str]]:
    """Ids of drafts saved before then, after which the same person saved or sent a later text for the same task.

    The last words that somebody wrote for a clip always stay, handed in or not.
    """
    later = aliased(Submission)
    replaced = exists(
        select(later.id).where(
            later.task_id == Submission.task_id,
            later.person_id == Submission.person_id,
            later.kind != SubmissionKind.SKIP,  # which has no words
            or_(
                later.created_at > Submission.created_at,
                and_(later.created_at == Submission.created_at, later.token > Submission.token),
            ),
        )
    )
    referred_to = or_(
        *(
            exists(select(table.id).where(table.submission_id == Submission.id))
            for table in (Review, Judgement, Transcript, Assessment)
        )
    )
    return (
        select(Submission.id)
        .join(Task, Task.id == Submission.task_id)
        .join(Clip, Clip.id == Task.clip_id)
        .where(
            Task.project_id == project_id,
            Submission.kind == SubmissionKind.DRAFT,
            Submission.created_at < before,
            replaced,
            ~referred_to,
            ~recording_is_held(Clip.recording_id, at=at),
        )
    )


def delete_transfers(session: Session, ids: list[str]) -> None:
    session.execute(delete(Transfer).where(Transfer.id.in_(ids)))


def delete_drafts(session: Session, ids: list[str]) -> None:
    session.execute(delete(Submission).where(Submission.id.in_(ids)))


def delete_expired_challenges(session: Session, *, at: datetime) -> None:
    """Whatever a browser was to sign and did not in time. They are few: one for each browser that asked of late."""
    session.execute(
        delete(PasskeyChallenge).where(PasskeyChallenge.expires_at <= at),
        execution_options={"synchronize_session": False},
    )
