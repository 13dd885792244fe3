"""What a project makes of findings about sound: which reject, and what is only noted."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from typing import Any

from audio.clips import ClipMeasures
from audio.measure.values import Measures
from audio.measure.verdict import Finding
from audio.reasons import NOTHING_TO_KEEP, AudioReason
from audio.voices.values import SEVERAL
from catalog.config.project import ClipRules


def for_project(findings: Sequence[Finding], rules: ClipRules) -> tuple[Finding, ...]:
    """The findings as the project sees them: where it keeps poor sound, they warn and don't reject.

    What leaves nothing to transcribe rejects in every project.
    """
    if rules.poor_sound == "reject":
        return tuple(findings)
    return tuple(
        finding if finding.code in NOTHING_TO_KEEP else replace(finding, severity="warn")
        for finding in findings
    )


def clip_findings(
    measures: ClipMeasures, findings: Sequence[Finding], rules: ClipRules
) -> tuple[Finding, ...]:
    """A clip's findings with those of the project's own thresholds, rejections first."""
    everything = for_project([*findings, *_beyond_thresholds(measures, rules)], rules)
    return tuple(sorted(everything, key=lambda finding: finding.severity != "reject"))


def by_voices(findings: Sequence[Finding], within: float | None) -> tuple[Finding, ...]:
    """The findings with what embeddings say of several people; where they say nothing, the pitch's opinion stands.

    within: likeness of the two most different parts of the recording

    >>> [finding.measure for finding in by_voices((), 0.1)]
    ['likeness_within']
    """
    if within is None:
        return tuple(findings)
    others = [finding for finding in findings if finding.code is not AudioReason.SEVERAL_SPEAKERS]
    if within < SEVERAL:
        others.append(Finding(AudioReason.SEVERAL_SPEAKERS, "warn", "likeness_within", within, SEVERAL))
    return tuple(others)


def deciding(findings: Sequence[Finding]) -> Finding | None:
    """The finding that rejects; None where nothing does."""
    return next((finding for finding in findings if finding.severity == "reject"), None)


def in_words(finding: Finding) -> str:
    """The measure behind a finding, for a report.

    >>> in_words(Finding(AudioReason.LOW_SNR, "reject", "snr_db", -2.04, 0.0))
    'snr_db is -2.04, the line is at 0'
    """
    return f"{finding.measure} is {finding.value:.4g}, the line is at {finding.threshold:.4g}"


def as_rows(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """Findings as the catalogue keeps them."""
    return [asdict(finding) for finding in findings]


def recording_findings(
    measures: Measures, findings: Sequence[Finding], rules: ClipRules
) -> tuple[Finding, ...]:
    """A recording's findings with those of the project's own thresholds, rejections first."""
    at_least = rules.thresholds.bandwidth_hz_at_least
    bandwidth = measures.source.bandwidth_hz
    own = (
        [Finding(AudioReason.NARROW_BAND, "reject", "bandwidth_hz", bandwidth, at_least)]
        if (at_least is not None and bandwidth < at_least)
        else []
    )
    everything = for_project([*findings, *own], rules)
    return tuple(sorted(everything, key=lambda finding: finding.severity != "reject"))


def _beyond_thresholds(measures: ClipMeasures, rules: ClipRules) -> Iterator[Finding]:
    at_least = rules.thresholds.snr_db_at_least
    if at_least is not None and measures.snr_db is not None and measures.snr_db < at_least:
        yield Finding(AudioReason.CLIP_LOW_SNR, "reject", "snr_db", measures.snr_db, at_least)
    at_most = rules.thresholds.clipped_share_at_most
    if at_most is not None and measures.clipped_share > at_most:
        yield Finding(AudioReason.CLIP_CLIPPED, "reject", "clipped_share", measures.clipped_share, at_most)
    loudness = rules.thresholds.loudness_lufs_at_least
    if loudness is not None and measures.loudness_lufs is not None and measures.loudness_lufs < loudness:
        yield Finding(AudioReason.TOO_QUIET, "reject", "loudness_lufs", measures.loudness_lufs, loudness)
    share, spoken = rules.thresholds.speech_share_at_least, measures.speech_seconds / measures.seconds
    if share is not None and spoken < share:
        yield Finding(AudioReason.CLIP_TOO_SHORT, "reject", "speech_share", spoken, share)
