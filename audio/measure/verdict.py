"""Measures and a recipe's thresholds to findings: what is wrong with a recording, and by which figure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from audio.measure.values import Measures
from audio.reasons import AudioReason
from audio.recipe import MeasurementRules

Severity = Literal["reject", "warn"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One defect: `measure` (its name in Measures) was `value`, and the recipe draws the line at `threshold`."""

    code: AudioReason
    severity: Severity
    measure: str
    value: float
    threshold: float


def verdict(measures: Measures, rules: MeasurementRules) -> tuple[Finding, ...]:
    """Every finding, rejections first. Empty for a recording that nobody need worry about."""
    findings = [*_of_the_source(measures, rules), *_of_the_speech(measures, rules)]
    return tuple(sorted(findings, key=lambda finding: finding.severity != "reject"))


def _of_the_source(measures: Measures, rules: MeasurementRules) -> Iterator[Finding]:
    source = measures.source
    yield from _over(
        AudioReason.CLIPPED,
        "clipped_share",
        source.clipped_share,
        rules.clipped_warn_share,
        rules.clipped_reject_share,
    )
    yield from _over(
        AudioReason.DROPOUTS,
        "dropout_share",
        source.dropout_share,
        rules.dropout_warn_share,
        rules.dropout_reject_share,
    )
    yield from _over(AudioReason.DC_OFFSET, "dc_offset", source.dc_offset, rules.dc_offset_warn)
    yield from _over(AudioReason.DEAD_CHANNEL, "dead_channels", float(source.dead_channels), 1.0)
    if source.bandwidth_hz < rules.narrow_band_warn_hz and measures.speech.speech_seconds > 0:
        yield Finding(
            AudioReason.NARROW_BAND, "warn", "bandwidth_hz", source.bandwidth_hz, rules.narrow_band_warn_hz
        )
    if source.channel_difference_db is not None and not source.dead_channels:
        yield from _over(
            AudioReason.DUPLICATED_CHANNEL,
            "channel_difference_db",
            source.channel_difference_db,
            rules.duplicated_channel_warn_db,
        )


def _of_the_speech(measures: Measures, rules: MeasurementRules) -> Iterator[Finding]:
    speech = measures.speech
    if speech.speech_seconds < rules.no_speech_s:
        yield Finding(
            AudioReason.NO_SPEECH, "reject", "speech_seconds", speech.speech_seconds, rules.no_speech_s
        )
    loudness = speech.loudness_lufs if speech.loudness_lufs is not None else -100.0
    yield from _under(
        AudioReason.TOO_QUIET,
        "loudness_lufs",
        loudness,
        rules.too_quiet_warn_lufs,
        rules.too_quiet_reject_lufs,
    )
    if speech.snr_db is not None:
        yield from _under(
            AudioReason.LOW_SNR, "snr_db", speech.snr_db, rules.low_snr_warn_db, rules.low_snr_reject_db
        )
    if speech.hum_below_speech_db is None or speech.hum_below_speech_db < rules.hum_audible_db:
        yield from _over(AudioReason.HUM, "hum_db", speech.hum_db, rules.hum_warn_db)
    if speech.wind_db is not None:
        yield from _over(AudioReason.WIND, "wind_db", speech.wind_db, rules.wind_warn_db)
    if speech.reverb_s is not None:
        yield from _over(AudioReason.REVERBERANT, "reverb_s", speech.reverb_s, rules.reverberant_warn_s)
    if speech.second_voice is not None:
        yield from _over(
            AudioReason.SEVERAL_SPEAKERS, "second_voice", speech.second_voice, rules.several_speakers_warn
        )


def _over(
    code: AudioReason, measure: str, value: float, warn: float, reject: float = float("inf")
) -> Iterator[Finding]:
    if value >= reject:
        yield Finding(code, "reject", measure, value, reject)
    elif value >= warn:
        yield Finding(code, "warn", measure, value, warn)


def _under(
    code: AudioReason, measure: str, value: float, warn: float, reject: float = float("-inf")
) -> Iterator[Finding]:
    if value <= reject:
        yield Finding(code, "reject", measure, value, reject)
    elif value <= warn:
        yield Finding(code, "warn", measure, value, warn)
