"""The forms of a version in the store, held against the version: there, unchanged, and made of its parts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from catalog.store import NotStored, StoreReader
from releases.forms import FORMS
from releases.map_in_order import map_in_order
from releases.reading import sha256_in_store
from releases.refusals import BrokenManifest
from releases.stored_forms import StoredForm, file_key, form_key, parts_sha256, read_form
from releases.versions import File, Version, root


@dataclass(frozen=True, slots=True)
class FormProblem:
    """path: of a file in a copy with that form, below the form's name; or of the form's own list"""

    path: str
    what: str


def form_problems(
    store: StoreReader, version: Version, *, sizes: bool, hashes: bool
) -> Iterator[FormProblem]:
    """What is wrong with the forms that lie in the store of a version; one that does not lie there is no fault.

    sizes, hashes: whether the files' bytes are counted, and read
    """
    dataset, number = version.commit.dataset, version.commit.version
    lists = {each.key for each in store.list(f"{root(dataset)}/forms/{number}/")}
    forms = [name for name in FORMS if form_key(dataset, number, name) in lists]
    known = {form_key(dataset, number, name) for name in forms}
    for key in sorted(lists - known):
        yield FormProblem(key.removeprefix(f"{root(dataset)}/"), "is there and is no form's list")
    there: dict[str, int] | None = None
    for name in forms:
        path = f"forms/{number}/{name}.json"
        try:
            form = read_form(store, version, name)
        except NotStored:  # taken away since it was listed: forms are made again
            continue
        except BrokenManifest as error:
            yield FormProblem(path, f"can't be read: {error}")
            continue
        if (form.dataset, form.version, form.form) != (dataset, number, name):
            yield FormProblem(path, f"is of {form.dataset}@{form.version} as {form.form}")
        elif form.parts_sha256 != parts_sha256(version):
            yield FormProblem(path, "was made of other parts than the version has")
        else:
            if there is None:
                there = {each.key: each.size for each in store.list(f"{root(dataset)}/forms/files/")}
            yield from _file_problems(store, form, there, sizes=sizes, hashes=hashes)


def _file_problems(
    store: StoreReader, form: StoredForm, there: dict[str, int], *, sizes: bool, hashes: bool
) -> Iterator[FormProblem]:
    def wrong(file: File) -> str | None:
        key = file_key(form.dataset, file.sha256)
        if key not in there:
            return "is listed and not there"
        if sizes and there[key] != file.size:
            return f"is {there[key]} bytes long and should be {file.size}"
        try:
            if hashes and sha256_in_store(store, key, file.size) != file.sha256:
                return "has other bytes than its list says"
        except NotStored:
            return "is listed and not there"
        return None

    files: Sequence[File] = form.files
    for file, what in zip(files, map_in_order(wrong, files), strict=True):
        if what:
            yield FormProblem(f"forms/{form.form}/{file.path}", what)
