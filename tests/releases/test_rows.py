"""What a row says of its clip."""

import pytest

from tests.releases.conftest import Archive
from tests.releases.stores import rows_of


def test_the_speaking_rate_counts_characters_from_the_first_word_to_the_last(archive: Archive) -> None:
    archive.add_speaker("sw-01", language="sw")
    archive.add_recording("sw-01", language="sw", clips=2)
    archive.publish()

    rows = rows_of(archive.store, "1.0.0")

    spoken = [row for row in rows if row["text"] == "ninapenda kuimba nyimbo"]
    assert spoken
    for row in spoken:
        seconds = row["words"][-1]["end"] - row["words"][0]["start"]
        assert row["speaking_rate"] == pytest.approx(21 / seconds)
