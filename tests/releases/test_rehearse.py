"""A rehearsal builds what publishing would, and touches nothing."""

from pathlib import Path

import pytest
from sqlalchemy import select

from catalog.tables import Release, SpeakerSplit
from releases.address import parse, version_at
from releases.rehearse import rehearse
from tests.releases.conftest import Archive, no_faults
from tests.releases.stores import everything


def test_a_rehearsal_has_the_bytes_of_the_version_and_leaves_no_trace(
    archive: Archive, tmp_path: Path
) -> None:
    before = everything(archive.store)
    folder = tmp_path / "rehearsal"

    built = rehearse(archive.catalog, archive.store, archive.project, folder, text_faults=no_faults)

    assert everything(archive.store) == before
    with archive.catalog.reading() as session:
        assert session.scalars(select(Release)).all() == []
        assert session.scalars(select(SpeakerSplit)).all() == []
    archive.publish()
    published = everything(archive.store, "datasets/tiny/1.0.0/")
    assert {file.path: (folder / file.path).read_bytes() for file in built.files} == {
        key.removeprefix("datasets/tiny/1.0.0/"): data for key, data in published.items()
    }


def test_a_rehearsal_wants_an_empty_folder(archive: Archive, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep me")

    with pytest.raises(FileExistsError, match="empty folder"):
        rehearse(archive.catalog, archive.store, archive.project, tmp_path, text_faults=no_faults)


def test_the_address_that_publishing_tells_leads_back_to_the_version(archive: Archive) -> None:
    published = archive.publish()

    address = parse(published.url)
    newest = parse(published.url.rsplit("/", 1)[0])

    assert (address.store_url, address.dataset, address.version) == (archive.store.url, "tiny", "1.0.0")
    assert version_at(archive.store, newest) == "1.0.0"


@pytest.mark.parametrize("url", ["file:///srv/boli", "datasets/tiny/1.0.0", "s3://b/datasets/t/1.0.0/data"])
def test_an_address_that_is_none_says_what_one_looks_like(url: str) -> None:
    with pytest.raises(ValueError, match=r"as s3://bucket/prefix/datasets/telugu/1\.2\.0"):
        parse(url)
