"""What was measured. No thresholds here: these are stored, and judged again whenever thresholds change."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceMeasures:
    """Of the recording as it came, at its own rate, every channel.

    duration:              seconds
    peak:                  highest sample, 1.0 for full scale
    level_dbfs:            root mean square of the loudest channel, dB of full scale
    clipped_share:         share of samples cut off at a ceiling, wherever that ceiling lies
    dropout_share:         share of the time that is digital silence inside sound
    dropouts:              how many such holes
    dc_offset:             mean of the samples, of full scale, of the worst channel
    bandwidth_hz:          highest frequency that carries anything
    dead_channels:         channels without sound while another has some
    channel_difference_db: two channels' difference under their level, dB: large for copies; None for mono
    inverted:              two channels that cancel each other when mixed
    """

    codec: str
    sample_rate: int
    channels: int
    duration: float
    peak: float
    level_dbfs: float
    clipped_share: float
    dropout_share: float
    dropouts: int
    dc_offset: float
    bandwidth_hz: float
    dead_channels: int
    channel_difference_db: float | None
    inverted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechMeasures:
    """Of the mono 16 kHz form, with the detector's opinion of where somebody speaks. None: cannot be measured.

    speech_seconds, speech_share
    snr_db:         speech over noise
    snr_method:     `pauses` (speech against what lies between) or `speech alone` (where there are no pauses)
    loudness_lufs:  ITU-R BS.1770-4, gated
    speech_dbfs, noise_dbfs: levels
    hum_hz, hum_db: mains frequency found, and how far it stands out of its surroundings in the spectrum
    hum_below_speech_db: how far the hum is below the speech
    wind_db:        gusts of rumble below 45 Hz, over the speech
    reverb_s:       time in which sound dies away by 60 dB
    second_voice:   likelihood of more than one speaker, 0..1
    """

    speech_seconds: float
    speech_share: float
    snr_db: float | None
    snr_method: str | None
    loudness_lufs: float | None
    speech_dbfs: float | None
    noise_dbfs: float | None
    hum_hz: float | None
    hum_db: float
    hum_below_speech_db: float | None
    wind_db: float | None
    reverb_s: float | None
    second_voice: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileMeasures:
    """Of the file's bytes, before anybody listens.

    packets, damaged_packets: compressed pieces read, and of these the ones that could not be decoded
    unread_bytes:             that no packet, head or tag of the file accounts for
    unread_seconds:           the time that they would take at the rate of what was read
    """

    packets: int
    damaged_packets: int
    unread_bytes: int
    unread_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """All that was measured of one recording."""

    file: FileMeasures
    source: SourceMeasures
    speech: SpeechMeasures
