"""Accepted clips to a committed version: whole or absent, the same again when it is run again.

The order is what makes it safe. The number is claimed in the store under a hash of everything that decides the
bytes, so whoever takes it up again after a crash writes the same files. The catalogue learns of the version before
its first file is written, so a withdrawal finds it. The commit is created last, and only once.
"""

import secrets
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from catalog.config.project import Project
from catalog.config.release_rules import ReleaseRules
from catalog.database import Catalog
from catalog.store import AlreadyExists, ObjectStore, probed_beside
from releases.abandon import give_up, void_below
from releases.about import About
from releases.build import Progress, StoredParts, parts_of, store_parts
from releases.changes import SHOWN, Changes
from releases.choose import TextFaults
from releases.collect import are_stored, collect_parts
from releases.describe import DescribedRows, describe, describe_rows
from releases.difference import changes_after
from releases.erase import erase
from releases.map_in_order import map_in_order
from releases.parts import PART_SECONDS, PartRows
from releases.plan import Plan, plan_release
from releases.plan import about as about_plan
from releases.provenance import build_sha256, made_with
from releases.refusals import PublishConflict
from releases.release_rows import (
    forget,
    holds_withdrawn,
    known_versions,
    note_building,
    note_published,
    reasons_of_texts,
    unfinished,
)
from releases.selection import FORMAT, HeldBack
from releases.texts import Describe, nothing_known
from releases.versions import (
    Claim,
    Commit,
    File,
    Part,
    Version,
    after,
    claim_key,
    commit_key,
    dump,
    folder,
    newest,
    read_claim,
    read_commit,
    sha256_of,
    taken,
    uncommitted,
)
from transcription.clip_reports.scanning import scan_accepted

ATTEMPTS = 10
GIVEN_UP_AFTER = timedelta(hours=24)
"""A build that was begun this long ago and is of other clips than are chosen now was stopped, and is cleared away."""

Outcome = Literal["published", "unchanged"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishRequest:
    """What is to be published, and by whom.

    rules:        of the dataset, one of the project's
    scratch:      folder for parts while they are written; they are taken away again
    describe:     what is known of a text
    part_seconds: of sound that a part aims at
    """

    project: Project
    rules: ReleaseRules
    text_faults: TextFaults
    now: datetime
    actor: str
    scratch: Path
    describe: Describe = nothing_known
    part_seconds: float = PART_SECONDS

    @property
    def dataset(self) -> str:
        return self.rules.name


@dataclass(frozen=True, slots=True)
class Published:
    """outcome: unchanged where the newest version already holds exactly this"""

    dataset: str
    version: str
    outcome: Outcome
    clips: int
    seconds: float
    held_back: Mapping[HeldBack, int]
    manifest_sha256: str
    url: str


@dataclass(frozen=True, slots=True)
class _Draft:
    """A claimed number with all that decides its bytes."""

    plan: Plan
    about: About
    claim: Claim
    parts: tuple[PartRows, ...]
    changes: Changes
    reasons: Mapping[str, tuple[str, ...]]
    """By clip, the codes for which its text was changed since the version before."""


class _LostRace(Exception):
    """Somebody else was first; look again and try the next number."""


def publish(
    catalog: Catalog, store: ObjectStore, request: PublishRequest, *, progress: Progress | None = None
) -> Published:
    """Publish what may be published now as the next version, or find that the newest one holds it.

    Raises BooksDontBalance, Refused, NothingToPublish, UnsafeStore, and what the store and catalogue raise. After
    any of these, and after a crash, the same call goes on.
    """
    for _ in range(ATTEMPTS):
        _settle(catalog, store, request)
        scan_accepted(catalog, request.project.name, now=request.now)
        plan = plan_release(
            catalog,
            store,
            request.project,
            request.rules,
            text_faults=request.text_faults,
            describe=request.describe,
            freeze=True,
        )
        before = newest(store, request.dataset)
        if before and before.commit.selection_sha256 == plan.selection.sha256:
            return _unchanged(catalog, store, request, plan, before.commit)
        try:
            commit = _next_version(catalog, store, request, plan, before, progress)
        except _LostRace:
            continue
        note_published(catalog, commit, actor=request.actor, now=request.now)
        if _withdrawn_meanwhile(catalog, commit):
            erase(
                catalog,
                store,
                request.dataset,
                now=request.now,
                actor=request.actor,
                scratch=request.scratch,
            )
        return _published(store, commit, "published", plan)
    raise PublishConflict(
        f"{ATTEMPTS} numbers of {request.dataset} were taken by other publishers while this one built. "
        "Let one schedule publish a dataset, and run it again."
    )


def _unchanged(
    catalog: Catalog, store: ObjectStore, request: PublishRequest, plan: Plan, commit: Commit
) -> Published:
    # A catalogue that was restored from before may not know the version.
    parts = parts_of(plan.selection, seconds=request.part_seconds)
    purposes = plan.selection.purposes
    note_building(catalog, request.project.name, parts, commit, commit.parent, purposes, now=request.now)
    note_published(catalog, commit, actor=request.actor, now=request.now)
    return _published(store, commit, "unchanged", plan)


def _next_version(
    catalog: Catalog,
    store: ObjectStore,
    request: PublishRequest,
    plan: Plan,
    before: Version | None,
    progress: Progress | None,
) -> Commit:
    """Claim a number, write what the store has not, commit. Raises _LostRace, Refused."""
    draft = _drafted(catalog, store, request, plan, before)
    if not note_building(
        catalog,
        request.project.name,
        draft.parts,
        draft.claim,
        draft.about.parent,
        plan.selection.purposes,
        now=request.now,
    ):
        raise _LostRace
    stored, files = _stored(store, request, draft, before.parts if before else (), progress)
    if _withdrawn_meanwhile(catalog, draft.claim):
        number = draft.claim.version
        give_up(catalog, store, request.dataset, number, project=request.project.name, now=request.now)
        collect_parts(catalog, store, request.dataset, now=request.now)
        raise _LostRace
    if not are_stored(store, request.dataset, stored.parts):
        raise _LostRace  # collected, by somebody who saw them before the claim
    void_below(store, request.dataset, draft.claim.version, project=request.project.name, now=request.now)
    now_newest = newest(store, request.dataset)
    if (now_newest.commit.version if now_newest else None) != draft.about.parent:
        return _lost(
            catalog, store, request, draft.claim
        )  # it would follow another version than it was built upon
    return _committed(catalog, store, request, draft, stored, files)


def _settle(catalog: Catalog, store: ObjectStore, request: PublishRequest) -> None:
    """Finish what was committed by a run that ended before it could say so; clear away what never will be."""
    dataset, now = request.dataset, request.now
    for version, (selection_sha256, begun) in unfinished(catalog, dataset).items():
        commit = read_commit(store, dataset, version)
        if commit is None:
            if now - begun > GIVEN_UP_AFTER:
                give_up(catalog, store, dataset, version, project=request.project.name, now=now)
        elif commit.void:
            give_up(catalog, store, dataset, version, project=request.project.name, now=now)
        elif commit.selection_sha256 != selection_sha256:
            forget(catalog, dataset, version)
        else:
            note_published(catalog, commit, actor=request.actor, now=now)


def _drafted(
    catalog: Catalog, store: ObjectStore, request: PublishRequest, plan: Plan, before: Version | None
) -> _Draft:
    """Take a number: the one a stopped build of the very same took before, or the next free one."""
    dataset = request.dataset
    parent = before.commit.version if before else None
    about = about_plan(request.project, request.rules, plan, parent)
    digest = build_sha256(plan, about, request.part_seconds)
    noted = known_versions(catalog, dataset)
    before_looking = taken(store, dataset)  # a number that is claimed from here on is not passed over
    for number in uncommitted(store, dataset):
        claim = read_claim(store, dataset, number)
        ours = noted.get(number, plan.selection.sha256) == plan.selection.sha256
        if claim and claim.build_sha256 == digest and ours:
            break
    else:
        number = after([*before_looking, *noted])
        # Who claimed before that listing and is no longer uncommitted, has committed: perhaps these very clips.
        now_newest = newest(store, dataset)
        if (now_newest.commit.version if now_newest else None) != parent:
            raise _LostRace
        claim = Claim(
            dataset=dataset,
            version=number,
            build_sha256=digest,
            selection_sha256=plan.selection.sha256,
        )
        try:
            store.create(claim_key(dataset, claim.version), dump(claim))
        except AlreadyExists:
            raise _LostRace from None
    parts = parts_of(plan.selection, seconds=request.part_seconds)
    changes = changes_after(store, before, parts, claim.version)
    changed = {each.clip for each in changes.rewrites[:SHOWN]}
    rows = plan.selection.rows if changed else ()
    texts = {row.id: row.transcript_id for row in rows if row.id in changed}
    codes = reasons_of_texts(catalog, sorted(texts.values()))
    reasons = {clip: codes.get(text, ()) for clip, text in texts.items()}
    return _Draft(plan, replace(about, version=claim.version), claim, parts, changes, reasons)


def _stored(
    store: ObjectStore,
    request: PublishRequest,
    draft: _Draft,
    known: Sequence[Part],
    progress: Progress | None,
) -> tuple[StoredParts, tuple[File, ...]]:
    """Put into the store what it has not, while it proves that it keeps its word. Raises Refused, UnsafeStore."""
    request.scratch.mkdir(parents=True, exist_ok=True)
    prefix = f"{request.dataset}-{draft.claim.version}-"
    with (
        probed_beside(store) as raise_if_unsafe,
        tempfile.TemporaryDirectory(prefix=prefix, dir=request.scratch) as place,
        ThreadPoolExecutor(1) as beside,
    ):

        def go_on(what: str, done: int, whole: int) -> None:
            raise_if_unsafe()  # not after hours of sound were sent
            if progress:
                progress(what, done, whole)

        files_place = Path(place) / "files"
        rows = beside.submit(  # while the store answers
            describe_rows,
            files_place,
            draft.plan.selection,
            about=draft.about,
            figures=draft.plan.figures,
            changes=draft.changes,
            reasons=draft.reasons,
            leaks=draft.plan.leaks,
        )
        stored = store_parts(request.dataset, draft.parts, store, Path(place), known=known, progress=go_on)
        files = _described(store, draft, stored.parts, rows.result(), files_place, progress)
    return stored, files


def _described(
    store: ObjectStore,
    draft: _Draft,
    parts: tuple[Part, ...],
    rows: DescribedRows,
    place: Path,
    progress: Progress | None,
) -> tuple[File, ...]:
    """Write the files that name the parts, and put all files beside the rows in the store."""
    claim, plan = draft.claim, draft.plan
    files = describe(place, plan.selection, parts, rows, about=draft.about, figures=plan.figures)

    def put(file: File) -> None:
        key = f"{folder(claim.dataset, claim.version)}/{file.path}"
        store.put_file(key, place / file.path, sha256=file.sha256)

    for done, _ in enumerate(map_in_order(put, files), start=1):
        if progress:
            progress("files stored", done, len(files))
    return files


def _committed(
    catalog: Catalog,
    store: ObjectStore,
    request: PublishRequest,
    draft: _Draft,
    stored: StoredParts,
    files: tuple[File, ...],
) -> Commit:
    """Create the commit: from here on the version is there, for everybody and for good."""
    claim = draft.claim
    commit = Commit(
        format=FORMAT,
        dataset=claim.dataset,
        version=claim.version,
        parent=draft.about.parent,
        project=request.project.name,
        selection_sha256=claim.selection_sha256,
        build_sha256=claim.build_sha256,
        nonce=secrets.token_hex(16),
        created_at=request.now.isoformat(),
        made_with=made_with(),
        clips=sum(part.rows for part in stored.parts),
        seconds=round(sum(part.seconds for part in stored.parts), 6),
        files=files,
        parts=stored.parts,
    )
    try:
        store.create(commit_key(claim.dataset, claim.version), dump(commit))
    except AlreadyExists:
        return _lost(catalog, store, request, claim)
    return commit


def _lost(catalog: Catalog, store: ObjectStore, request: PublishRequest, claim: Claim) -> Commit:
    """A number that somebody else decided on: the very same, committed by another publisher with the same bytes.

    Raises _LostRace, and leaves nothing of this build, where it is another version or void.
    """
    dataset, number = claim.dataset, claim.version
    if not give_up(catalog, store, dataset, number, project=request.project.name, now=request.now):
        there = read_commit(store, dataset, number)
        if there is not None and there.build_sha256 == claim.build_sha256:
            return there
        forget(catalog, dataset, number)
    collect_parts(catalog, store, dataset, now=request.now)
    raise _LostRace


def _withdrawn_meanwhile(catalog: Catalog, version: Claim | Commit) -> bool:
    with catalog.reading() as session:
        return holds_withdrawn(session, version.dataset, version.version)


def _published(store: ObjectStore, commit: Commit, outcome: Outcome, plan: Plan) -> Published:
    return Published(
        dataset=commit.dataset,
        version=commit.version,
        outcome=outcome,
        clips=commit.clips,
        seconds=commit.seconds,
        held_back=plan.selection.held_back,
        manifest_sha256=sha256_of(commit),
        url=f"{store.url}/{folder(commit.dataset, commit.version)}",
    )
