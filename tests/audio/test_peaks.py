"""The waveform on the screen."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audio.peaks import PeakMeter
from tests.audio.sounds import babble


def peaks(samples, cuts=(), points=50):
    meter = PeakMeter(16_000, points)
    for part in np.split(samples, sorted(cuts)):
        meter.feed(part)
    return meter.finish()


def test_each_point_holds_the_lowest_and_highest_sample():
    samples = np.zeros(640, np.float32)
    samples[10], samples[330], samples[639] = 0.5, -0.25, 1.0

    waveform = peaks(samples)

    assert waveform.samples_per_point == 320
    assert waveform.pairs == (0, 64, -32, 127)


@given(length=st.integers(0, 5_000), cuts=st.lists(st.integers(0, 5_000), max_size=8))
@settings(max_examples=50)
def test_the_waveform_does_not_depend_on_how_it_was_fed(length, cuts):
    samples = babble(0.5, 16_000)[:length]

    assert peaks(samples, cuts) == peaks(samples)
    assert len(peaks(samples).pairs) == 2 * -(-len(samples) // 320)


def test_it_is_written_as_screens_read_it():
    document = json.loads(peaks(babble(1, 16_000)).to_json())

    assert document["version"] == 2
    assert (document["bits"], document["channels"]) == (8, 1)
    assert (document["sample_rate"], document["samples_per_pixel"]) == (16_000, 320)
    assert len(document["data"]) == 2 * document["length"] == 100
    assert all(-128 <= value <= 127 for value in document["data"])


@pytest.mark.parametrize("points", [0, 16_001])
def test_points_that_make_no_sense_are_refused(points):
    with pytest.raises(ValueError, match="1 to 16000 points"):
        PeakMeter(16_000, points)
