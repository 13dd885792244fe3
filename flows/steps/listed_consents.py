"""Consents that came as a list, and the project's rows that everything else refers to."""

from collections.abc import Collection

from sqlalchemy.orm import Session

from catalog import consent
from catalog.age import is_minor
from catalog.notices import UnsignedNotice, check_signed
from catalog.receiving import register_project
from catalog.speakers import SpeakerFacts, register_speaker
from catalog.tables import Speaker
from flows.steps.sidecar import ConsentNote, ListFault
from flows.workspace import Workspace

ACTOR = "flow:ingest"


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
    """Write the consents down. Returns those whose notice nobody signed: they stand for nothing yet.

    children: pseudonyms of speakers under 18: a list is no guardian, so they wait until one was asked
    """
    project = workspace.project

    def write(session: Session) -> tuple[ListFault, ...]:
        now = workspace.now()
        have_project(session, workspace)
        unsigned: dict[str, ListFault] = {}
        for note in consents:
            facts = SpeakerFacts(note.speaker, language=note.language)
            speaker = register_speaker(session, project_id=project.name, facts=facts, actor=ACTOR, at=now)
            is_child = note.speaker in children or is_minor(speaker, today=now.date())
            if note.scopes and not is_child and not consent.history(session, speaker.id):
                try:
                    check_signed(session, project, note.language)
                except UnsignedNotice as refused:
                    unsigned[note.language] = ListFault("consents", str(refused))
                    continue
                consent.grant(
                    session,
                    speaker_id=speaker.id,
                    scopes=note.scopes,
                    purposes=_purposes(workspace, note),
                    notice_version=note.notice_version,
                    notice_language=note.language,
                    evidence=note.evidence,
                    evidence_sha256=None,
                    recorded_by=ACTOR,
                    at=note.given_at,
                )
        return tuple(unsigned.values())

    return workspace.catalog.write(write)


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
