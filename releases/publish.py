"""Accepted clips to a committed version: whole or absent, the same again when it is run again.

The order is what makes it safe. The number is claimed in the store under a hash of everything that decides the
bytes, so whoever takes it up again after a crash writes the same files. The catalogue learns of the version before
its first file is written, so a withdrawal finds it. The commit is created last, and only once.
"""

import hashlib
import platform
import secrets
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from importlib.metadata import version as installed
from pathlib import Path
from typing import Literal

from catalog.database import Catalog
from catalog.project import Project
from catalog.store import AlreadyExists, ObjectStore, probe
from releases.abandon import give_up
from releases.build import SHARD_SECONDS, Built, Progress, TextFaults, build
from releases.card import About
from releases.changes import Changes, briefs_in, briefs_of, compare
from releases.erase import erase
from releases.map_in_order import map_in_order
from releases.plan import Plan, plan_release
from releases.plan import about as about_plan
from releases.refusals import PublishConflict
from releases.release_rows import (
    forget,
    known_versions,
    note_building,
    note_published,
    unfinished,
    withdrawn_clips,
)
from releases.rows import canonical
from releases.selection import FORMAT, HeldBack, Rendition
from releases.versions import (
    Claim,
    Commit,
    File,
    Version,
    after,
    claim_key,
    commit_key,
    commits,
    dump,
    folder,
    read_claim,
    read_commit,
    redactions,
    sha256_of,
    taken,
    uncommitted,
)

ATTEMPTS = 10
GIVEN_UP_AFTER = timedelta(hours=24)
"""A build that was begun this long ago and is of other clips than are chosen now was stopped, and is cleared away."""

Outcome = Literal["published", "unchanged"]


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
    changes: Changes


class _LostRace(Exception):
    """Somebody else was first; look again and try the next number."""


def publish(
    catalog: Catalog,
    store: ObjectStore,
    project: Project,
    *,
    text_faults: TextFaults,
    now: datetime,
    actor: str,
    scratch: Path,
    rendition: Rendition = "cut",
    shard_seconds: float = SHARD_SECONDS,
    remarks: tuple[str, ...] = (),
    progress: Progress | None = None,
) -> Published:
    """Publish what may be published now as the next version, or find that the newest one holds it.

    scratch: folder for the files while they are built; they are taken away again
    remarks: what else the card must say, a paragraph each; no reason for a new version
    Raises BooksDontBalance, Refused, NothingToPublish, UnsafeStore, and what the store and catalogue raise. After
    any of these, and after a crash, the same call goes on.
    """
    dataset = project.release.name
    probed = False
    for _ in range(ATTEMPTS):
        _settle(catalog, store, project, actor=actor, now=now)
        plan = plan_release(catalog, store, project, rendition=rendition, freeze=True)
        newest = _newest(store, dataset)
        if newest and newest.commit.selection_sha256 == plan.selection.sha256:
            commit = newest.commit
            # A catalogue that was restored from before may not know the version.
            note_building(
                catalog,
                project.name,
                plan.selection,
                commit,
                commit.parent,
                now=now,
                shard_seconds=shard_seconds,
            )
            note_published(catalog, commit, actor=actor, now=now)
            return _published(store, commit, "unchanged", plan)
        if not probed:
            probe(store, rounds=1)
            probed = True
        try:
            draft = _drafted(catalog, store, project, plan, newest, shard_seconds, remarks)
            if not note_building(
                catalog,
                project.name,
                plan.selection,
                draft.claim,
                draft.about.parent,
                now=now,
                shard_seconds=shard_seconds,
            ):
                raise _LostRace
            built = _written(
                store,
                draft,
                text_faults=text_faults,
                scratch=scratch,
                shard_seconds=shard_seconds,
                progress=progress,
            )
            if _withdrawn_meanwhile(catalog, draft.claim):
                give_up(catalog, store, dataset, draft.claim.version, project=project.name, now=now)
                raise _LostRace
            commit = _committed(catalog, store, project, draft, built, now=now)
        except _LostRace:
            continue
        note_published(catalog, commit, actor=actor, now=now)
        if _withdrawn_meanwhile(catalog, commit):
            erase(catalog, store, dataset, now=now, actor=actor, scratch=scratch)
        return _published(store, commit, "published", plan)
    raise PublishConflict(
        f"{ATTEMPTS} numbers of {dataset} were taken by other publishers while this one built. "
        "Let one schedule publish a dataset, and run it again."
    )


def _settle(catalog: Catalog, store: ObjectStore, project: Project, *, actor: str, now: datetime) -> None:
    """Finish what was committed by a run that ended before it could say so; clear away what never will be."""
    dataset = project.release.name
    for version, (selection_sha256, begun) in unfinished(catalog, dataset).items():
        commit = read_commit(store, dataset, version)
        if commit is None:
            if now - begun > GIVEN_UP_AFTER:
                give_up(catalog, store, dataset, version, project=project.name, now=now)
        elif commit.void or commit.selection_sha256 != selection_sha256:
            forget(catalog, dataset, version)
        else:
            note_published(catalog, commit, actor=actor, now=now)


def _newest(store: ObjectStore, dataset: str) -> Version | None:
    committed = commits(store, dataset)
    return Version(committed[-1], redactions(store, dataset, committed[-1].version)) if committed else None


def _drafted(
    catalog: Catalog,
    store: ObjectStore,
    project: Project,
    plan: Plan,
    newest: Version | None,
    shard_seconds: float,
    remarks: tuple[str, ...],
) -> _Draft:
    """Take a number: the one a stopped build of the very same took before, or the next free one."""
    dataset = project.release.name
    parent = newest.commit.version if newest else None
    about = about_plan(project, plan, parent, remarks)
    digest = _build_sha256(plan, about, shard_seconds)
    noted = known_versions(catalog, dataset)
    for number in uncommitted(store, dataset):
        claim = read_claim(store, dataset, number)
        ours = noted.get(number, plan.selection.sha256) == plan.selection.sha256
        if claim and claim.build_sha256 == digest and ours:
            break
    else:
        number = after([*taken(store, dataset), *noted])
        # Who claimed before that listing and is no longer uncommitted, has committed: perhaps these very clips.
        now_newest = _newest(store, dataset)
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
    before = briefs_in(store, newest) if newest else {}
    changes = compare((parent, claim.version), before, briefs_of(plan.selection))
    return _Draft(plan, replace(about, version=claim.version), claim, changes)


def _build_sha256(plan: Plan, about: About, shard_seconds: float) -> str:
    """Hash of everything that the bytes of the files follow from, but for the version's number."""
    said = {
        "selection": plan.selection.sha256,
        "shard_seconds": shard_seconds,
        "as_of": plan.selection.as_of.isoformat(),
        "figures": repr(plan.figures),
        "about": repr(about),
        "made_with": _made_with(),
    }
    return hashlib.sha256(canonical(said)).hexdigest()


def _made_with() -> dict[str, str]:
    return {
        "boli": installed("boli"),
        "pyarrow": installed("pyarrow"),
        "python": platform.python_version(),
    }


def _written(
    store: ObjectStore,
    draft: _Draft,
    *,
    text_faults: TextFaults,
    scratch: Path,
    shard_seconds: float,
    progress: Progress | None,
) -> Built:
    """Build every file and put it in the store."""
    claim = draft.claim
    scratch.mkdir(parents=True, exist_ok=True)
    place = Path(tempfile.mkdtemp(prefix=f"{claim.dataset}-{claim.version}-", dir=scratch))
    try:
        built = build(
            draft.plan.selection,
            store,
            place,
            about=draft.about,
            figures=draft.plan.figures,
            changes=draft.changes,
            text_faults=text_faults,
            shard_seconds=shard_seconds,
            progress=progress,
        )

        def put(file: File) -> None:
            key = f"{folder(claim.dataset, claim.version)}/{file.path}"
            store.put_file(key, place / file.path, sha256=file.sha256)

        for done, _ in enumerate(map_in_order(put, built.files), start=1):
            if progress:
                progress("files stored", done, len(built.files))
    finally:
        shutil.rmtree(place, ignore_errors=True)
    return built


def _committed(
    catalog: Catalog, store: ObjectStore, project: Project, draft: _Draft, built: Built, *, now: datetime
) -> Commit:
    """Create the commit: from here on the version is there, for everybody and for good."""
    claim = draft.claim
    commit = Commit(
        format=FORMAT,
        dataset=claim.dataset,
        version=claim.version,
        parent=draft.about.parent,
        project=project.name,
        selection_sha256=claim.selection_sha256,
        build_sha256=claim.build_sha256,
        nonce=secrets.token_hex(16),
        created_at=now.isoformat(),
        made_with=_made_with(),
        clips=built.clips,
        seconds=round(built.seconds, 6),
        files=built.files,
    )
    try:
        store.create(commit_key(claim.dataset, claim.version), dump(commit))
    except AlreadyExists:
        there = read_commit(store, claim.dataset, claim.version)
        if there is not None and there.build_sha256 == claim.build_sha256 and not there.void:
            return there  # a twin of this publisher was faster, with the same bytes
        forget(catalog, claim.dataset, claim.version)
        raise _LostRace from None
    return commit


def _withdrawn_meanwhile(catalog: Catalog, version: Claim | Commit) -> bool:
    with catalog.reading() as session:
        return bool(withdrawn_clips(session, version.dataset, version.version))


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
