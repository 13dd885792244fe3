"""The versions of a dataset as the store knows them: claims, commits, redactions.

    datasets/<name>/claims/<version>.json                   who builds this number; created once
    datasets/<name>/parts/<sha256>.parquet                  rows with their sound, shared by versions (format 2)
    datasets/<name>/<version>/…                             the card and what else is of one version
    datasets/<name>/versions/<version>.json                 the commit; created once, after every file, never changed
    datasets/<name>/versions/<version>.redactions/<n>.json  what was taken out since, and the files as they are now

In format 1 a version's folder held its rows too, and each sound a second time as a file.
A commit without files says that the number is void: its build was given up, and nobody can commit it any more.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Literal, TypeVar

from pydantic import TypeAdapter, ValidationError

from catalog.keys import DIGEST, part_key, version_key, withdrawn_key
from catalog.store import NotStored, StoreReader
from releases.refusals import BrokenManifest, NoSuchVersion
from releases.rows import Split

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
class Part:
    """Rows of one split with their sound, in a file that versions share.

    sha256:      of the file's bytes: its name in the store
    rows_sha256: of the rows, from their own hashes: its name in a copy, known before it is written
    size:        bytes; seconds: of sound
    """

    split: Split
    sha256: str
    size: int
    rows: int
    seconds: float
    rows_sha256: str

    def __post_init__(self) -> None:
        if not (DIGEST.fullmatch(self.sha256) and DIGEST.fullmatch(self.rows_sha256)):
            raise ValueError(f"a part is named by two SHA-256 in hexadecimal, given: {self}")

    @property
    def path(self) -> str:
        """Where it lies in a copy of a version."""
        return part_path(self.split, self.rows_sha256)

    @property
    def file(self) -> File:
        return File(self.path, self.sha256, self.size)


def part_path(split: str, rows_sha256: str) -> str:
    return f"data/{split}-{rows_sha256[:16]}.parquet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """build_sha256: hash of everything that decides the bytes: who has the same, writes the same"""

    dataset: str
    version: str
    build_sha256: str
    selection_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """What a version holds. Everything in it but the nonce and the time follows from the selection.

    files: of this version alone; parts: those with its rows, which other versions may hold too (none in format 1)
    """

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
    parts: tuple[Part, ...] = ()
    void: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Redaction:
    """What one erasure took out of a version, and all its files and parts as they are since.

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
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True)
class Version:
    """A committed version with its redactions, as it should be found now."""

    commit: Commit
    redactions: tuple[Redaction, ...] = field(default=())

    @property
    def parts(self) -> tuple[Part, ...]:
        return self.redactions[-1].parts if self.redactions else self.commit.parts

    @property
    def own_files(self) -> tuple[File, ...]:
        """Those that stand in the version's folder and are of no other version."""
        return self.redactions[-1].files if self.redactions else self.commit.files

    @cached_property
    def files(self) -> tuple[File, ...]:
        """Everything, as it lies in a copy: the parts in their order, then the rest by path."""
        return (*(part.file for part in self.parts), *self.own_files)

    def key(self, file: File) -> str:
        """Where one of its files lies in the store."""
        if file.path in self._part_paths:
            return part_key(self.commit.dataset, file.sha256)
        return f"{folder(self.commit.dataset, self.commit.version)}/{file.path}"

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
        return self._by_path.get(path)

    @cached_property
    def _by_path(self) -> Mapping[str, File]:
        return {file.path: file for file in self.files}

    @cached_property
    def _part_paths(self) -> frozenset[str]:
        return frozenset(part.path for part in self.parts)


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


def redacting_folder(dataset: str) -> str:
    """Where rewritten files wait until they take their place: something lies there only while an erasure is at it."""
    return f"{root(dataset)}/redacting/"


def aside_key(version: Version, file: File) -> str:
    """Where a rewritten file waits; its hash is in the name, so that a stopped erasure can't leave a wrong one."""
    return f"{redacting_folder(version.commit.dataset)}{version.commit.version}/{file.sha256}/{file.path}"


def dump(value: Claim | Commit | Redaction) -> bytes:
    said = asdict(value)
    if not said.get("parts", True):
        del said["parts"]  # as commits of format 1 are
    return (json.dumps(said, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def read_version(store: StoreReader, dataset: str, version: str) -> Version:
    """A committed version. Raises NoSuchVersion, BrokenManifest."""
    commit = read_commit(store, dataset, version)
    if commit is None or commit.void:
        committed = ", ".join(each.version for each in commits(store, dataset)) or "none"
        raise NoSuchVersion(
            f"{store.url} holds no version {version} of {dataset}; committed are: {committed}.\n"
            "`boli release list` shows what there is."
        )
    return Version(commit, redactions(store, dataset, version))


def read_commit(store: StoreReader, dataset: str, version: str) -> Commit | None:
    return _read(store, commit_key(dataset, version), Commit)


def read_claim(store: StoreReader, dataset: str, version: str) -> Claim | None:
    return _read(store, claim_key(dataset, version), Claim)


def commits(store: StoreReader, dataset: str) -> tuple[Commit, ...]:
    """Every version that was committed, oldest first; void ones are left out."""
    found = (read_commit(store, dataset, version) for version in numbers(store, dataset, "versions"))
    return tuple(commit for commit in found if commit and not commit.void)


def newest(store: StoreReader, dataset: str) -> Version | None:
    """The last version that was committed, found by its name: no other commit is read."""
    for number in reversed(numbers(store, dataset, "versions")):
        commit = read_commit(store, dataset, number)
        if commit and not commit.void:
            return Version(commit, redactions(store, dataset, number))
    return None


def taken(store: StoreReader, dataset: str) -> tuple[str, ...]:
    """Every number that somebody has claimed or committed, oldest first."""
    known = {*numbers(store, dataset, "versions"), *numbers(store, dataset, "claims")}
    return tuple(sorted(known, key=order))


def uncommitted(store: StoreReader, dataset: str) -> tuple[str, ...]:
    """Numbers that are claimed and neither committed nor void."""
    committed = set(numbers(store, dataset, "versions"))
    return tuple(each for each in numbers(store, dataset, "claims") if each not in committed)


def redactions(store: StoreReader, dataset: str, version: str) -> tuple[Redaction, ...]:
    found: list[Redaction] = []
    while redaction := _read(store, redaction_key(dataset, version, len(found) + 1), Redaction):
        found.append(redaction)
    return tuple(found)


def listed(store: StoreReader, dataset: str) -> tuple[Version, ...]:
    """Every committed version as it is now, oldest first."""
    return tuple(
        Version(commit, redactions(store, dataset, commit.version)) for commit in commits(store, dataset)
    )


def datasets(store: StoreReader) -> tuple[str, ...]:
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
    ordered = sorted(map(order, known))
    if not ordered:
        return FIRST
    major, minor, _ = ordered[-1]
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


def numbers(store: StoreReader, dataset: str, kind: Literal["versions", "claims"]) -> tuple[str, ...]:
    """Of a dataset's commits (void ones too) or claims, in order; only their names are read."""
    prefix = f"{root(dataset)}/{kind}/"
    names = (each.key.removeprefix(prefix) for each in store.list(prefix))
    versions = (name.removesuffix(".json") for name in names if name.endswith(".json") and "/" not in name)
    return tuple(sorted((each for each in versions if _VERSION.match(each)), key=order))


def _read(store: StoreReader, key: str, kind: type[Record]) -> Record | None:
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
