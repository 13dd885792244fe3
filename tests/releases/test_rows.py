"""What a row says of its clip."""

import io

import pyarrow.parquet as pq
import pytest

from tests.releases.conftest import Archive


def test_the_speaking_rate_counts_characters_from_the_first_word_to_the_last(archive: Archive) -> None:
    archive.add_speaker("sw-01", language="sw")
    archive.add_recording("sw-01", language="sw", clips=2)
    archive.publish()

    rows = [
        row
        for stored in archive.store.list("datasets/tiny/1.0.0/data/")
        for row in pq.read_table(io.BytesIO(archive.store.get_bytes(stored.key, 10**8))).to_pylist()
    ]

    spoken = [row for row in rows if row["text"] == "ninapenda kuimba nyimbo"]
    assert spoken
    for row in spoken:
        seconds = row["words"][-1]["end"] - row["words"][0]["start"]
        assert row["speaking_rate"] == pytest.approx(21 / seconds)
