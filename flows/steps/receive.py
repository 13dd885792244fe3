"""Every file of a source to a receipt: kept in the store, counted in the catalogue."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import partial
from pathlib import PurePosixPath

from sqlalchemy.orm import Session

from catalog import consent
from catalog.receiving import ArrivingFile, find_upload, receive, record_refused, register_project
from catalog.speakers import SpeakerFacts, register_speaker
from catalog.store import Damaged, NotStored
from catalog.tables import Speaker, Upload
from flows.sources import Found, Source
from flows.steps.correct import Correction, correct, settle_facts
from flows.steps.sidecar import ConsentNote, FileNote, ListKind, read_consent_notes, read_file_notes
from flows.workspace import Workspace

ACTOR = "flow:ingest"


MOST_NAMED = 200


@dataclass(frozen=True, slots=True)
class Named:
    """How many there are, and the first of them by name."""

    count: int
    first: tuple[str, ...]

    @staticmethod
    def of(names: Sequence[str]) -> "Named":
        return Named(len(names), tuple(names[:MOST_NAMED]))


NONE = Named(0, ())


@dataclass(frozen=True, slots=True)
class ListsReport:
    """How the lists beside the recordings and the recordings fit together.

    faults:       lists and rows that can't be used
    without_file: rows that name no file
    without_row:  files that no list names
    waiting:      files that are not taken in before their list is mended
    corrected:    files that came in before, of which a list says something else now, and it was put right
    uncorrected:  of which it was not: published already, or for what stands beside it
    """

    faults: Named = NONE
    without_file: Named = NONE
    without_row: Named = NONE
    waiting: Named = NONE
    corrected: Named = NONE
    uncorrected: Named = NONE


NO_LISTS = ListsReport()


@dataclass(frozen=True, slots=True)
class ReceiveReport:
    """found: files looked at; received: of these, the ones not seen before; unreadable: bytes that can't be had;
    changing: written to, or taken away, while they were read. The next run takes those in.
    erased: of a voice that was taken back: counted, and not kept
    """

    found: int
    received: int
    unreadable: int
    changing: int
    lists: ListsReport = NO_LISTS
    erased: int = 0


def receive_all(
    workspace: Workspace,
    source: Source,
    progress: Callable[[int, int, str], None] | None = None,
    *,
    correct_published: bool = False,
) -> ReceiveReport:
    """Take in everything the source holds that was not taken in before.

    progress:          called with files done, files in all, and the name of the one just done
    correct_published: let a mended list correct what versions hold already, for the next one
    """
    names = list(source.names())
    listed = read_file_notes(source.lists(ListKind.RECORDINGS), names)
    consents, faults = read_consent_notes(source.lists(ListKind.CONSENTS))
    _prepare(workspace, consents)
    ends: Counter[_End] = Counter()
    waiting: list[str] = []
    corrections: list[Correction] = []
    for done, name in enumerate(names, start=1):
        found = source.look(name)
        note = _in_codes(workspace, listed.notes.get(name, FileNote()))
        known = _known(workspace, found, note)
        if known is not None:
            correction = _corrected(workspace, known, note, published=correct_published)
            corrections += [correction] if correction else []
        elif name in listed.waiting:
            waiting.append(name)
        else:
            ends[_take_in(workspace, source, found, note)] += 1
        if progress:
            progress(done, len(names), name)
    contradictions = settle_facts(workspace, _by_speaker(listed.notes.values()))
    _let_licence_stand_for_consent(workspace)
    return ReceiveReport(
        found=len(names),
        received=ends[_End.RECEIVED],
        unreadable=ends[_End.UNREADABLE],
        changing=ends[_End.CHANGING],
        erased=ends[_End.ERASED],
        lists=ListsReport(
            faults=Named.of([str(each) for each in (*listed.faults, *faults)]),
            without_file=Named.of(listed.without_file),
            without_row=Named.of(listed.without_row),
            waiting=Named.of(waiting),
            corrected=Named.of([str(each) for each in corrections if each.made]),
            uncorrected=Named.of([*(str(each) for each in corrections if not each.made), *contradictions]),
        ),
    )


class _End(Enum):
    """What became of a file that was not seen before."""

    RECEIVED = "received"
    KNOWN = "known"
    REFUSED = "refused"
    ERASED = "erased"
    UNREADABLE = "unreadable"
    CHANGING = "changing"


def _take_in(workspace: Workspace, source: Source, found: Found, note: FileNote) -> _End:
    name = found.name
    arriving = ArrivingFile(
        name, found.size, found.sha256, _language(workspace, name, note), _speaker(name, note)
    )
    refused = partial(
        record_refused,
        workspace.catalog,
        project_id=workspace.project.name,
        arriving=arriving,
        sender=ACTOR,
        at=workspace.now(),
    )
    if found.sha256 is None:
        refused(reason="unreadable", detail=found.fault or "its bytes can't be read")
        return _End.UNREADABLE
    most = workspace.project.limits.upload_mb
    if found.size > most * 10**6:
        refused(reason="too_large", detail=f"{found.size / 1e6:.0f} MB; this project takes {most} MB")
        return _End.REFUSED
    try:
        with source.as_path(name) as path:
            receipt = receive(
                workspace.catalog,
                workspace.store,
                project_id=workspace.project.name,
                arriving=arriving,
                path=path,
                sender=ACTOR,
                at=workspace.now(),
            )
    except (Damaged, FileNotFoundError, NotStored):  # still being copied there: nothing was promised
        return _End.CHANGING
    if receipt.erased:
        return _End.ERASED
    return _End.RECEIVED if receipt.new else _End.KNOWN


def _corrected(workspace: Workspace, known: Upload, note: FileNote, *, published: bool) -> Correction | None:
    if known.erased_at is not None:
        return None
    facts = _facts(note, note.speaker) if note.speaker else None
    return correct(workspace, known.id, facts, note.language, published=published)


def _by_speaker(notes: Iterable[FileNote]) -> dict[str, list[SpeakerFacts]]:
    said: dict[str, list[SpeakerFacts]] = {}
    for note in notes:
        if note.speaker:
            said.setdefault(note.speaker, []).append(_facts(note, note.speaker))
    return said


def have_project(session: Session, workspace: Workspace) -> None:
    """Have the rows of the workspace's project that everything else refers to."""
    project = workspace.project
    names = {code: language.name for code, language in workspace.languages.items()}
    register_project(
        session, project_id=project.name, title=project.title, languages=names, at=workspace.now()
    )


def _prepare(workspace: Workspace, consents: tuple[ConsentNote, ...]) -> None:
    project = workspace.project

    def write(session: Session) -> None:
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
                    purposes=_purposes(workspace, note),
                    notice_version=note.notice_version,
                    notice_language=note.language,
                    evidence=note.evidence,
                    evidence_sha256=None,
                    recorded_by=ACTOR,
                    at=note.given_at,
                )

    workspace.catalog.write(write)


def _purposes(workspace: Workspace, note: ConsentNote) -> tuple[consent.Purpose, ...] | None:
    """What a yes of a list was given for: what the list names; else what its licence or its notice does."""
    rules = workspace.project.consent
    if note.purposes:
        return note.purposes
    if note.evidence.startswith(consent.LICENCE):
        return consent.licensed_purposes(note.evidence, rules.purposes)
    return rules.purposes_of(note.scopes, notice_version=note.notice_version)


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
                    purposes=consent.licensed_purposes(rules.public_licence, rules.purposes),
                    notice_version=rules.version,
                    notice_language=speaker.language or "unknown",
                    evidence=f"{consent.LICENCE}{rules.public_licence}",
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


def _in_codes(workspace: Workspace, note: FileNote) -> FileNote:
    """With the code of a language that a list names by its name or in capitals; what is none stays as written."""
    written = (note.language or "").casefold()
    for code, language in workspace.languages.items():
        if written in (code.casefold(), language.name.casefold(), language.own_name.casefold()):
            return replace(note, language=code)
    return note


def _speaker(name: str, note: FileNote) -> SpeakerFacts:
    """The speaker the list names; all files of a folder without one are taken for one voice, never for several:
    the same voice in two splits would be worse than too few speakers."""
    folder = PurePosixPath(name).parts[0] if "/" in name else "source"
    return _facts(note, note.speaker or f"unknown-{folder}")


def _facts(note: FileNote, pseudonym: str) -> SpeakerFacts:
    return SpeakerFacts(
        pseudonym=pseudonym,
        language=note.language,
        gender=note.gender,
        age_band=note.age_band,
        district=note.district,
        dialect=note.dialect,
    )


def _known(workspace: Workspace, found: Found, note: FileNote) -> Upload | None:
    """The row of a file that came before, and need not come again."""
    if found.sha256 is None:
        return None
    pseudonym = _speaker(found.name, note).pseudonym
    with workspace.catalog.reading() as session:
        return find_upload(session, workspace.project.name, found.name, found.sha256, pseudonym=pseudonym)[1]
