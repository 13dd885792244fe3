"""Withdrawals: consents that were taken back, and what has become of the voices since."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog.states import ConsentKind, MessageState
from catalog.tables import (
    Clip,
    ConsentEvent,
    Erasure,
    LegalHold,
    Person,
    Recording,
    RecordingSpeaker,
    Release,
    ReleaseItem,
    Speaker,
    Upload,
)
from portal.access.guard import Manager
from portal.context import context_of
from portal.http.pages import render
from portal.record.consent.withdrawal import hold_on
from releases.downloader_messages import messages_of
from releases.downloads import Downloader, downloaders_of

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class WithdrawalProgress:
    """One speaker's. by: a colleague's handle, or the words `withdrawal code`

    files, erased: all that came in with the voice, used or not, and of those the ones that are destroyed
    finished: whether nothing else of it is left either: clips, texts, half uploads, name and phone
    releases:           versions that held the voice, and whether each is redacted by now
    hold:               the legal hold that keeps it meanwhile
    holders:            who downloaded such versions through this portal
    """

    speaker_id: str
    pseudonym: str
    language: str | None
    at: datetime
    by: str
    files: int
    erased: int
    finished: bool
    releases: tuple[tuple[str, bool], ...]
    holders: tuple[Downloader, ...]
    hold: LegalHold | None = None

    @property
    def is_done(self) -> bool:
        return self.finished and all(redacted for _, redacted in self.releases)


@router.get("/manage/withdrawals")
def withdrawals_page(request: Request, signed: Manager) -> Response:
    """Whose consent is over, and whether their voice is gone from everywhere."""
    context = context_of(request)
    with context.catalog.reading() as session:
        found = withdrawals(session, signed.project, now=context.clock())
        messages = messages_of(session, signed.project)
    return render(
        request,
        "manage/withdrawals.html.j2",
        withdrawals=found,
        messages=messages,
        states=MessageState,
    )


def withdrawals(
    session: Session, project: str, *, now: datetime, most: int = 200
) -> Sequence[WithdrawalProgress]:
    """Of speakers whose last word is no, the latest first."""
    last = (
        select(ConsentEvent.speaker_id, func.max(ConsentEvent.number).label("number"))
        .group_by(ConsentEvent.speaker_id)
        .subquery()
    )
    rows = session.execute(
        select(
            Speaker.id,
            Speaker.pseudonym,
            Speaker.language,
            ConsentEvent.at,
            ConsentEvent.recorded_by,
            Erasure.finished_at,
        )
        .join(last, last.c.speaker_id == Speaker.id)
        .join(
            ConsentEvent,
            (ConsentEvent.speaker_id == Speaker.id) & (ConsentEvent.number == last.c.number),
        )
        .join(Erasure, Erasure.consent_event_id == ConsentEvent.id)
        .where(Speaker.project_id == project, ConsentEvent.kind == ConsentKind.WITHDRAWN)
        .order_by(ConsentEvent.at.desc(), Speaker.id)
        .limit(most)
    ).all()
    handles = dict(session.execute(select(Person.id, Person.handle)).tuples().all())
    return [
        WithdrawalProgress(
            speaker_id=row.id,
            pseudonym=row.pseudonym,
            language=row.language,
            at=row.at,
            by=handles.get(row.recorded_by, row.recorded_by),
            files=_files(session, row.id),
            erased=_files(session, row.id, erased=True),
            finished=row.finished_at is not None,
            releases=_releases(session, row.id),
            holders=tuple(downloaders_of(session, row.id)),
            hold=None if row.finished_at else hold_on(session, row.id, now=now),
        )
        for row in rows
    ]


def _files(session: Session, speaker_id: str, *, erased: bool = False) -> int:
    """Files that were sent for the voice, and those in which it is one of several voices."""
    recordings = (
        select(Recording.upload_id)
        .join(RecordingSpeaker, RecordingSpeaker.recording_id == Recording.id)
        .where(RecordingSpeaker.speaker_id == speaker_id)
    )
    query = (
        select(func.count())
        .select_from(Upload)
        .where((Upload.speaker_id == speaker_id) | Upload.id.in_(recordings))
    )
    if erased:
        query = query.where(Upload.erased_at.is_not(None))
    return session.scalar(query) or 0


def _releases(session: Session, speaker_id: str) -> tuple[tuple[str, bool], ...]:
    rows = session.execute(
        select(Release.name, Release.version, func.count(), func.count(ReleaseItem.erased_at))
        .join(ReleaseItem, ReleaseItem.release_id == Release.id)
        .join(Clip, Clip.id == ReleaseItem.clip_id)
        .join(RecordingSpeaker, RecordingSpeaker.recording_id == Clip.recording_id)
        .where(RecordingSpeaker.speaker_id == speaker_id)
        .group_by(Release.name, Release.version)
        .order_by(Release.name, Release.version)
    )
    return tuple((f"{name} {version}", held == erased) for name, version, held, erased in rows)
