"""A yes as it was given: evidence that arrived, a consent event, and a receipt that can take it back."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog import audit, consent
from catalog.age import Guardian, NotOfAge, Proof, Relation, note_guardian, refusal_of
from catalog.config.project import Project
from catalog.consent import ConsentScope, Purpose
from catalog.notices import notice_status
from catalog.states import ConsentKind, TransferPurpose
from catalog.tables import ConsentEvent, ConsentReceipt, Speaker, Transfer
from portal.access.secrets import hashed
from portal.http.pages import _
from portal.record.speakers.form import Say, identity_number_refused
from portal.record.speakers.identity_numbers import holds_identity_number
from portal.upload.evidence import ConsentEvidence, evidence_of
from portal.upload.protocol import value

CODE_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
CODE_LENGTH = 16
_CODE = re.compile(f"[{CODE_LETTERS}]{{{CODE_LENGTH}}}")
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")


class ConsentRefused(Exception):
    """It can't be written down so. code: for programs; message: for people, in their language"""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Yes:
    """What the phone tells of a yes.

    transfer: the upload that brought the evidence; code: of the paper receipt, made on the phone
    language, version: of the notice that was heard
    guardian, relation, verified: who said yes for a child, what they are to them, and how that was seen
    """

    transfer: str
    scopes: tuple[str, ...]
    language: str
    version: str
    code: str
    guardian: str | None = None
    relation: str | None = None
    verified: str | None = None
    misunderstood: int | None = None
    """How often an answer showed that the notice had to be heard again; None from a page that didn't ask yet."""


@dataclass(frozen=True, slots=True)
class Agreed:
    """What a speaker agreed to, for their receipt. evidence: the code of what was kept of it"""

    event_id: str
    scopes: tuple[str, ...]
    language: str
    version: str
    at: datetime


def plain_code(typed: str) -> str:
    """A code as it is kept, however it was typed.

    >>> plain_code("abcd 2345-efgh 6789")
    'ABCD2345EFGH6789'
    """
    return re.sub("[^0-9A-Z]", "", typed.upper())[:40]


def spaced_code(code: str) -> str:
    """
    >>> spaced_code("ABCD2345EFGH6789")
    'ABCD-2345-EFGH-6789'
    """
    return "-".join(code[first : first + 4] for first in range(0, len(code), 4))


def write_yes(
    session: Session, project: Project, speaker: Speaker, yes: Yes, *, by: str, at: datetime, say: Say
) -> ConsentEvent:
    """The consent event of evidence that has arrived; sent again, the same event. Raises ConsentRefused."""
    _check_words(session, project, speaker, yes, say)
    guardian = _guardian(yes, say)
    _check_age(project, speaker, guardian, at=at, say=say)
    evidence = _evidence(session, speaker, yes.transfer, by, say)
    scopes = [scope for scope in ConsentScope if scope in yes.scopes]
    event = consent.grant(
        session,
        speaker_id=speaker.id,
        scopes=scopes,
        purposes=project.consent.purposes_of(
            scopes, notice_version=yes.version, voice_cloning=Purpose.VOICE_CLONING in yes.scopes
        ),
        notice_version=yes.version,
        notice_language=yes.language,
        evidence=evidence.key,
        evidence_sha256=evidence.sha256,
        recorded_by=by,
        at=at,
    )
    session.flush()
    if guardian:
        note_guardian(session, speaker.id, guardian)
    code = hashed(plain_code(yes.code))
    kept = session.get(ConsentReceipt, code)
    if kept is not None and kept.speaker_id != speaker.id:
        raise ConsentRefused(
            "code_taken", say(_("This receipt belongs to somebody else. Ask for consent again."))
        )
    if kept is None:
        session.add(
            ConsentReceipt(code_sha256=code, speaker_id=speaker.id, consent_event_id=event.id, made_at=at)
        )
        audit.record(
            session,
            at=at,
            actor=by,
            action="consent.receipt_given",
            subject=("speaker", speaker.id),
            detail={
                "event": event.id,
                "said_by": "guardian" if guardian else "speaker",
                "misunderstood": yes.misunderstood,
            },
        )
    return event


def agreed_under(session: Session, speaker_id: str, typed_code: str) -> Agreed | None:
    """What was agreed to when that code was given; None where the code is no receipt of this speaker's."""
    row = session.execute(
        select(ConsentEvent)
        .join(ConsentReceipt, ConsentReceipt.consent_event_id == ConsentEvent.id)
        .where(ConsentReceipt.code_sha256 == hashed(plain_code(typed_code)))
        .where(ConsentReceipt.speaker_id == speaker_id)
    ).scalar_one_or_none()
    return _agreed(row) if row else None


def events_of(session: Session, speaker_id: str) -> Sequence[ConsentEvent]:
    return consent.history(session, speaker_id)


def _agreed(event: ConsentEvent) -> Agreed:
    assert event.kind is ConsentKind.GRANTED
    said = (*event.scopes, *(each for each in event.purposes or () if each == Purpose.VOICE_CLONING))
    return Agreed(event.id, said, event.notice_language, event.notice_version, event.at)


def _check_words(session: Session, project: Project, speaker: Speaker, yes: Yes, say: Say) -> None:
    allowed: Collection[str] = project.consent.questions
    if not yes.scopes or not set(yes.scopes) <= set(allowed) or ConsentScope.TRANSCRIPTION not in yes.scopes:
        raise ConsentRefused(
            "scopes",
            say(_("Without a yes to being listened to, nothing can be recorded. Ask again, or stop here.")),
        )
    if yes.language not in project.consent.notices or not _VERSION.fullmatch(yes.version):
        raise ConsentRefused(
            "notice", say(_("The notice is read in a language that this project has it in."))
        )
    if not notice_status(session, project, yes.language).state.may_be_used:
        raise ConsentRefused(
            "notice_unsigned",
            say(_("No native speaker has signed this notice yet. Your manager does it on the page Notices.")),
        )
    if not _CODE.fullmatch(plain_code(yes.code)):
        raise ConsentRefused("code", say(_("The receipt's code is not a good one. Load the page again.")))
    if speaker.age_band is None:
        raise ConsentRefused(
            "age_band", say(_("Write down how old the speaker is first: it decides who may say yes."))
        )


def _guardian(yes: Yes, say: Say) -> Guardian | None:
    if not (yes.guardian or "").strip():
        return None
    if holds_identity_number(yes.guardian or ""):
        raise ConsentRefused("guardian", identity_number_refused(say))
    try:
        return Guardian(
            name=yes.guardian or "",
            relation=cast("Relation", yes.relation),
            verified=cast("Proof", yes.verified),
        )
    except NotOfAge as fault:
        words = _("Say what the guardian is to the speaker, and how you know it.")
        raise ConsentRefused("guardian", say(words)) from fault


def _check_age(
    project: Project, speaker: Speaker, guardian: Guardian | None, *, at: datetime, say: Say
) -> None:
    match refusal_of(speaker, guardian, minors_allowed=project.consent.minors, today=at.date()):
        case "minors_not_allowed":
            words = _("The speaker is under 18, and this project takes no children.")
            raise ConsentRefused("minors_not_allowed", say(words))
        case "guardian_missing":
            words = _(
                "The speaker is under 18: a parent or guardian says yes in their place, and gives their name."
            )
            raise ConsentRefused("guardian", say(words))


def _evidence(session: Session, speaker: Speaker, transfer_id: str, by: str, say: Say) -> ConsentEvidence:
    """What proves it: brought by this person, for this speaker, and whole."""
    transfer = session.get(Transfer, transfer_id)
    if (
        transfer is None
        or (transfer.person_id, transfer.project_id) != (by, speaker.project_id)
        or transfer.purpose is not TransferPurpose.CONSENT
        or value(transfer.details, "speaker") != speaker.pseudonym
    ):
        raise ConsentRefused("evidence", say(_("The spoken or written yes of this speaker is not here.")))
    evidence = evidence_of(session, transfer_id, person_id=by)
    if evidence is None:
        words = _("The yes is still on its way. It is written down when it is here.")
        raise ConsentRefused("evidence_arriving", say(words))
    return evidence
