"""Lists that managers brought, newest first; what each brought, and what would go and stay, were it taken back."""

from collections.abc import Mapping, Sequence

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from catalog.config.configuration import Broken, ConfigurationError
from catalog.config.project_files import ChangedMeanwhile
from catalog.imports import UNDO_WITHIN, import_of, imports_of, may_be_undone, note_undone
from catalog.states import ImportKind
from catalog.tables import ListImport, Person
from portal.access.guard import Manager
from portal.access.session import Signed
from portal.context import context_of
from portal.http.pages import _, render
from portal.imports.drafts import DRAFTS
from portal.imports.fates import STAY_REASONS, ImportContext, ItemFate, StayReason, Undoing
from portal.imports.people import PEOPLE
from portal.imports.places import PLACES
from portal.imports.prompts import PROMPTS
from portal.imports.speakers import SPEAKERS
from portal.record.speakers.form import GENDERS
from transcription.context import NotAllowed

router = APIRouter(include_in_schema=False)

MOST_SHOWN = 200
UNDOING: Mapping[ImportKind, Undoing] = {
    ImportKind.PEOPLE: PEOPLE,
    ImportKind.SPEAKERS: SPEAKERS,
    ImportKind.PROMPTS: PROMPTS,
    ImportKind.DRAFTS: DRAFTS,
    ImportKind.PLACES: PLACES,
}
KINDS: Mapping[ImportKind, str] = {
    ImportKind.PEOPLE: _("People"),
    ImportKind.SPEAKERS: _("Speakers"),
    ImportKind.PROMPTS: _("Prompts"),
    ImportKind.DRAFTS: _("Draft texts"),
    ImportKind.PLACES: _("Districts"),
}
OVER = _("This list can't be taken back any more.")
NOT_WRITTEN = _("The list can't be written on the server. Ask whoever runs it.")


@router.get("/manage/imports")
def imports(request: Request, signed: Manager) -> Response:
    """The newest lists of the project that the manager looks at."""
    context = context_of(request)
    with context.catalog.reading() as session:
        found = imports_of(session, signed.project)
    return render(request, "imports/imports.html.j2", imports=found, kinds=KINDS, within=UNDO_WITHIN)


@router.get("/manage/imports/{import_id}")
def one(request: Request, signed: Manager, import_id: str) -> Response:
    """What a list brought and changed, with what would go, be set back and stay."""
    return _page(request, signed, import_id)


@router.post("/manage/imports/{import_id}/undo")
def undo(request: Request, signed: Manager, import_id: str) -> Response:
    """Take back what nobody has used since, and set back what was not changed since; the rest stays, with why."""
    context = context_of(request)
    now = context.clock()
    try:
        with context.catalog.writing() as session:
            found = _found(session, signed, import_id, lock=True)
            if not may_be_undone(found.at, found.undone_at, now=now):
                raise NotAllowed(OVER)
            undoing, inside = UNDOING[found.kind], ImportContext(context, session, signed, found)
            undoing.lock(inside)
            fates = undoing.fates(inside)
            going = [each for each in fates if each.stays is None]
            stayed = {each.id: each.stays.value for each in fates if each.stays is not None}
            set_back = sum(bool(each.set_back) for each in going)
            gone = len(going) - set_back
            note_undone(session, found, stayed, gone=gone, set_back=set_back, by=signed.person_id, now=now)
            undoing.take_back(inside, going)
    except (ChangedMeanwhile, ConfigurationError, OSError):
        return _page(request, signed, import_id, refused=NOT_WRITTEN)
    return RedirectResponse(f"/manage/imports/{import_id}", status_code=303)


def _found(session: Session, signed: Signed, import_id: str, *, lock: bool = False) -> ListImport:
    """Of the project that the manager looks at; another's is not found."""
    found = import_of(session, signed.project, import_id, lock=lock)
    if found is None:
        raise HTTPException(404)
    return found


def _page(request: Request, signed: Signed, import_id: str, *, refused: str = "") -> Response:
    context = context_of(request)
    now = context.clock()
    broken: Sequence[Broken] = ()
    with context.catalog.reading() as session:
        found = _found(session, signed, import_id)
        inside = ImportContext(context, session, signed, found)
        try:
            fates = _shown(inside, UNDOING[found.kind])
        except ConfigurationError as error:  # a file that somebody's hand has spoilt
            fates, broken = [], error.broken
        people = {found.brought_by, found.undone_by} - {None}
        handles = {each: session.get_one(Person, each).handle for each in people}
    return render(
        request,
        "imports/import.html.j2",
        status=422 if refused or broken else 200,
        found=found,
        kind=KINDS[found.kind],
        handles=handles,
        going=[each for each in fates if each.stays is None and not each.set_back],
        set_back=[each for each in fates if each.stays is None and each.set_back],
        staying=[each for each in fates if each.stays is not None],
        reasons=STAY_REASONS,
        genders=GENDERS,
        may=may_be_undone(found.at, found.undone_at, now=now),
        until=found.at + UNDO_WITHIN,
        most=MOST_SHOWN,
        refused=refused,
        broken=broken,
    )


def _shown(inside: ImportContext, undoing: Undoing) -> list[ItemFate]:
    """Once it was taken back: what stayed, for the reason that held then, and what was set back."""
    found, fates = inside.found, undoing.fates(inside)
    if found.undone_at is None:
        return list(fates)
    names = {each.id: each for each in fates}
    stayed = [
        ItemFate(each, names[each].name if each in names else each, _href(names, each), StayReason(why))
        for each, why in found.stayed.items()
    ]
    return [*stayed, *undoing.set_back(inside)]


def _href(names: Mapping[str, ItemFate], item: str) -> str:
    return names[item].href if item in names else ""
