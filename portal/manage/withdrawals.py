"""Withdrawals: consents that were taken back, and what has become of the voices since."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog.legal_hold import holds_by_speaker
from catalog.states import MessageState
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
from releases.downloader_messages import messages_of
from releases.downloads import Downloader, downloaders_by_speaker

router = APIRouter(include_in_schema=False)

MOST_SHOWN = 200


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
    session: Session, project: str, *, now: datetime, most: int = MOST_SHOWN
) -> Sequence[WithdrawalProgress]:
    """Of speakers whose last word is no, the latest first. Five queries, however many they are."""
    rows = session.execute(
        select(
            Speaker.id,
            Speaker.pseudonym,
            Speaker.language,
            ConsentEvent.at,
            func.coalesce(Person.handle, ConsentEvent.recorded_by).label("by"),
            Erasure.finished_at,
        )
        .join(Erasure, (Erasure.speaker_id == Speaker.id) & (Erasure.round == Speaker.consent_round))
        .join(ConsentEvent, ConsentEvent.id == Erasure.consent_event_id)
        .outerjoin(Person, Person.id == ConsentEvent.recorded_by)
        .where(Erasure.project_id == project, Speaker.consent_scopes == "")
        .order_by(Erasure.requested_at.desc(), Speaker.id)
        .limit(most)
    ).all()
    speakers = [row.id for row in rows]
    files = _files(session, speakers)
    releases = _releases(session, speakers)
    holders = downloaders_by_speaker(session, speakers)
    holds = holds_by_speaker(session, project, speakers, at=now)
    return [
        WithdrawalProgress(
            speaker_id=row.id,
            pseudonym=row.pseudonym,
            language=row.language,
            at=row.at,
            by=row.by,
            files=files.get(row.id, (0, 0))[0],
            erased=files.get(row.id, (0, 0))[1],
            finished=row.finished_at is not None,
            releases=releases.get(row.id, ()),
            holders=tuple(holders.get(row.id, ())),
            hold=None if row.finished_at else next(iter(holds[row.id]), None),
        )
        for row in rows
    ]


def _files(session: Session, speaker_ids: Collection[str]) -> Mapping[str, tuple[int, int]]:
    """Files that were sent for each voice, and those in which it is one of several voices; and those destroyed."""
    sent = select(Upload.speaker_id, Upload.id, Upload.erased_at).where(Upload.speaker_id.in_(speaker_ids))
    heard_in = (
        select(RecordingSpeaker.speaker_id, Upload.id, Upload.erased_at)
        .join(Recording, Recording.id == RecordingSpeaker.recording_id)
        .join(Upload, Upload.id == Recording.upload_id)
        .where(RecordingSpeaker.speaker_id.in_(speaker_ids))
    )
    each = sent.union(heard_in).subquery()
    rows = session.execute(
        select(each.c.speaker_id, func.count(), func.count(each.c.erased_at)).group_by(each.c.speaker_id)
    )
    return {speaker: (files, erased) for speaker, files, erased in rows}


def _releases(session: Session, speaker_ids: Collection[str]) -> Mapping[str, tuple[tuple[str, bool], ...]]:
    """Versions that held each voice, and whether all of it is out of them."""
    rows = session.execute(
        select(
            RecordingSpeaker.speaker_id,
            Release.name,
            Release.version,
            func.count(),
            func.count(ReleaseItem.erased_at),
        )
        .join(ReleaseItem, ReleaseItem.release_id == Release.id)
        .join(Clip, Clip.id == ReleaseItem.clip_id)
        .join(RecordingSpeaker, RecordingSpeaker.recording_id == Clip.recording_id)
        .where(RecordingSpeaker.speaker_id.in_(speaker_ids))
        .group_by(RecordingSpeaker.speaker_id, Release.name, Release.version)
        .order_by(Release.name, Release.version)
    )
    found: dict[str, tuple[tuple[str, bool], ...]] = {}
    for speaker, name, version, held, erased in rows:
        found[speaker] = (*found.get(speaker, ()), (f"{name} {version}", held == erased))
    return found
