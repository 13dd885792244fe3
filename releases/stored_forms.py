"""Forms in the store: made once, when a version is published, and fetched by everybody who pulls them.

    datasets/<name>/forms/<version>/<form>.json   its files, and the parts that it was made of
    datasets/<name>/forms/files/<sha256>          one of them, named by its bytes: forms and versions share it

A form follows from the parts, so nobody depends on what lies here: where it is stale, missing or damaged, it is made
from the parts. A version that was redacted has other parts, and with that no stored form until it is made anew.
"""

import hashlib
import json
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from pydantic import TypeAdapter, ValidationError

from catalog.keys import part_key
from catalog.store import Damaged, NotStored, ObjectStore, StoreReader
from catalog.store.stored_file import StoredFile
from releases.forms import FORMS
from releases.forms.folder import FormFolder
from releases.forms.source import PulledPart, PulledVersion
from releases.map_in_order import map_in_order
from releases.refusals import BrokenManifest
from releases.versions import LARGEST, File, Part, Version, listed, read_version, root
from releases.workspace import measured


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredForm:
    """What lies in the store of one form of one version.

    parts_sha256: hash of the names of the parts that it was made of
    files:        by their path in a copy
    """

    dataset: str
    version: str
    form: str
    parts_sha256: str
    files: tuple[File, ...]


def file_key(dataset: str, sha256: str) -> str:
    return f"{root(dataset)}/forms/files/{sha256}"


def form_key(dataset: str, version: str, form: str) -> str:
    return f"{root(dataset)}/forms/{version}/{form}.json"


def stored_form(store: StoreReader, version: Version, form: str) -> StoredForm | None:
    """What is stored of a form of the version as it is now; None where there is nothing, or nothing that fits."""
    try:
        found = read_form(store, version, form)
    except (NotStored, Damaged, BrokenManifest):
        return None
    return found if found.parts_sha256 == parts_sha256(version) else None


def read_form(store: StoreReader, version: Version, form: str) -> StoredForm:
    """The list of a form as it lies in the store. Raises NotStored, Damaged, BrokenManifest."""
    data = store.get_bytes(form_key(version.commit.dataset, version.commit.version, form), LARGEST)
    try:
        return TypeAdapter(StoredForm).validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise BrokenManifest(f"{'.'.join(map(str, first['loc'])) or 'it'}: {first['msg']}") from error


def parts_sha256(version: Version) -> str:
    """What a form of the version says that it was made of."""
    return hashlib.sha256("".join(part.sha256 for part in version.parts).encode()).hexdigest()


def store_forms(
    store: ObjectStore, version: Version, forms: Sequence[str], scratch: Path
) -> tuple[StoredForm, ...]:
    """Make the forms of a version that the store lacks. Returns those that were made."""
    commit = version.commit
    there = {each.key for each in store.list(f"{root(commit.dataset)}/forms/files/")}
    made: list[StoredForm] = []
    for form in forms:
        held = stored_form(store, version, form)
        if held and all(file_key(commit.dataset, file.sha256) in there for file in held.files):
            continue
        shelf = _FormShelf(store, commit.dataset, scratch, there)
        FORMS[form](_in_store(store, version), shelf)
        new = StoredForm(
            dataset=commit.dataset,
            version=commit.version,
            form=form,
            parts_sha256=parts_sha256(version),
            files=tuple(shelf.files[path] for path in sorted(shelf.files)),
        )
        said = json.dumps(asdict(new), ensure_ascii=False, indent=1, sort_keys=True)
        store.put_bytes(form_key(commit.dataset, commit.version, form), f"{said}\n".encode())
        made.append(new)
    if made and read_version(store, commit.dataset, commit.version).parts != version.parts:
        collect_forms(store, commit.dataset)  # a voice was taken out of it meanwhile
    return tuple(made)


def fetch_form(store: StoreReader, form: StoredForm, out: FormFolder, *, at_once: int) -> int | None:
    """Bring a stored form into a copy. Returns the bytes that travelled; None where it is not whole in the store."""

    def get(file: File) -> int:
        key = file_key(form.dataset, file.sha256)
        new = out.fetch(file.path, file.sha256, lambda aside: store.fetch(key, aside, sha256=file.sha256))
        return file.size if new else 0

    try:
        return sum(map_in_order(get, form.files, at_once=at_once))
    except (NotStored, Damaged):
        return None


def collect_forms(store: ObjectStore, dataset: str) -> int:
    """Destroy what is stored of forms and fits no version as it is now, at once. Returns how many objects that were.

    What a maker is about to name may be among it: whoever pulls that form makes it from the parts.
    """
    there = [each.key for each in store.list(f"{root(dataset)}/forms/")]
    if not there:
        return 0
    kept: set[str] = set()
    for version in listed(store, dataset):
        for name in FORMS:
            if found := stored_form(store, version, name):
                kept.add(form_key(dataset, found.version, name))
                kept.update(file_key(dataset, file.sha256) for file in found.files)
    unused = [key for key in there if key not in kept]
    for key in unused:
        store.delete(key)
    return len(unused)


def _in_store(store: ObjectStore, version: Version) -> PulledVersion:
    """The version as forms are made from it, read by ranges: nothing of it is kept on this machine."""

    def part(each: Part) -> PulledPart:
        key = part_key(version.commit.dataset, each.sha256)
        return PulledPart(each.split, lambda: StoredFile(store, key, each.size))

    parts = tuple(part(each) for each in version.parts)
    return PulledVersion(version.commit.dataset, version.commit.version, parts)


class _FormShelf(FormFolder):
    """Takes the files of a form to the store, each as soon as it is whole; one at a time is on this machine.

    there: keys that the store holds
    """

    def __init__(self, store: ObjectStore, dataset: str, scratch: Path, there: set[str]) -> None:
        super().__init__(scratch, frozenset())
        self._store, self._dataset, self._scratch, self._there = store, dataset, scratch, there
        self.files: dict[str, File] = {}

    def put(self, path: str, data: bytes) -> None:
        if path not in self.files:
            file = File(path, hashlib.sha256(data).hexdigest(), len(data))
            if (key := file_key(self._dataset, file.sha256)) not in self._there:
                self._store.put_bytes(key, data)
            self._hold(file)

    @contextmanager
    def file(self, path: str) -> Iterator[IO[bytes]]:
        self._scratch.mkdir(parents=True, exist_ok=True)
        aside = self._scratch / f"form-{uuid.uuid4().hex}"
        try:
            with aside.open("xb") as out:
                yield out
            file = measured(self._scratch, aside.name)
            if (key := file_key(self._dataset, file.sha256)) not in self._there:
                self._store.put_file(key, aside, sha256=file.sha256)
            self._hold(File(path, file.sha256, file.size))
        finally:
            aside.unlink(missing_ok=True)

    def _hold(self, file: File) -> None:
        self.files[file.path] = file
        self._there.add(file_key(self._dataset, file.sha256))
