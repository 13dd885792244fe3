"""The device and day that a file's own tags tell, of every kind of phone, and nothing where they tell nonsense."""

from pathlib import Path

import av
import numpy as np
import pytest

from audio.decode import open_recording
from audio.limits import Limits
from audio.origin import Origin, origin_of


@pytest.mark.parametrize(
    ("tags", "origin"),
    [
        (
            {"com.apple.quicktime.make": "Apple", "com.apple.quicktime.model": "iPhone 12"},
            Origin("Apple iPhone 12"),
        ),
        ({"com.android.manufacturer": "samsung", "com.android.model": "SM-A127F"}, Origin("samsung SM-A127F")),
        ({"make": "Xiaomi", "model": "Xiaomi 11"}, Origin("Xiaomi 11")),
        ({"encoded_by": "ZOOM H4n", "date": "2026-03-04"}, Origin("ZOOM H4n", "2026-03-04")),
        ({"creation_time": "1970-01-01T00:00:00.000000Z"}, Origin()),
        ({"creation_time": "yesterday", "date": "2026"}, Origin()),
        ({"MODEL": "a\x00b" + 200 * "x"}, Origin("ab" + 78 * "x")),
        ({}, Origin()),
    ],
)  # fmt: skip
def test_tags_are_read_as_devices_write_them(tags: dict[str, str], origin: Origin) -> None:
    assert origin_of(tags) == origin


def test_a_recording_of_a_phone_says_what_made_it_and_when(tmp_path: Path) -> None:
    path = tmp_path / "take.m4a"
    with av.open(str(path), "w", format="mp4", options={"movflags": "use_metadata_tags"}) as container:
        container.metadata.update(
            {"com.android.manufacturer": "Nokia", "com.android.model": "G21", "creation_time": "2026-11-20T05:00:00Z"}
        )  # fmt: skip
        stream = container.add_stream("aac", rate=16_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 16_000), np.float32), format="fltp", layout="mono")
        frame.sample_rate = 16_000
        container.mux([*stream.encode(frame), *stream.encode(None)])

    with open_recording(path, Limits()) as recording:
        origin = recording.info.origin

    assert origin == Origin("Nokia G21", "2026-11-20")
