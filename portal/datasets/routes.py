"""The pages of dataset versions."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from starlette.responses import Response

from catalog import audit
from catalog.states import ReleaseState, Role
from catalog.store import NotStored, ObjectStore
from portal import listening
from portal.access.guard import holding_somewhere
from portal.access.session import Signed
from portal.context import PortalContext, context_of
from portal.datasets import choosing, corrections, download, runs
from portal.datasets.amounts import amounts
from portal.datasets.card_page import PICTURE_NAME, as_page
from portal.datasets.differences import TEXTS_A_PAGE, changed_texts, differences
from portal.datasets.editions import Edition, edition, editions
from portal.datasets.kept_versions import KeptVersions, kept_versions
from portal.datasets.loading import reached_elsewhere, snippets, store_address
from portal.datasets.noting import note_file
from portal.datasets.samples import A_PAGE, samples
from portal.datasets.shown_files import shown_files
from portal.datasets.taken_back import GONE, holds_taken_back
from portal.http import pages
from portal.http.pages import _
from portal.http.signed_link import SignedLink, check_link
from portal.reports.words import KINDS
from releases.downloads import outdated_copies
from releases.refusals import BrokenManifest, NoSuchVersion
from releases.versions import Version, folder
from transcription.people import projects_open_to

LARGEST_CARD = 2**20
LARGEST_PICTURE = 2**20
READERS = (Role.ML_READER, Role.MANAGER)
LIST_AWAY = _("The store's list of this version's files can't be read. Ask whoever runs this portal.")
OVER = "This link is over. Ask for the list of files again: it has new ones."

router = APIRouter(include_in_schema=False)
router.include_router(choosing.router)
router.include_router(corrections.router)
router.include_router(runs.router)  # first: it has addresses that a dataset's name would take

Reader = Annotated[Signed, Depends(holding_somewhere(*READERS))]
"""Of some project: what is shown are the versions of those that they read."""


@router.get("/datasets")
def all_datasets(request: Request, signed: Reader) -> Response:
    """The newest version of each dataset."""
    context = context_of(request)
    with context.catalog.reading() as session:
        newest: dict[str, Edition] = {}
        counts: dict[str, int] = {}
        for each in editions(session, _read_by(signed)):
            newest.setdefault(each.dataset, each)
            counts[each.dataset] = counts.get(each.dataset, 0) + 1
        outdated = {each.dataset: each for each in outdated_copies(session, person_id=signed.person_id)}
    return pages.render(
        request, "datasets/all.html.j2", newest=list(newest.values()), counts=counts, outdated=outdated
    )


@router.get("/datasets/{name}")
def one_dataset(request: Request, signed: Reader, name: str) -> Response:
    """Every version, the newest first."""
    context = context_of(request)
    with context.catalog.reading() as session:
        found = editions(session, _read_by(signed), dataset=name) if download.is_name(name) else []
    if not found:
        raise HTTPException(404)
    most = max(each.seconds for each in found)
    return pages.render(
        request, "datasets/dataset.html.j2", name=name, versions=found, most=most, states=ReleaseState
    )


@router.get("/datasets/{name}/{version}")
def one_version(
    request: Request,
    signed: Reader,
    name: str,
    version: str,
    kept: Annotated[KeptVersions, Depends(kept_versions)],
) -> Response:
    """What a version holds, how to load it, its files and its card."""
    context = context_of(request)
    url = context.store.url
    found = _edition(context, _read_by(signed), name, version)
    committed = _version(kept, context.store, found)
    with context.catalog.reading() as session:
        counted = amounts(session, found)
        others = [
            each.version
            for each in editions(session, _read_by(signed), dataset=name)
            if each.version != version
        ]
    return pages.render(
        request,
        "datasets/version.html.j2",
        edition=found,
        others=others,
        amounts=counted,
        names={code: language.name for code, language in context.languages.items()},
        licence=context.projects[found.project].release.licence if found.project in context.projects else "",
        files=shown_files(committed),
        address=store_address(url, name, version) if reached_elsewhere(url) else "",
        snippets=snippets(url, context.address, committed),
        card=as_page(
            _text(context.store, committed, "README.md"), pictures=f"/datasets/{name}/{version}/pictures/"
        ),
        changes=as_page(_text(context.store, committed, "CHANGES.md")),
        states=ReleaseState,
        may_mark=found.project in signed.projects_with(Role.MANAGER),
    )


@router.get("/datasets/{name}/{version}/changes")
def changes(
    request: Request,
    signed: Reader,
    name: str,
    version: str,
    against: Annotated[str, Query(max_length=40)] = "",
    after: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """What differs from another version, with the changed texts to read and hear; from the one before by default."""
    context = context_of(request)
    now = context.clock()
    found = _edition(context, _read_by(signed), name, version)
    with context.catalog.reading() as session:
        others = [
            each for each in editions(session, _read_by(signed), dataset=name) if each.version != version
        ]
        other = next((each for each in others if each.version == (against or found.parent)), None)
        if against and other is None:
            raise HTTPException(404)
        changes = differences(session, other, found) if other else None
        texts = changed_texts(session, other, found, after=after) if other else []
    if texts:
        _note_heard(context, signed, found, [each.clip_id for each in texts])
    return pages.render(
        request,
        "datasets/changes.html.j2",
        edition=found,
        others=others,
        other=other,
        changes=changes,
        heard=[(each, _sound(context, signed, found, each.clip_id, now)) for each in texts],
        more=texts[-1].clip_id if len(texts) == TEXTS_A_PAGE else "",
        names={code: language.name for code, language in context.languages.items()},
    )


@router.get("/datasets/{name}/{version}/samples")
def listen(
    request: Request,
    signed: Reader,
    name: str,
    version: str,
    language: Annotated[str, Query(max_length=12)] = "",
    after: Annotated[str, Query(pattern=r"^([0-9a-f]{64})?$")] = "",
    said: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """A few clips to listen to. Who was given which is written down: they are people's voices."""
    context = context_of(request)
    now = context.clock()
    found = _edition(context, _read_by(signed), name, version)
    with context.catalog.reading() as session:
        drawn = samples(session, found, language=language or None, after=after)
        known = [each.value for each in amounts(session, found).by_fact.get("language", ()) if each.value]
    _note_heard(context, signed, found, [each.clip_id for each in drawn])
    ground = listening.VersionRead(found.id)
    heard = [
        (
            each,
            {
                kind: listening.link(
                    context, each.clip_id, kind, listener=signed.person_id, ground=ground, now=now
                )
                for kind in ("preview", "peaks")
            },
        )
        for each in drawn
    ]
    return pages.render(
        request,
        "datasets/samples.html.j2",
        edition=found,
        heard=heard,
        report_kinds=KINDS,
        more=drawn[-1].row_sha256 if len(drawn) == A_PAGE else "",
        language=language,
        languages=known,
        said=said,
        names={code: each.name for code, each in context.languages.items()},
        speech_languages=context.languages,
    )


@router.get("/datasets/{name}/{version}/files/{path:path}")
def file(
    request: Request,
    signed: Reader,
    name: str,
    version: str,
    path: str,
    kept: Annotated[KeptVersions, Depends(kept_versions)],
) -> Response:
    """A file of a version, for whoever is signed in."""
    context = context_of(request)
    found = _edition(context, _read_by(signed), name, version)
    answer = _sent(request, context, kept, found, path, by=signed.person_id)
    with context.catalog.writing() as session:
        audit.record(
            session,
            at=context.clock(),
            actor=signed.person_id,
            action="release.file_given",
            subject=("release", found.id),
            detail={"path": path},
        )
    return answer


@router.get("/datasets/{name}/{version}/pictures/{picture}")
def picture(
    request: Request,
    signed: Reader,
    name: str,
    version: str,
    picture: str,
    kept: Annotated[KeptVersions, Depends(kept_versions)],
) -> Response:
    """A picture of a version's card. It holds sums and no voice, so that whoever looks has taken nothing away."""
    context = context_of(request)
    committed = _version(kept, context.store, _edition(context, _read_by(signed), name, version))
    listed = committed.file(picture) if PICTURE_NAME.fullmatch(picture) else None
    if listed is None:
        raise HTTPException(404)
    try:
        drawn = context.store.get_bytes(committed.key(listed), LARGEST_PICTURE)
    except NotStored as error:
        raise HTTPException(404) from error
    # the file of a store: nothing of it may run, even where it is opened by itself
    headers = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox"}
    return Response(drawn, media_type="image/svg+xml", headers=headers)


@router.get("/datasets/{name}/{version}/signed/{path:path}")
def signed_file(
    request: Request,
    name: str,
    version: str,
    path: str,
    given: Annotated[SignedLink, Depends()],
    kept: Annotated[KeptVersions, Depends(kept_versions)],
) -> Response:
    """A file of a version, for a program that was given this link, as long as its owner may read the version."""
    context = context_of(request)
    check_link(context, given, download.KIND_OF_LINK, name, version, path, over=OVER)
    with context.catalog.reading() as session:
        theirs = projects_open_to(session, given.by, READERS)
    return _sent(request, context, kept, _edition(context, theirs, name, version), path, by=given.by)


def _sound(context: PortalContext, signed: Signed, found: Edition, clip: str, now: datetime) -> str:
    """A link to hear a clip of a version."""
    ground = listening.VersionRead(found.id)
    return listening.link(context, clip, "preview", listener=signed.person_id, ground=ground, now=now)


def _note_heard(context: PortalContext, signed: Signed, found: Edition, clips: Sequence[str]) -> None:
    """Who was given which voices is written down."""
    with context.catalog.writing() as session:
        audit.record(
            session,
            at=context.clock(),
            actor=signed.person_id,
            action="release.samples_given",
            subject=("release", found.id),
            detail={"clips": list(clips)},
        )


def _read_by(signed: Signed) -> frozenset[str]:
    return signed.projects_with(*READERS)


def _sent(
    request: Request, context: PortalContext, kept: KeptVersions, found: Edition, path: str, *, by: str
) -> Response:
    """The file, noted as downloaded."""
    version = _version(kept, context.store, found)
    listed = version.file(path)
    if listed is None:
        raise HTTPException(404)
    with context.catalog.reading() as session:
        if holds_taken_back(session, found.dataset, project=found.project, now=context.clock(), path=path):
            raise HTTPException(410, GONE)
    wanted = request.headers.get("Range")
    try:
        answer = download.sent(context.store, version, listed, wanted)
    except NotStored as error:
        raise HTTPException(404) from error
    note_file(context, by, found, path, size=listed.size, wanted=wanted)
    return answer


def _edition(context: PortalContext, projects: Collection[str], name: str, version: str) -> Edition:
    """Raises HTTPException for one that none of these projects published."""
    if not (download.is_name(name) and download.is_name(version)):
        raise HTTPException(404)
    with context.catalog.reading() as session:
        found = edition(session, projects, name, version)
    if found is None:
        raise HTTPException(404)
    return found


def _version(kept: KeptVersions, store: ObjectStore, found: Edition) -> Version:
    try:
        return kept.of(store, found.dataset, found.version)
    except (NoSuchVersion, BrokenManifest) as error:
        raise HTTPException(503, LIST_AWAY) from error


def _text(store: ObjectStore, version: Version, path: str) -> str:
    """A small file; empty where the version has none or it was lost, which `boli release verify` reports."""
    try:
        data = store.get_bytes(
            f"{folder(version.commit.dataset, version.commit.version)}/{path}", LARGEST_CARD
        )
    except NotStored:
        return ""
    return data.decode("utf-8", "replace")
