"""The rules by which a recording becomes clips: every number that decides something, by name.

A recipe is data. It is read from `configs/recipes/*.yaml`, and its id stands on everything that was made with it:
the same original and the same recipe give the same bytes. Change a number, change the version.
"""

from dataclasses import dataclass, field
from typing import Literal

Engine = Literal["default", "silero", "webrtc"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectionRules:
    """What counts as speech.

    engine:   `default` is the most accurate we measured (docs/benchmarks.md); `silero` is Silero v6 with its own
              post-processing; `webrtc` is six times cheaper and errs about twice as often
    """

    engine: Engine = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentationRules:
    """Where a transcriber would cut. All in milliseconds.

    merge_gap_ms:    pauses up to this stay inside an utterance
    min_length_ms:   an utterance shorter than this joins a neighbour, or keeps more of the silence around it
    join_gap_ms:     how far away that neighbour may be
    max_length_ms:   no clip is longer; a longer stretch is split at its best pause
    split_pause_ms:  a pause this long is as good a place to split as any longer one
    padding_ms:      silence kept before and after the speech (breath, the tail of the last word), never a
                     neighbour's
    min_speech_ms:   less speech than this all alone is a click, not an utterance
    """

    merge_gap_ms: int = 500
    min_length_ms: int = 1_000
    join_gap_ms: int = 1_500
    max_length_ms: int = 15_000
    split_pause_ms: int = 400
    padding_ms: int = 300
    min_speech_ms: int = 150

    def __post_init__(self) -> None:
        if self.min_length_ms + 2 * self.padding_ms > self.max_length_ms // 2:
            raise ValueError(
                "segmentation.max_length_ms is at least twice min_length_ms and its padding on both sides "
                f"(so that every split leaves two usable halves), given max {self.max_length_ms}, "
                f"min {self.min_length_ms}, padding {self.padding_ms}"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class CleaningRules:
    """What is done to the cleaned rendition. The untouched cut is always kept beside it.

    high_pass_hz:         rumble and DC below this are taken away, where there is any
    rumble_db:            rumble this far below the whole (dB) is left alone
    remove_hum:           notch out mains hum and its harmonics where they are found
    noise_reduction_db:   most that steady noise is lowered by; 0 switches noise reduction off
    clean_enough_db:      at this signal-to-noise ratio and above noise is left alone
    loudness_lufs:        loudness aimed at (ITU-R BS.1770-4)
    true_peak_dbtp:       no peak between or on the samples exceeds this (EBU R 128)
    max_gain_db:          a faint recording is raised by no more than this
    """

    high_pass_hz: float = 60.0
    rumble_db: float = 6.0
    remove_hum: bool = True
    noise_reduction_db: float = 14.0
    clean_enough_db: float = 25.0
    loudness_lufs: float = -23.0
    true_peak_dbtp: float = -1.0
    max_gain_db: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasurementRules:
    """From which measure on a recording is warned about or rejected. Measures are stored: these may change later.

    guard_ms:                  sound this near to speech is counted neither as speech nor as noise
    no_speech_s:               seconds of speech; less is rejected
    too_quiet_warn_lufs:       loudness of the whole, LUFS
    too_quiet_reject_lufs:
    clipped_warn_share:        share of samples that hit the ceiling
    clipped_reject_share:
    low_snr_warn_db:           speech over noise, dB
    low_snr_reject_db:
    dropout_warn_share:        share of the time that is digital silence inside sound
    dropout_reject_share:
    dc_offset_warn:            of full scale
    hum_warn_db:               mains hum over the noise beside it in the spectrum, dB
    hum_audible_db:            hum this far below the speech (dB) is not worth a word
    wind_warn_db:              rumble below 45 Hz that comes and goes, over the speech, dB
    narrow_band_warn_hz:       highest frequency that carries anything
    reverberant_warn_s:        time for the sound to die away by 60 dB, seconds
    several_speakers_warn:     likelihood of a second voice, 0..1
    duplicated_channel_warn_db: what is left when two channels are subtracted, dB below the sound
    dead_channel_dbfs:         a channel below this level is dead while another has sound
    """

    guard_ms: int = 100
    no_speech_s: float = 0.3
    too_quiet_warn_lufs: float = -45.0
    too_quiet_reject_lufs: float = -60.0
    clipped_warn_share: float = 0.0005
    clipped_reject_share: float = 0.02
    low_snr_warn_db: float = 10.0
    low_snr_reject_db: float = 0.0
    dropout_warn_share: float = 0.002
    dropout_reject_share: float = 0.1
    dc_offset_warn: float = 0.02
    hum_warn_db: float = 12.0
    hum_audible_db: float = 40.0
    wind_warn_db: float = -15.0
    narrow_band_warn_hz: float = 5_000.0
    reverberant_warn_s: float = 0.9
    several_speakers_warn: float = 0.6
    duplicated_channel_warn_db: float = 50.0
    dead_channel_dbfs: float = -75.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RenditionRules:
    """The files made of one clip.

    sample_rate_hz:     of the cut and the cleaned clip
    preview_bitrate:    bits a second of the Opus preview for the screen; 0 makes none
    peaks_per_second:   points of the waveform drawn for the screen
    """

    sample_rate_hz: int = 16_000
    preview_bitrate: int = 16_000
    peaks_per_second: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """All rules of one way to treat recordings, under one name and version."""

    name: str = "field"
    version: int = 3
    detection: DetectionRules = field(default_factory=DetectionRules)
    segmentation: SegmentationRules = field(default_factory=SegmentationRules)
    cleaning: CleaningRules = field(default_factory=CleaningRules)
    measurement: MeasurementRules = field(default_factory=MeasurementRules)
    renditions: RenditionRules = field(default_factory=RenditionRules)

    @property
    def id(self) -> str:
        """`name@version`, as it stands on every clip.

        >>> Recipe().id
        'field@3'
        """
        return f"{self.name}@{self.version}"
