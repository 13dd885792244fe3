"""A whole recording as a picture's numbers: for a report or a screen, in constant memory but for the points."""

from pathlib import Path

from audio.decode import open_recording
from audio.limits import Limits
from audio.mono import RATE, Mono16k
from audio.peaks import PeakMeter, Waveform


def draw_file(path: Path, points_per_second: int, limits: Limits) -> Waveform:
    """The waveform of `path`. Raises UnusableRecording."""
    with open_recording(path, limits) as recording:
        mixer = Mono16k(recording.info.sample_rate, recording.info.channels)
        meter = PeakMeter(RATE, points_per_second)
        for block in recording:
            meter.feed(mixer.feed(block))
        meter.feed(mixer.finish())
    return meter.finish()
