"""A version of the same format with fewer columns, as Boli wrote it before, lives on among those that follow.

saved/format-2-39-columns.tar.gz is what Boli wrote for these very clips before the columns of origin came.
"""

import tarfile
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from catalog.states import ReleaseState
from catalog.store import open_store
from catalog.tables import Release, ReleaseItem, Transcript
from releases.difference import diff
from releases.forms import FORMS
from releases.parquet import columns
from releases.pull import pull
from releases.release_rows import release_id
from releases.stats import stats
from releases.verify import verify
from releases.versions import commits, read_version, sha256_of
from tests.releases.conftest import NOON, Archive
from tests.releases.stores import rows_of

SAVED = Path(__file__).parent / "saved" / "format-2-39-columns.tar.gz"


@pytest.fixture
def archive(make_archive: Callable[..., Archive], tmp_path: Path) -> Archive:
    """The clips of the saved version, and that version in the store and in the catalogue."""
    with tarfile.open(SAVED) as saved:
        saved.extractall(tmp_path / "store", filter="data")
    made = make_archive(open_store((tmp_path / "store").as_uri()))
    for name in ("te-01", "te-02", "te-03"):
        made.add_speaker(name)
        made.add_recording(name, clips=2, seconds=0.25)
    commit = commits(made.store, "tiny")[0]
    identifier = release_id("tiny", "1.0.0")
    with made.catalog.writing() as session:
        session.add(
            Release(
                id=identifier,
                project_id="demo",
                name="tiny",
                version="1.0.0",
                parent=None,
                selection_sha256=commit.selection_sha256,
                manifest_sha256=sha256_of(commit),
                state=ReleaseState.PUBLISHED,
                clips=6,
                seconds=1.5,
                created_at=NOON,
            )
        )
        session.flush()
        texts = {text.clip_id: text.id for text in session.query(Transcript)}
        session.add_all(
            ReleaseItem(
                release_id=identifier,
                clip_id=row["id"],
                transcript_id=texts[row["id"]],
                speaker=row["speaker"],
                split="train",
                shard=commit.parts[0].path,
                row_sha256=row["row_sha256"],
                erased_at=None,
            )
            for row in rows_of(made.store, "1.0.0")
        )
    return made


def test_it_is_verified_counted_and_pulled_in_every_form(archive: Archive, tmp_path: Path) -> None:
    report = verify(archive.store, "tiny", "1.0.0")
    found = stats(archive.store, read_version(archive.store, "tiny", "1.0.0"))
    pulled = pull(archive.store, "tiny", "1.0.0", tmp_path / "copy", forms=sorted(FORMS))

    assert (report.problems, report.state, report.rows) == ((), "whole", 6)
    assert found.total.clips == 6
    assert pulled.files > 6


def test_the_next_version_has_the_new_columns_in_all_its_parts_and_says_that_no_text_changed(
    archive: Archive,
) -> None:
    archive.add_speaker("te-04")
    archive.add_recording("te-04", clips=1)

    published = archive.publish()

    assert (published.version, published.clips) == ("1.1.0", 7)
    version = read_version(archive.store, "tiny", "1.1.0")
    for part in version.parts:
        with archive.store.open(version.key(part.file)) as file:
            assert pq.read_schema(file).names == [name for name, _ in columns()]
    changes = diff(archive.store, "tiny", "1.0.0", "1.1.0")
    assert {kind: len(clips) for kind, clips in changes.clips.items()} == {
        "added": 1,
        "removed": 0,
        "changed": 0,
    }
    assert (
        "6 clips are as they were"
        in archive.store.get_bytes("datasets/tiny/1.1.0/CHANGES.md", 10**5).decode()
    )


def test_a_withdrawal_takes_the_voice_out_of_it(archive: Archive) -> None:
    archive.withdraw("te-02")

    archive.erase()

    report = verify(archive.store, "tiny", "1.0.0")
    assert (report.problems, report.state, report.rows) == ((), "redacted", 4)
