"""Consents that came as a list, and the project's rows that everything else refers to."""

from collections.abc import Collection

from sqlalchemy import exists, update
from sqlalchemy.orm import Session

from catalog import consent
from catalog.age import is_minor
from catalog.notices import UnsignedNotice, check_signed
from catalog.receiving import register_project
from catalog.speakers import SpeakerFacts, register_speaker
from catalog.states import ConsentKind
from catalog.tables import ConsentEvent, Speaker
from flows.steps.sidecar import ConsentNote, ListFault
from flows.workspace import Workspace

ACTOR = "flow:ingest"
_NO = (
    "speaker {speaker}: the list has no yes of theirs any more, and one is written down. Nothing was changed: where "
    "they took it back, run `boli consent withdraw`."
)


def have_project(session: Session, workspace: Workspace) -> None:
    """Have the rows of the workspace's project that everything else refers to."""
    project = workspace.project
    names = {code: language.name for code, language in workspace.languages.items()}
    register_project(
        session, project_id=project.name, title=project.title, languages=names, at=workspace.now()
    )


def write_consents(
    workspace: Workspace, consents: tuple[ConsentNote, ...], children: Collection[str]
) -> tuple[ListFault, ...]:
    """Write the consents down, and those that a mended list gives for less. Returns what a person is to look at.

    A notice that nobody signed stands for nothing yet; a no where there was a yes is for a person to write down.
    children: pseudonyms of speakers under 18: a list is no guardian, so they wait until one was asked
    """
    project = workspace.project

    def write(session: Session) -> tuple[ListFault, ...]:
        now = workspace.now()
        have_project(session, workspace)
        faults: dict[str, ListFault] = {}
        for note in consents:
            facts = SpeakerFacts(note.speaker, language=note.language)
            speaker = register_speaker(session, project_id=project.name, facts=facts, actor=ACTOR, at=now)
            known = consent.history(session, speaker.id)
            if not note.scopes and known and known[-1].scopes:
                faults[note.speaker] = ListFault("consents", _NO.format(speaker=note.speaker))
            is_child = note.speaker in children or is_minor(speaker, today=now.date())
            is_child = is_child or speaker.guardian_yes_due
            purposes = _purposes(workspace, note)
            if not note.scopes or is_child or (known and not _is_for_less(note, purposes, known[-1])):
                continue
            try:
                if not known:  # what takes a part back needs no notice
                    check_signed(session, project, note.language)
            except UnsignedNotice as refused:
                faults[note.language] = ListFault("consents", str(refused))
                continue
            consent.grant(
                session,
                speaker_id=speaker.id,
                scopes=note.scopes,
                purposes=purposes,
                notice_version=note.notice_version,
                notice_language=note.language,
                evidence=note.evidence,
                evidence_sha256=None,
                recorded_by=ACTOR,
                at=note.given_at,
            )
        return tuple(faults.values())

    return workspace.catalog.write(write)


def _is_for_less(note: ConsentNote, purposes: tuple[consent.Purpose, ...] | None, last: ConsentEvent) -> bool:
    """Whether a list's yes takes part of the last one back: no earlier than that, and for nothing more."""
    if last.kind is not ConsentKind.GRANTED or note.given_at < last.at:
        return False
    before: set[str] = {*last.scopes, *(last.purposes or ())}
    now: set[str] = {*note.scopes, *(purposes if purposes is not None and last.purposes is not None else ())}
    if purposes is None:  # says nothing of them: those of before stand
        now |= set(last.purposes or ())
    return now < before


def _purposes(workspace: Workspace, note: ConsentNote) -> tuple[consent.Purpose, ...] | None:
    """What a yes of a list was given for: what the list names; else what its licence or its notice does."""
    rules = workspace.project.consent
    if note.purposes:
        return note.purposes
    if note.evidence.startswith(consent.LICENCE):
        return consent.licensed_purposes(note.evidence, rules.purposes)
    return rules.purposes_of(note.scopes, notice_version=note.notice_version)


def let_licence_stand_for_consent(workspace: Workspace) -> None:
    """For a published corpus, whose speakers gave their voices under its licence."""
    rules = workspace.project.consent
    if rules.public_licence is None:
        return
    with workspace.catalog.writing() as session:
        if rules.minors:  # the licence stands for children too: how old they are changes nothing
            licensed = exists().where(
                ConsentEvent.speaker_id == Speaker.id, ConsentEvent.evidence.startswith(consent.LICENCE)
            )
            session.execute(
                update(Speaker)
                .where(Speaker.project_id == workspace.project.name, Speaker.guardian_yes_due, licensed)
                .values(guardian_yes_due=False)
            )
        for speaker in session.query(Speaker).filter_by(project_id=workspace.project.name, consent_scopes=""):
            is_child = is_minor(speaker, today=workspace.now().date())
            if (rules.minors or not is_child) and not consent.history(session, speaker.id):
                consent.grant(
                    session,
                    speaker_id=speaker.id,
                    scopes=rules.scopes,
                    purposes=consent.licensed_purposes(rules.public_licence, rules.purposes),
                    notice_version=rules.version,
                    notice_language=speaker.language or "unknown",
                    evidence=f"{consent.LICENCE}{rules.public_licence}",
                    evidence_sha256=None,
                    recorded_by=ACTOR,
                    at=workspace.now(),
                )
