"""What is said of a published version afterwards: that it should not be used, or that a better one exists.

    datasets/<name>/versions/<version>.marks/<n>.json      created once, never changed; the last one holds

A version itself is never edited. A yanked one stays readable for those who need to know what they trained on, and is
not taken where nobody names a version.
"""

from dataclasses import asdict, dataclass
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from catalog.config.sentence import Sentence
from catalog.store import AlreadyExists, NotStored, ObjectStore, StoreReader
from releases.refusals import BrokenManifest, PublishConflict
from releases.rows import canonical
from releases.versions import LARGEST, Version, numbers, read_commit, read_version, redactions, root

Kind = Literal["yanked", "deprecated", "in use"]
"""in use: takes back what was said before"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """by: who says so"""

    dataset: str
    version: str
    number: int
    kind: Kind
    why: str
    by: str
    at: str


def mark(store: ObjectStore, dataset: str, version: str, kind: Kind, *, why: str, by: str, at: str) -> Mark:
    """Say it of a committed version. Saying the same again changes nothing. Raises NoSuchVersion, PublishConflict."""
    read_version(store, dataset, version)
    known = marks(store, dataset, version)
    if known and (known[-1].kind, known[-1].why) == (kind, why):
        return known[-1]
    made = Mark(dataset=dataset, version=version, number=len(known) + 1, kind=kind, why=why, by=by, at=at)
    try:
        store.create(_key(dataset, version, made.number), canonical(asdict(made)) + b"\n")
    except AlreadyExists:
        raise PublishConflict(
            Sentence(
                "somebody else marked %(version)s at this moment. Look how, and mark it again.",
                version=f"{dataset}@{version}",
            )
        ) from None
    return made


def marks(store: StoreReader, dataset: str, version: str) -> tuple[Mark, ...]:
    """What was said of a version, oldest first. Raises BrokenManifest."""
    found: list[Mark] = []
    while True:
        key = _key(dataset, version, len(found) + 1)
        try:
            found.append(TypeAdapter(Mark).validate_json(store.get_bytes(key, LARGEST)))
        except NotStored:
            return tuple(found)
        except ValidationError as error:
            raise BrokenManifest(
                f"{store.url}/{key} is not what Boli writes there: {error.errors(include_url=False)[0]['msg']}. "
                "Restore it from a backup."
            ) from error


def mark_of(store: StoreReader, version: Version) -> Mark | None:
    """What holds of a version now; None where nothing was said, or it was taken back."""
    said = marks(store, version.commit.dataset, version.commit.version)
    return said[-1] if said and said[-1].kind != "in use" else None


def newest_in_use(store: StoreReader, dataset: str) -> Version | None:
    """The last version that was committed and not yanked since."""
    for number in reversed(numbers(store, dataset, "versions")):
        version = _committed(store, dataset, number)
        if version is None:
            continue
        said = mark_of(store, version)
        if said is None or said.kind != "yanked":
            return version
    return None


def _committed(store: StoreReader, dataset: str, number: str) -> Version | None:
    commit = read_commit(store, dataset, number)
    if commit is None or commit.void:
        return None
    return Version(commit, redactions(store, dataset, number))


def _key(dataset: str, version: str, number: int) -> str:
    return f"{root(dataset)}/versions/{version}.marks/{number}.json"
