"""Consent: what speakers agreed to. A recording is usable only while every voice in it consents."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, exists, false, func, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from catalog import audit
from catalog.errors import UserError
from catalog.ids import content_id
from catalog.states import ConsentKind
from catalog.stopping import end_transfers, stop_recordings, stop_uploads
from catalog.tables import (
    Clip,
    ConsentEvent,
    Erasure,
    RecordingSpeaker,
    Release,
    ReleaseItem,
    Speaker,
    Task,
    Upload,
)


class ConsentScope(StrEnum):
    """What a voice may be used for."""

    TRANSCRIPTION = "transcription"
    """Kept, and listened to by the project's staff."""
    PUBLICATION = "publication"
    """Given out in a dataset."""


class Purpose(StrEnum):
    """What published speech may be used for. Each is agreed to by a notice that names it."""

    SPEECH_RECOGNITION = "speech_recognition"
    SPEECH_SYNTHESIS = "speech_synthesis"
    VOICE_CLONING = "voice_cloning"
    """To make machines speak with this very voice: no, unless it was said."""
    RESEARCH = "research"
    COMMERCIAL = "commercial"


LICENCE = "licence "
"""What the evidence begins with where a public licence stands for the yes."""
UNKNOWN_NOTICE = "unknown"
"""The version of a notice of which nobody wrote down which one it was: taken for the present one."""
_NON_COMMERCIAL = "-NC"
"""What the licences that forbid business have in their SPDX identifiers."""


# Whatever tables a query itself looks at. Made once: each costs as much of the processor as asking the database.
_GIVEN, _SPEAKER = aliased(RecordingSpeaker), aliased(Speaker)
_EVENT, _NEWER_EVENT = aliased(ConsentEvent), aliased(ConsentEvent)


class NoConsent(UserError):
    """A voice would be used without its owner's consent."""


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """How far one withdrawal reaches: how many of each there are, whether they are stopped by now or not."""

    speaker_id: str
    uploads: int
    recordings: int
    clips: int
    tasks: int
    releases: tuple[str, ...]
    """Versions already published that hold the voice, as name@version: to be redacted."""


def grant(
    session: Session,
    *,
    speaker_id: str,
    scopes: Iterable[ConsentScope],
    purposes: Iterable[Purpose] | None = None,
    notice_version: str,
    notice_language: str,
    evidence: str,
    evidence_sha256: str | None,
    recorded_by: str,
    at: datetime,
) -> ConsentEvent:
    """Record that a speaker said yes. Saying the same again changes nothing.

    The last word holds: what a narrower yes leaves out is used no more, and versions given out for it lose the voice.
    purposes: what they agreed to; None: what the notice of that version names, but for voice cloning
    """
    scopes = sorted(set(scopes))
    agreed = None if purposes is None else sorted(set(purposes))
    last = _last_event(session, speaker_id)
    said_before = last is not None and (last.scopes, last.purposes, last.evidence)
    if last is not None and said_before == (scopes, agreed, evidence):
        return last
    event = ConsentEvent(
        id=content_id("consent", speaker_id, last.number + 1 if last else 1),
        speaker_id=speaker_id,
        number=last.number + 1 if last else 1,
        kind=ConsentKind.GRANTED,
        scopes=scopes,
        purposes=agreed,
        notice_version=notice_version,
        notice_language=notice_language,
        evidence=evidence,
        evidence_sha256=evidence_sha256,
        recorded_by=recorded_by,
        at=at,
    )
    session.add(event)
    _bring_into_force(session.get_one(Speaker, speaker_id), scopes, agreed, at=at)
    audit.record(
        session,
        at=at,
        actor=recorded_by,
        action="consent.granted",
        subject=("speaker", speaker_id),
        detail=_agreement(event, last),
    )
    return event


def _bring_into_force(
    speaker: Speaker, scopes: Sequence[str], agreed: Sequence[str] | None, *, at: datetime
) -> None:
    speaker.consent_scopes = f" {' '.join(scopes)} "
    speaker.consent_purposes = None if agreed is None else f" {' '.join(agreed)} "
    speaker.guardian_yes_due = False  # whoever may say yes for them has
    if speaker.of_age_on is None or speaker.of_age_on <= at.date():
        speaker.adult_yes_due = False  # who came of age said it themselves now


def _agreement(event: ConsentEvent, last: ConsentEvent | None) -> dict[str, object]:
    """As the log has it. no_longer: scopes and purposes of the yes before that this one leaves out"""
    before = (
        [] if last is None else [*last.scopes, *(last.purposes or () if event.purposes is not None else ())]
    )
    return {
        "scopes": event.scopes,
        "purposes": event.purposes,
        "no_longer": sorted({*before} - {*event.scopes, *(event.purposes or ())}),
        "notice": f"{event.notice_language}@{event.notice_version}",
    }


def withdraw(session: Session, *, speaker_id: str, recorded_by: str, at: datetime) -> None:
    """Take a speaker's consent back: nobody hears or uses their voice from this very transaction on.

    It is short whatever the voice has given: everything that came before carries the round of its consent, and every
    check of use compares it (`consented`). The rows of a voice of ordinary size are stopped here as well; what is more
    than that, and the destroying of it all, follows from the erasure that this opens (`catalog.erasure`).
    Again changes nothing. Raises NoConsent.
    """
    speaker = session.get_one(Speaker, speaker_id, with_for_update=True)
    last = _last_event(session, speaker_id)
    if last is None:
        raise NoConsent(f"speaker {speaker_id} never gave consent, so there is none to withdraw.")
    if last.kind is ConsentKind.WITHDRAWN:
        return
    event = ConsentEvent(
        id=content_id("consent", speaker_id, last.number + 1),
        speaker_id=speaker_id,
        number=last.number + 1,
        kind=ConsentKind.WITHDRAWN,
        scopes=[],
        purposes=[],
        notice_version=last.notice_version,
        notice_language=last.notice_language,
        evidence="withdrawal",
        evidence_sha256=None,
        recorded_by=recorded_by,
        at=at,
    )
    session.add(event)
    speaker.consent_scopes = speaker.consent_purposes = ""
    speaker.consent_round += 1
    session.flush()
    session.add(
        Erasure(
            id=content_id("erasure", speaker_id, speaker.consent_round),
            project_id=speaker.project_id,
            speaker_id=speaker_id,
            round=speaker.consent_round,
            consent_event_id=event.id,
            requested_at=at,
            requested_by=recorded_by,
        )
    )
    end_transfers(session, speaker)
    stop_uploads(session, speaker)
    stop_recordings(session, speaker, after="", at=at)
    audit.record(
        session, at=at, actor=recorded_by, action="consent.withdrawn", subject=("speaker", speaker_id)
    )
    session.flush()


def is_withdrawn(speaker: Speaker) -> bool:
    """Whether the last word of a speaker is no. One who was never asked has not said it."""
    return speaker.consent_round > 0 and not speaker.consent_scopes


def arrival_round(speaker: Speaker) -> int:
    """The round that what arrives now belongs to: after a no, that of the yes before, so that it is destroyed."""
    return speaker.consent_round - 1 if is_withdrawn(speaker) else speaker.consent_round


def consented(recording_id: InstrumentedAttribute[str], scope: ConsentScope) -> ColumnElement[bool]:
    """The SQL condition that every voice of that recording consents to `scope`, and that there is one at all.

    A yes given after a withdrawal does not bring back what was given before it.
    """
    given, speaker = _GIVEN, _SPEAKER
    voices = select(given.speaker_id).where(given.recording_id == recording_id)
    refusing = voices.join(speaker, speaker.id == given.speaker_id).where(
        speaker.consent_scopes.not_like(f"% {scope.value} %")
        | (given.consent_round < speaker.consent_round)
        | speaker.guardian_yes_due
    )
    return and_(exists(voices), ~exists(refusing))


def agreed_to(
    recording_id: InstrumentedAttribute[str], purposes: Iterable[Purpose], *, notice_version: str
) -> ColumnElement[bool]:
    """The SQL condition that every voice of that recording agreed to all these purposes.

    notice_version: the one that names them now: a yes to it from before purposes were recorded agreed to what it
                    names, but for voice cloning; a yes to another version did not. A public licence that stands for
                    the yes agrees to what it allows
    """
    given, speaker = _GIVEN, _SPEAKER
    event, newer = _EVENT, _NEWER_EVENT
    purposes = tuple(purposes)
    named = [each for each in purposes if each is not Purpose.VOICE_CLONING]
    wanted = [speaker.consent_purposes.contains(f" {each} ", autoescape=True) for each in purposes]
    if not wanted:
        return true()
    heard = (
        speaker.consent_purposes.is_(None)
        & exists(
            select(event.id).where(
                event.speaker_id == speaker.id,
                event.kind == ConsentKind.GRANTED,
                _covers(event, purposes, notice_version),
                ~exists(
                    select(newer.id).where(newer.speaker_id == event.speaker_id, newer.number > event.number)
                ),
            )
        )
        if len(named) == len(wanted)
        else false()
    )
    agreed = func.coalesce(and_(*wanted), false()) | heard
    refusing = (
        select(given.speaker_id)
        .join(speaker, speaker.id == given.speaker_id)
        .where(given.recording_id == recording_id, ~agreed)
    )
    return ~exists(refusing)


def agreed_to_less_since(
    recording_id: InstrumentedAttribute[str], purposes: InstrumentedAttribute[str | None]
) -> ColumnElement[bool]:
    """The SQL condition that a voice of that recording has agreed since to less than one of these purposes.

    purposes: of what was given out, each between spaces; where they were not kept nothing is taken back by one
    A yes from before purposes were recorded takes none back.
    """
    given, speaker = _GIVEN, _SPEAKER
    left_out = or_(
        *(
            purposes.contains(f" {each} ", autoescape=True)
            & ~speaker.consent_purposes.contains(f" {each} ", autoescape=True)
            for each in Purpose
        )
    )
    return exists(
        select(given.speaker_id)
        .join(speaker, speaker.id == given.speaker_id)
        .where(given.recording_id == recording_id, left_out)
    )


def licensed_purposes(evidence: str, purposes: Iterable[Purpose]) -> tuple[Purpose, ...]:
    """Those of the purposes that a public licence allows which stands for a yes: never voice cloning.

    >>> licensed_purposes("licence CC-BY-NC-4.0", Purpose)[-1], licensed_purposes("licence CC0-1.0", Purpose)[-1]
    (<Purpose.RESEARCH: 'research'>, <Purpose.COMMERCIAL: 'commercial'>)
    """
    business = _NON_COMMERCIAL not in evidence
    return tuple(
        each
        for each in purposes
        if each is not Purpose.VOICE_CLONING and (business or each is not Purpose.COMMERCIAL)
    )


def _covers(
    event: type[ConsentEvent], purposes: Collection[Purpose], notice_version: str
) -> ColumnElement[bool]:
    """The SQL condition that a yes from before covers them: by the notice that was heard, or by a public licence."""
    is_licence = event.evidence.startswith(LICENCE, autoescape=True)
    forbids = event.evidence.contains(_NON_COMMERCIAL, autoescape=True)
    by_licence = is_licence & ~forbids if Purpose.COMMERCIAL in purposes else is_licence
    return by_licence | (~is_licence & event.notice_version.in_((notice_version, UNKNOWN_NOTICE)))


def taken_back(recording_id: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """The SQL condition that a voice of that recording took its consent back after it was given."""
    given, speaker = _GIVEN, _SPEAKER
    return exists(
        select(given.speaker_id)
        .join(speaker, speaker.id == given.speaker_id)
        .where(given.recording_id == recording_id, given.consent_round < speaker.consent_round)
    )


def history(session: Session, speaker_id: str) -> Sequence[ConsentEvent]:
    """Every act of a speaker, oldest first."""
    return session.scalars(
        select(ConsentEvent).where(ConsentEvent.speaker_id == speaker_id).order_by(ConsentEvent.number)
    ).all()


def _last_event(session: Session, speaker_id: str) -> ConsentEvent | None:
    newest = select(func.max(ConsentEvent.number)).where(ConsentEvent.speaker_id == speaker_id)
    return session.scalar(
        select(ConsentEvent).where(
            ConsentEvent.speaker_id == speaker_id, ConsentEvent.number == newest.scalar_subquery()
        )
    )


def reached(session: Session, speaker_id: str) -> Withdrawal:
    """How far the withdrawals of a speaker reach."""
    given = and_(
        RecordingSpeaker.speaker_id == speaker_id,
        RecordingSpeaker.consent_round < Speaker.consent_round,
    )
    voices = (
        select(RecordingSpeaker.recording_id)
        .join(Speaker, Speaker.id == RecordingSpeaker.speaker_id)
        .where(given)
        .subquery()
    )
    clips = select(Clip.id).join(voices, voices.c.recording_id == Clip.recording_id).subquery()
    uploads = (
        select(func.count())
        .select_from(Upload)
        .join(Speaker, Speaker.id == Upload.speaker_id)
        .where(Speaker.id == speaker_id, Upload.consent_round < Speaker.consent_round)
    )
    releases = (
        select(Release.name, Release.version)
        .where(
            exists(
                select(ReleaseItem.clip_id)
                .join(clips, clips.c.id == ReleaseItem.clip_id)
                .where(ReleaseItem.release_id == Release.id)
            )
        )
        .order_by(Release.name, Release.version)
    )
    tasks = select(func.count()).select_from(Task).join(clips, clips.c.id == Task.clip_id)
    return Withdrawal(
        speaker_id,
        uploads=session.scalar(uploads) or 0,
        recordings=session.scalar(select(func.count()).select_from(voices)) or 0,
        clips=session.scalar(select(func.count()).select_from(clips)) or 0,
        tasks=session.scalar(tasks) or 0,
        releases=tuple(f"{name}@{version}" for name, version in session.execute(releases)),
    )
