"""Every file of a source to a receipt: kept in the store, counted in the catalogue."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from sqlalchemy.orm import Session

from catalog import consent
from catalog.receiving import ArrivingFile, receive, record_refused, register_project, upload_id_of
from catalog.speakers import SpeakerFacts, register_speaker
from catalog.store import Damaged, NotStored
from catalog.tables import Speaker, Upload
from flows.sources import CONSENTS, LISTS, Source
from flows.steps.sidecar import ConsentNote, FileNote, read_consent_notes, read_file_notes
from flows.workspace import Workspace

ACTOR = "flow:ingest"


@dataclass(frozen=True, slots=True)
class ReceiveReport:
    """found: files looked at; received: of these, the ones not seen before; unreadable: bytes that can't be had;
    changing: written to, or taken away, while they were read. The next run takes those in.
    """

    found: int
    received: int
    unreadable: int
    changing: int


def receive_all(
    workspace: Workspace, source: Source, progress: Callable[[int, int, str], None] | None = None
) -> ReceiveReport:
    """Take in everything the source holds that was not taken in before.

    progress: called with files done, files in all, and the name of the one just done
    """
    notes = read_file_notes(source.lists(LISTS))
    _prepare(workspace, read_consent_notes(source.lists(CONSENTS)))
    names = list(source.names())
    received = unreadable = changing = 0
    for done, name in enumerate(names, start=1):
        found = source.look(name)
        note = notes.get(name, FileNote())
        arriving = ArrivingFile(
            name, found.size, found.sha256, _language(workspace, name, note), _speaker(name, note)
        )
        project_id = workspace.project.name
        if found.sha256 is not None and found.size > workspace.project.limits.upload_mb * 10**6:
            record_refused(
                workspace.catalog,
                project_id=project_id,
                arriving=arriving,
                reason="too_large",
                detail=f"{found.size / 1e6:.0f} MB; this project takes {workspace.project.limits.upload_mb} MB",
                sender=ACTOR,
                at=workspace.now(),
            )
        elif found.sha256 is None:
            record_refused(
                workspace.catalog,
                project_id=project_id,
                arriving=arriving,
                reason="unreadable",
                detail=found.fault or "its bytes can't be read",
                sender=ACTOR,
                at=workspace.now(),
            )
            unreadable += 1
        elif not _known(workspace, upload_id_of(project_id, name, found.sha256)):
            try:
                with source.as_path(name) as path:
                    receipt = receive(
                        workspace.catalog,
                        workspace.store,
                        project_id=project_id,
                        arriving=arriving,
                        path=path,
                        sender=ACTOR,
                        at=workspace.now(),
                    )
                received += receipt.new
            except (Damaged, FileNotFoundError, NotStored):  # still being copied there: nothing was promised
                changing += 1
        if progress:
            progress(done, len(names), name)
    _let_licence_stand_for_consent(workspace)
    return ReceiveReport(len(names), received, unreadable, changing)


def have_project(session: Session, workspace: Workspace) -> None:
    """Have the rows of the workspace's project that everything else refers to."""
    project = workspace.project
    names = {code: language.name for code, language in workspace.languages.items()}
    register_project(
        session, project_id=project.name, title=project.title, languages=names, at=workspace.now()
    )


def _prepare(workspace: Workspace, consents: tuple[ConsentNote, ...]) -> None:
    project = workspace.project
    with workspace.catalog.writing() as session:
        now = workspace.now()
        have_project(session, workspace)
        for note in consents:
            facts = SpeakerFacts(note.speaker, language=note.language)
            speaker = register_speaker(session, project_id=project.name, facts=facts, actor=ACTOR, at=now)
            if note.scopes and not consent.history(session, speaker.id):
                consent.grant(
                    session,
                    speaker_id=speaker.id,
                    scopes=note.scopes,
                    notice_version=note.notice_version,
                    notice_language=note.language,
                    evidence=note.evidence,
                    evidence_sha256=None,
                    recorded_by=ACTOR,
                    at=note.given_at,
                )


def _let_licence_stand_for_consent(workspace: Workspace) -> None:
    """For a published corpus, whose speakers gave their voices under its licence."""
    rules = workspace.project.consent
    if rules.public_licence is None:
        return
    with workspace.catalog.writing() as session:
        for speaker in session.query(Speaker).filter_by(project_id=workspace.project.name, consent_scopes=""):
            if not consent.history(session, speaker.id):
                consent.grant(
                    session,
                    speaker_id=speaker.id,
                    scopes=rules.scopes,
                    notice_version=rules.version,
                    notice_language=speaker.language or "unknown",
                    evidence=f"licence {rules.public_licence}",
                    evidence_sha256=None,
                    recorded_by=ACTOR,
                    at=workspace.now(),
                )


def _language(workspace: Workspace, name: str, note: FileNote) -> str | None:
    """What the list says; else the folder named by a language's code; else the project's only language."""
    known: Mapping[str, object] = workspace.languages
    if note.language:
        return note.language
    for folder in PurePosixPath(name).parts[:-1]:
        if folder in known:
            return folder
    return next(iter(known)) if len(known) == 1 else None


def _speaker(name: str, note: FileNote) -> SpeakerFacts:
    """The speaker the list names; all files of a folder without one are taken for one voice, never for several:
    the same voice in two splits would be worse than too few speakers."""
    folder = PurePosixPath(name).parts[0] if "/" in name else "source"
    return SpeakerFacts(
        pseudonym=note.speaker or f"unknown-{folder}",
        language=note.language,
        gender=note.gender,
        age_band=note.age_band,
        district=note.district,
        dialect=note.dialect,
    )


def _known(workspace: Workspace, upload_id: str) -> bool:
    with workspace.catalog.reading() as session:
        return session.get(Upload, upload_id) is not None
