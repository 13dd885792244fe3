"""Consent notices, and who signed for them: a native speaker read the text, and it says what it should.

Nobody is recorded under a notice that nobody signed: what a person agrees to is what they have understood.
"""

import hashlib
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog import audit
from catalog.config.project import Project
from catalog.config.sentence import Sentence
from catalog.errors import UserError
from catalog.ids import content_id
from catalog.tables import NoticeSignature, NoticeSound

LONGEST_NAME = 100


class UnsignedNotice(UserError):
    """A speaker would be asked by a notice that no native speaker has read."""


class NoticeState(StrEnum):
    """How far a notice can be relied on."""

    SIGNED = "signed"
    """A native speaker read this very text."""
    IN_USE_BEFORE = "in_use_before"
    """People were asked by it before signatures were; nobody has signed it since."""
    DEMONSTRATION = "demonstration"
    """The project records nobody real, and says so in its file."""
    PUBLIC_LICENCE = "public_licence"
    """Nobody is asked: the recordings are public already."""
    UNSIGNED = "unsigned"
    """Not yet read by a native speaker."""

    @property
    def may_be_used(self) -> bool:
        return self is not NoticeState.UNSIGNED


@dataclass(frozen=True, slots=True)
class NoticeStatus:
    """Of one language of a project. signed_by, at: None where nobody signed"""

    language: str
    state: NoticeState
    signed_by: str | None = None
    at: datetime | None = None


def text_sha256(text: str) -> str:
    """Hash of a notice's words: a changed one must be read and signed again, a changed line break must not.

    >>> text_sha256("We record you.\\n") == text_sha256(" We  record you.") != text_sha256("We keep you.")
    True
    """
    return hashlib.sha256(unicodedata.normalize("NFC", " ".join(text.split())).encode()).hexdigest()


def notice_status(session: Session, project: Project, language: str) -> NoticeStatus:
    """How far a project's notice in a language can be relied on now."""
    return _status(project, language, _signatures(session, project)[language])


def notice_statuses(session: Session, project: Project) -> tuple[NoticeStatus, ...]:
    """Of every language that the project has a notice in, in the order of its file. One query."""
    signatures = _signatures(session, project)
    return tuple(_status(project, code, signatures[code]) for code in project.consent.notices)


def _signatures(session: Session, project: Project) -> defaultdict[str, list[NoticeSignature]]:
    """By language."""
    found: defaultdict[str, list[NoticeSignature]] = defaultdict(list)
    for row in session.scalars(select(NoticeSignature).where(NoticeSignature.project_id == project.name)):
        found[row.language].append(row)
    return found


def _status(project: Project, language: str, rows: Sequence[NoticeSignature]) -> NoticeStatus:
    text = project.consent.notices.get(language)
    for row in rows:
        if text is not None and row.text_sha256 == text_sha256(text):
            return NoticeStatus(language, NoticeState.SIGNED, row.signed_by, row.at)
    if project.consent.demonstration:
        return NoticeStatus(language, NoticeState.DEMONSTRATION)
    if project.consent.public_licence is not None:
        return NoticeStatus(language, NoticeState.PUBLIC_LICENCE)
    for row in rows:
        if row.text_sha256 is None and row.notice_version == project.consent.version:
            return NoticeStatus(language, NoticeState.IN_USE_BEFORE, None, row.at)
    return NoticeStatus(language, NoticeState.UNSIGNED)


def check_signed(session: Session, project: Project, language: str) -> None:
    """Raises UnsignedNotice where nobody may be asked in that language yet."""
    if not notice_status(session, project, language).state.may_be_used:
        raise UnsignedNotice(
            f"no native speaker has signed the consent notice of {project.name} in '{language}', version "
            f"{project.consent.version}, so nobody is recorded under it.\n"
            f"Let one read it under Manage, Notices, or run `boli consent sign-notice {language} "
            f"--project {project.name} --signed-by NAME`."
        )


def keep_sound(
    session: Session,
    project: Project,
    language: str,
    *,
    key: str,
    sha256: str,
    seconds: float,
    machine: bool,
    by: str,
    at: datetime,
    question: str | None = None,
) -> NoticeSound:
    """Write down how a notice sounds, as its text stands now; the newest is played. The bytes are stored already.

    question: that is asked after it, in English, whose sound in that language this is; None for the notice itself
    raises: UserError for a language without a notice
    """
    text = project.consent.notices.get(language)
    if text is None:
        raise UserError(_no_notice(project, language))
    sound = NoticeSound(
        id=content_id("notice-sound", project.name, language, sha256, at.isoformat()),
        project_id=project.name,
        language=language,
        text_sha256=text_sha256(question or text),
        key=key,
        sha256=sha256,
        seconds=seconds,
        machine=machine,
        recorded_by=by,
        at=at,
    )
    session.add(sound)
    audit.record(
        session,
        at=at,
        actor=by,
        action="notice.read_aloud",
        subject=("project", project.name),
        detail={"language": language, "sound": sha256, "machine": machine, "question": question},
    )
    session.flush()
    return sound


def notice_sound(
    session: Session, project: Project, language: str, *, question: str | None = None
) -> NoticeSound | None:
    """How the notice sounds, in the very words that stand now; a person's reading before a machine's.

    question: that is asked after it, in English; None for the notice itself
    """
    return notice_sounds(session, project, question=question).get(language)


def notice_sounds(
    session: Session, project: Project, *, question: str | None = None
) -> dict[str, NoticeSound]:
    """That of each language that has one. One query."""
    texts = {code: text_sha256(question or text) for code, text in project.consent.notices.items()}
    rows = session.scalars(
        select(NoticeSound)
        .where(NoticeSound.project_id == project.name, NoticeSound.text_sha256.in_({*texts.values()}))
        .order_by(NoticeSound.machine.desc(), NoticeSound.at)
    )
    return {row.language: row for row in rows if texts.get(row.language) == row.text_sha256}


def sign_notice(
    session: Session, project: Project, language: str, *, signed_by: str, recorded_by: str, at: datetime
) -> NoticeStatus:
    """Write down that somebody read the text as it stands now. The same again changes nothing.

    signed_by: name of the native speaker, as they give it
    raises: UserError for a language without a notice, and for no name
    """
    text = project.consent.notices.get(language)
    name = " ".join(signed_by.split())
    if text is None:
        raise UserError(_no_notice(project, language))
    if not 0 < len(name) <= LONGEST_NAME:
        raise UserError(
            Sentence(
                "a signature has a name of 1 to %(most)s letters. Write who read the notice.",
                most=str(LONGEST_NAME),
            )
        )
    digest = text_sha256(text)
    identifier = content_id("notice", project.name, language, digest)
    if session.get(NoticeSignature, identifier) is None:
        session.add(
            NoticeSignature(
                id=identifier,
                project_id=project.name,
                language=language,
                notice_version=project.consent.version,
                text_sha256=digest,
                signed_by=name,
                recorded_by=recorded_by,
                at=at,
            )
        )
        audit.record(
            session,
            at=at,
            actor=recorded_by,
            action="notice.signed",
            subject=("project", project.name),
            detail={"language": language, "version": project.consent.version, "text": digest},
        )
        session.flush()
    return notice_status(session, project, language)


def _no_notice(project: Project, language: str) -> Sentence:
    return Sentence(
        "%(project)s has no notice in '%(language)s'. Add it to consent.notices of its file; where there is a "
        "configs/notices/%(language)s.txt, it is a form of one.",
        project=project.name,
        language=language,
    )
