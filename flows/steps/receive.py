"""Every file of a source to a receipt: kept in the store, counted in the catalogue."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import partial
from itertools import islice
from pathlib import Path, PurePosixPath

from catalog.age import is_minor_band
from catalog.receiving import ArrivingFile, find_upload, receive, record_refused
from catalog.speakers import SpeakerFacts
from catalog.store import Damaged, NotStored
from catalog.tables import Upload
from flows.source import Found, Listed, Source
from flows.steps.correct import Correction, correct, hold_listed_children, settle_facts
from flows.steps.listed_consents import let_licence_stand_for_consent, write_consents
from flows.steps.sidecar import (
    FileNote,
    FileNotes,
    ListKind,
    read_consent_notes,
    read_file_notes,
)
from flows.steps.source_memory import Remembered, note_digest, recall, remember
from flows.workspace import Workspace

ACTOR = "flow:ingest"
AT_ONCE = 500  # files whose rows are asked for, and kept, together

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
    names = source.names()
    listed = read_file_notes(source.lists(ListKind.RECORDINGS), names)
    consents, faults = read_consent_notes(source.lists(ListKind.CONSENTS))
    children = frozenset(
        note.speaker
        for note in listed.notes.values()
        if note.speaker and note.age_band and is_minor_band(note.age_band)
    )
    unsigned = write_consents(workspace, consents, children)
    seen = _look_at_all(workspace, source, listed, progress, correct_published=correct_published)
    said = _by_speaker(listed.notes.values())
    contradictions = (*settle_facts(workspace, said), *hold_listed_children(workspace, said))
    let_licence_stand_for_consent(workspace)
    return ReceiveReport(
        found=len(names),
        received=seen.ends[_End.RECEIVED],
        unreadable=seen.ends[_End.UNREADABLE],
        changing=seen.ends[_End.CHANGING],
        erased=seen.ends[_End.ERASED],
        lists=ListsReport(
            faults=Named.of([str(each) for each in (*listed.faults, *faults, *unsigned)]),
            without_file=Named.of(listed.without_file),
            without_row=Named.of(listed.without_row),
            waiting=Named.of(seen.waiting),
            corrected=Named.of([str(each) for each in seen.corrections if each.made]),
            uncorrected=Named.of(
                [*(str(each) for each in seen.corrections if not each.made), *contradictions]
            ),
        ),
    )


class _End(Enum):
    """What became of a file that was looked at."""

    RECEIVED = "received"
    KNOWN = "known"
    WAITING = "waiting"
    REFUSED = "refused"
    ERASED = "erased"
    UNREADABLE = "unreadable"
    CHANGING = "changing"


@dataclass(slots=True)
class _Seen:
    """What a run has met so far."""

    ends: Counter[_End] = field(default_factory=Counter)
    waiting: list[str] = field(default_factory=list)
    corrections: list[Correction] = field(default_factory=list)


def _look_at_all(
    workspace: Workspace,
    source: Source,
    listed: FileNotes,
    progress: Callable[[int, int, str], None] | None,
    *,
    correct_published: bool,
) -> _Seen:
    """Take in each file that is not as it was."""
    seen = _Seen()
    total, done = len(source.names()), 0
    for some in _in_batches(source.listing()):
        before = recall(workspace, source, some)
        taken: list[Remembered] = []
        for file in some:
            note = _in_codes(workspace, listed.notes.get(file.name, FileNote()))
            then = before.get(file.name)
            if then is None or then.note != note_digest(note):
                waits = file.name in listed.waiting
                looked = _look(
                    workspace, source, file, note, then, waits=waits, correct_published=correct_published
                )
                seen.ends[looked.end] += 1
                seen.waiting += [file.name] if looked.end is _End.WAITING else []
                seen.corrections += [looked.correction] if looked.correction else []
                taken += [looked.remembered] if looked.remembered else []
            done += 1
            if progress:
                progress(done, total, file.name)
        remember(workspace, source, taken)
    return seen


@dataclass(frozen=True, slots=True)
class _Looked:
    """remembered: where the file need not be looked at again while it stays as it is"""

    end: _End
    remembered: Remembered | None = None
    correction: Correction | None = None


def _look(
    workspace: Workspace,
    source: Source,
    file: Listed,
    note: FileNote,
    then: Remembered | None,
    *,
    waits: bool,
    correct_published: bool,
) -> _Looked:
    """Take in one file. then: what is remembered of its bytes; waits: for a list that can't be used yet"""

    def known(found: Found) -> _Looked | None:
        row = _known(workspace, found, note)
        if row is None:
            return None
        correction = _corrected(workspace, row, note, published=correct_published)
        settled = correction is None or correction.made
        return _Looked(_End.KNOWN, remembered(row.id, row.sha256) if settled else None, correction)

    def remembered(upload_id: str, sha256: str) -> Remembered:
        return Remembered(file, note_digest(note), upload_id, sha256)

    if then is not None and (looked := known(Found(file.name, file.size, then.sha256))):
        return looked
    with source.read(file, keep_up_to=workspace.project.limits.upload_mb * 10**6) as (found, path):
        if looked := known(found):
            return looked
        if waits:
            return _Looked(_End.WAITING)
        end, upload_id = _take_in(workspace, found, path, note)
        keep = upload_id is not None and found.sha256 is not None
        return _Looked(end, remembered(str(upload_id), str(found.sha256)) if keep else None)


def _take_in(
    workspace: Workspace, found: Found, path: Path | None, note: FileNote
) -> tuple[_End, str | None]:
    """What became of a file, with the id of its upload where that is settled. path: None where it is too large"""
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
        return _End.UNREADABLE, None
    most = workspace.project.limits.upload_mb
    if found.size > most * 10**6 or path is None:
        detail = f"{found.size / 1e6:.0f} MB; this project takes {most} MB"
        return _End.REFUSED, refused(reason="too_large", detail=detail).upload_id
    try:
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
        return _End.CHANGING, None
    if receipt.erased:
        return _End.ERASED, receipt.upload_id
    return (_End.RECEIVED if receipt.new else _End.KNOWN), receipt.upload_id


def _in_batches(files: Iterator[Listed]) -> Iterator[list[Listed]]:
    while some := list(islice(files, AT_ONCE)):
        yield some


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
    if not note.language:
        return note
    written = note.language.casefold()
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
        native_language=note.native_language,
    )


def _known(workspace: Workspace, found: Found, note: FileNote) -> Upload | None:
    """The row of a file that came before, and need not come again."""
    if found.sha256 is None:
        return None
    pseudonym = _speaker(found.name, note).pseudonym
    with workspace.catalog.reading() as session:
        return find_upload(session, workspace.project.name, found.name, found.sha256, pseudonym=pseudonym)[1]
