"""Forms that a project lists are made once, lie in the store by content, and are fetched by whoever pulls."""

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest

from catalog.config.release_rules import FormName
from catalog.store import ObjectStore, S3Options, open_store
from releases.forms import FORMS
from releases.pull import pull
from releases.refusals import PullFailed
from releases.stored_forms import StoredForm, file_key, form_key, store_forms, stored_form
from releases.verify import verify
from releases.versions import newest, read_version
from tests.releases.conftest import Archive, fill
from tests.releases.stores import everything, rows_of
from tests.releases.test_pull import copied

LISTED = ("webdataset", "lhotse", "ctm")


def published(archive: Archive, forms: tuple[str, ...] = LISTED) -> tuple[StoredForm, ...]:
    archive.publish()
    version = newest(archive.store, "tiny")
    assert version is not None
    return store_forms(archive.store, version, forms, archive.scratch)


def test_a_pull_fetches_stored_forms_and_they_are_what_it_would_have_made(
    either_archive: Archive, tmp_path: Path
) -> None:
    archive = either_archive
    archive.publish()
    pull(archive.store, "tiny", "1.0.0", tmp_path / "made", forms=tuple(FORMS))
    made = store_forms(
        archive.store, read_version(archive.store, "tiny", "1.0.0"), tuple(FORMS), archive.scratch
    )

    fetched = pull(archive.store, "tiny", "1.0.0", tmp_path / "fetched", forms=tuple(FORMS))

    assert {form.form for form in made} == set(FORMS)
    assert copied(tmp_path / "fetched") == copied(tmp_path / "made")
    stored = {file.path: file.size for form in made for file in form.files}
    assert fetched.travelled == fetched.bytes + sum(stored.values())


def test_a_form_that_is_there_is_not_made_again_and_versions_share_what_did_not_change(
    archive: Archive,
) -> None:
    first = {form.form: form for form in published(archive)}
    before = everything(archive.store, "datasets/tiny/forms/files/")

    assert (
        store_forms(archive.store, read_version(archive.store, "tiny", "1.0.0"), LISTED, archive.scratch)
        == ()
    )
    archive.add_recording("te-01", clips=1)
    second = {form.form: form for form in published(archive)}

    tars = [{file.sha256 for file in each["webdataset"].files} for each in (first, second)]
    assert tars[0] & tars[1]
    assert before.items() < everything(archive.store, "datasets/tiny/forms/files/").items()


def test_a_folder_with_sqlite_and_s3_with_postgresql_hold_the_same_forms(
    make_archive: Callable[..., Archive],
    tmp_path: Path,
    s3_store_url: str,
    s3_options: S3Options,
    postgres_url: str,
) -> None:
    found = []
    for store, url in (
        (open_store((tmp_path / "store").as_uri()), ""),
        (open_store(s3_store_url, s3_options), postgres_url),
    ):
        archive = make_archive(store, url)
        fill(archive)
        published(archive, tuple(FORMS))
        found.append(everything(store, "datasets/tiny/forms/"))

    assert len(found[0]) > len(FORMS)
    assert found[0] == found[1]


def spoil_a_file(store: ObjectStore, form: StoredForm) -> None:
    store.put_bytes(file_key("tiny", form.files[0].sha256), b"other")


def lose_a_file(store: ObjectStore, form: StoredForm) -> None:
    store.delete(file_key("tiny", form.files[0].sha256))


def spoil_the_list(store: ObjectStore, form: StoredForm) -> None:
    store.put_bytes(form_key("tiny", "1.0.0", form.form), b"{}")


def belong_to_another_version(store: ObjectStore, form: StoredForm) -> None:
    key = form_key("tiny", "1.0.0", form.form)
    store.put_bytes(key, store.get_bytes(key, 10**6).replace(b'"1.0.0"', b'"0.9.0"'))


def be_of_other_parts(store: ObjectStore, form: StoredForm) -> None:
    key = form_key("tiny", "1.0.0", form.form)
    store.put_bytes(key, store.get_bytes(key, 10**6).replace(form.parts_sha256.encode(), b"0" * 64))


DAMAGES: tuple[tuple[Callable[[ObjectStore, StoredForm], None], str, str], ...] = (
    (spoil_a_file, "forms/webdataset/webdataset/test-000000.tar", "should be"),
    (lose_a_file, "forms/webdataset/webdataset/test-000000.tar", "is listed and not there"),
    (spoil_the_list, "forms/1.0.0/webdataset.json", "can't be read"),
    (belong_to_another_version, "forms/1.0.0/webdataset.json", "is of tiny@0.9.0"),
    (be_of_other_parts, "forms/1.0.0/webdataset.json", "was made of other parts"),
)


@pytest.mark.parametrize(("damage", "path", "what"), DAMAGES)
def test_a_form_that_is_not_whole_in_the_store_is_named_by_verify_and_made_from_the_parts(
    archive: Archive, tmp_path: Path, damage: Callable[[ObjectStore, StoredForm], None], path: str, what: str
) -> None:
    form = published(archive, ("webdataset",))[0]
    assert verify(archive.store, "tiny", "1.0.0").ok
    pull(archive.store, "tiny", "1.0.0", tmp_path / "before", forms=["webdataset"])
    damage(archive.store, form)

    pull(archive.store, "tiny", "1.0.0", tmp_path / "after", forms=["webdataset"])

    assert copied(tmp_path / "after") == copied(tmp_path / "before")
    (problem,) = verify(archive.store, "tiny", "1.0.0").problems
    assert problem.path == path
    assert what in problem.what


def test_changed_bytes_of_a_form_are_found_where_bytes_are_read_and_a_strange_list_where_lists_are(
    archive: Archive,
) -> None:
    form = published(archive, ("ctm",))[0]
    (file, *_) = form.files
    key = file_key("tiny", file.sha256)
    archive.store.put_bytes(key, b"x" * file.size)

    assert verify(archive.store, "tiny", "1.0.0", level="sizes").ok
    (changed,) = verify(archive.store, "tiny", "1.0.0", level="hashes").problems
    archive.store.put_bytes(f"{form_key('tiny', '1.0.0', 'notes')}", b"{}")
    (strange,) = verify(archive.store, "tiny", "1.0.0", level="structure").problems

    assert (changed.path, changed.what) == (f"forms/ctm/{file.path}", "has other bytes than its list says")
    assert (strange.path, strange.what) == ("forms/1.0.0/notes.json", "is there and is no form's list")


def test_a_forged_list_of_a_form_writes_nothing_outside_the_folder(archive: Archive, tmp_path: Path) -> None:
    form = published(archive, ("ctm",))[0]
    key = form_key("tiny", "1.0.0", "ctm")
    said = archive.store.get_bytes(key, 10**6).replace(form.files[0].path.encode(), b"../outside")
    archive.store.put_bytes(key, said)

    with pytest.raises(PullFailed, match="outside of the copy"):
        pull(archive.store, "tiny", "1.0.0", tmp_path / "copy", forms=["ctm"])

    assert not (tmp_path / "outside").exists()


def test_a_voice_that_withdraws_leaves_the_stored_forms_at_once_and_they_are_made_anew(
    archive: Archive,
) -> None:
    published(archive, tuple(FORMS))
    clip = clip_of(archive.store, "te-02")
    assert names(archive.store, clip)
    archive.withdraw("te-02")

    archive.erase()

    assert not names(archive.store, clip)
    version = read_version(archive.store, "tiny", "1.0.0")
    assert stored_form(archive.store, version, "webdataset") is None
    again = store_forms(archive.store, version, tuple(FORMS), archive.scratch)
    assert {form.form for form in again} == set(FORMS)
    assert not names(archive.store, clip)


def test_a_project_can_list_every_form() -> None:
    assert set(get_args(FormName)) == set(FORMS)


def clip_of(store: ObjectStore, speaker: str) -> str:
    return next(row["id"] for row in rows_of(store, "1.0.0") if row["speaker"] == speaker)


def names(store: ObjectStore, clip: str) -> bool:
    """Whether anything of the stored forms names a clip."""
    for data in everything(store, "datasets/tiny/forms/").values():
        said = gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
        if clip.encode() in said:
            return True
    return False
