"""The versions of a dataset as the store knows them: claims, commits, redactions.

    datasets/<name>/claims/<version>.json                   who builds this number; created once
    datasets/<name>/<version>/…                             the files
    datasets/<name>/versions/<version>.json                 the commit; created once, after every file, never changed
    datasets/<name>/versions/<version>.redactions/<n>.json  what was taken out since, and the files as they are now

A commit without files says that the number is void: its build was given up, and nobody can commit it any more.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from catalog.keys import version_key, withdrawn_key
from catalog.store import NotStored, ObjectStore
from releases.refusals import BrokenManifest, NoSuchVersion

LARGEST = 256 * 2**20  # bytes of a commit: half a million files
FIRST = "1.0.0"
Record = TypeVar("Record", "Claim", "Commit", "Redaction")
_VERSION = re.compile(r"^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$")


@dataclass(frozen=True, slots=True)
class File:
    """path: from the version's folder"""

    path: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """build_sha256: hash of everything that decides the bytes: who has the same, writes the same"""

    dataset: str
    version: str
    build_sha256: str
    selection_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """What a version holds. Everything in it but the nonce and the time follows from the selection."""

    format: int
    dataset: str
    version: str
    parent: str | None
    project: str
    selection_sha256: str
    build_sha256: str
    nonce: str
    created_at: str
    made_with: Mapping[str, str]
    clips: int
    seconds: float
    files: tuple[File, ...]
    void: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Redaction:
    """What one erasure took out of a version, and all its files as they are since.

    rows:  hashes of the rows that were taken out, this time and before
    clips: their ids
    """

    dataset: str
    version: str
    number: int
    at: str
    rows: tuple[str, ...]
    clips: tuple[str, ...]
    files: tuple[File, ...]


@dataclass(frozen=True, slots=True)
class Version:
    """A committed version with its redactions, as it should be found now."""

    commit: Commit
    redactions: tuple[Redaction, ...] = field(default=())

    @property
    def files(self) -> tuple[File, ...]:
        return self.redactions[-1].files if self.redactions else self.commit.files

    @property
    def redacted_rows(self) -> int:
        return len(self.redactions[-1].rows) if self.redactions else 0

    @property
    def redacted_clips(self) -> frozenset[str]:
        return frozenset(self.redactions[-1].clips) if self.redactions else frozenset()

    @property
    def label(self) -> str:
        return f"{self.commit.dataset}@{self.commit.version}"

    def file(self, path: str) -> File | None:
        return next((each for each in self.files if each.path == path), None)


def root(dataset: str) -> str:
    return withdrawn_key(dataset).rsplit("/", 1)[0]


def folder(dataset: str, version: str) -> str:
    return f"{root(dataset)}/{version}"


def commit_key(dataset: str, version: str) -> str:
    return version_key(dataset, version)


def claim_key(dataset: str, version: str) -> str:
    return f"{root(dataset)}/claims/{version}.json"


def redaction_key(dataset: str, version: str, number: int) -> str:
    return f"{root(dataset)}/versions/{version}.redactions/{number}.json"


def dump(value: Claim | Commit | Redaction) -> bytes:
    return (json.dumps(asdict(value), ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def read_version(store: ObjectStore, dataset: str, version: str) -> Version:
    """A committed version. Raises NoSuchVersion, BrokenManifest."""
    commit = read_commit(store, dataset, version)
    if commit is None or commit.void:
        committed = ", ".join(each.version for each in commits(store, dataset)) or "none"
        raise NoSuchVersion(
            f"{store.url} holds no version {version} of {dataset}; committed are: {committed}.\n"
            "`boli release list` shows what there is."
        )
    return Version(commit, redactions(store, dataset, version))


def read_commit(store: ObjectStore, dataset: str, version: str) -> Commit | None:
    return _read(store, commit_key(dataset, version), Commit)


def read_claim(store: ObjectStore, dataset: str, version: str) -> Claim | None:
    return _read(store, claim_key(dataset, version), Claim)


def commits(store: ObjectStore, dataset: str) -> tuple[Commit, ...]:
    """Every version that was committed, oldest first; void ones are left out."""
    found = (read_commit(store, dataset, version) for version in _numbers(store, dataset, "versions"))
    return tuple(commit for commit in found if commit and not commit.void)


def taken(store: ObjectStore, dataset: str) -> tuple[str, ...]:
    """Every number that somebody has claimed or committed, oldest first."""
    numbers = {*_numbers(store, dataset, "versions"), *_numbers(store, dataset, "claims")}
    return tuple(sorted(numbers, key=order))


def uncommitted(store: ObjectStore, dataset: str) -> tuple[str, ...]:
    """Numbers that are claimed and neither committed nor void."""
    committed = set(_numbers(store, dataset, "versions"))
    return tuple(each for each in _numbers(store, dataset, "claims") if each not in committed)


def redactions(store: ObjectStore, dataset: str, version: str) -> tuple[Redaction, ...]:
    found: list[Redaction] = []
    while redaction := _read(store, redaction_key(dataset, version, len(found) + 1), Redaction):
        found.append(redaction)
    return tuple(found)


def listed(store: ObjectStore, dataset: str) -> tuple[Version, ...]:
    """Every committed version as it is now, oldest first."""
    return tuple(
        Version(commit, redactions(store, dataset, commit.version)) for commit in commits(store, dataset)
    )


def datasets(store: ObjectStore) -> tuple[str, ...]:
    """Every dataset that has a committed version or a void one."""
    keys = (each.key.split("/") for each in store.list("datasets/"))
    return tuple(sorted({parts[1] for parts in keys if len(parts) == 4 and parts[2] == "versions"}))


def order(version: str) -> tuple[int, int, int]:
    """Versions by number. Raises ValueError for what is none.

    >>> sorted(["1.10.0", "1.9.0"], key=order)
    ['1.9.0', '1.10.0']
    """
    match = _VERSION.match(version)
    if match is None:
        raise ValueError(f"a version is three numbers with points, as 1.2.0, given: {version!r}")
    return int(match[1]), int(match[2]), int(match[3])


def after(known: Iterable[str]) -> str:
    """The next number: a version never repairs, it follows.

    >>> after([]), after(["1.0.0", "1.9.0"])
    ('1.0.0', '1.10.0')
    """
    numbers = sorted(map(order, known))
    if not numbers:
        return FIRST
    major, minor, _ = numbers[-1]
    return f"{major}.{minor + 1}.0"


def void(claim: Claim, *, project: str, nonce: str, at: str) -> Commit:
    """The commit that gives a number up: whoever still builds it can't commit it any more."""
    return Commit(
        format=0,
        dataset=claim.dataset,
        version=claim.version,
        parent=None,
        project=project,
        selection_sha256=claim.selection_sha256,
        build_sha256=claim.build_sha256,
        nonce=nonce,
        created_at=at,
        made_with={},
        clips=0,
        seconds=0.0,
        files=(),
        void=True,
    )


def sha256_of(commit: Commit) -> str:
    return hashlib.sha256(dump(commit)).hexdigest()


def _numbers(store: ObjectStore, dataset: str, kind: str) -> tuple[str, ...]:
    prefix = f"{root(dataset)}/{kind}/"
    names = (each.key.removeprefix(prefix) for each in store.list(prefix))
    versions = (name.removesuffix(".json") for name in names if name.endswith(".json") and "/" not in name)
    return tuple(sorted((each for each in versions if _VERSION.match(each)), key=order))


def _read(store: ObjectStore, key: str, kind: type[Record]) -> Record | None:
    try:
        data = store.get_bytes(key, LARGEST)
    except NotStored:
        return None
    try:
        return TypeAdapter(kind).validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "it"
        raise BrokenManifest(
            f"{store.url}/{key} is not what Boli writes there: {where}: {first['msg']}.\n"
            "It was changed by other hands, or written by a newer Boli; restore it, or use that one."
        ) from error
