"""A disk that is full: what was counted stays, and nothing is written in the place of what is missing."""

import errno
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from catalog.database import open_catalog
from portal.upload.arriving_file import Digests, UploadWriter
from portal.upload.partial_uploads import FileBusy, FileTooShort, PartFile, PartialUploads
from portal.upload.protocol import Hash


def test_after_a_portion_that_the_disk_refused_no_other_is_written(folder: Path) -> None:
    catalog = open_catalog(f"sqlite:///{folder / 'boli.sqlite'}")
    full = Path("/dev/full")  # the kernel's own full disk
    writer = UploadWriter(
        catalog=catalog,
        part=PartFile(os.open(full, os.O_RDWR), full),
        transfer_id="transfer-1",
        token=1,
        offset=0,
        length=10,
        clock=lambda: datetime.now(UTC),
        lease=timedelta(seconds=1),
        whole=Hash("sha256"),
    )

    with pytest.raises(OSError) as refusal:
        writer.keep(b"01234")
    writer.keep(b"56789")

    assert refusal.value.errno == errno.ENOSPC
    assert (writer.failed, writer.written, writer.offset) == (True, 0, 0)
    writer.part.close()
    catalog.close()


def test_a_file_is_held_by_one_at_a_time_and_free_once_closed(folder: Path) -> None:
    partial_uploads = PartialUploads(folder / "arriving")
    partial_uploads.create("transfer-1")

    with partial_uploads.open("transfer-1"), pytest.raises(FileBusy):
        partial_uploads.open("transfer-1")
    with partial_uploads.open("transfer-1") as part:
        part.write(b"0123", 0)
        part.cut_to(2)
        assert part.path.read_bytes() == b"01"
        with pytest.raises(FileTooShort):
            part.cut_to(3)


def test_digests_of_uploads_on_their_way_are_few_and_never_of_another_offset() -> None:
    digests = Digests(most=2)
    for number in range(3):
        digest = Hash("sha256")
        digest.feed(b"x" * number)
        digests.put(f"transfer-{number}", number + 1, digest)

    assert digests.take("transfer-0", 1) is None  # the oldest fell out
    assert digests.take("transfer-1", 1) is None  # another offset
    assert digests.take("transfer-2", 3) is not None
    assert digests.take("transfer-2", 3) is None  # it was given away
