"""Rows made up for what needs no catalogue and no sound."""

from datetime import date
from typing import Any

from releases.rows import Row, Word


def row(**facts: Any) -> Row:
    """A row of five seconds, with what is said of it."""
    made: dict[str, Any] = {
        "id": "clip-1",
        "language": "te",
        "text": "నాకు పాట",
        "verbatim": "నాకు పాట",
        "words": (Word("నాకు", 0, 16_000, 0.9), Word("పాట", 16_000, 32_000, 0.8)),
        "alignment": "aligned",
        "alignment_score": 0.85,
        "aligner": "dtw@1",
        "speaker": "te-01",
        "gender": "female",
        "age_band": "30-44",
        "district": "Warangal",
        "dialect": None,
        "recording": "recording-1",
        "start": 0,
        "end": 80_000,
        "original_rate": 16_000,
        "codec": "flac",
        "channels": 1,
        "received_on": date(2026, 11, 1),
        "prompt": None,
        "recipe": "field@1",
        "seconds": 5.0,
        "snr_db": 24.0,
        "loudness_lufs": -23.0,
        "clipped_share": 0.0,
        "bandwidth_hz": 7600.0,
        "transcript_origin": "agreement",
        "cer": 0.02,
        "writers": 2,
        "guideline": "te@v1",
        "licence": "CC-BY-4.0",
        "consent": "informed",
        "audio_sha256": "ab" * 32,
        "audio_key": "clips/a/b.flac",
        "transcript_id": "transcript-1",
        "accepted_on": date(2026, 11, 1),
        "voices": ("speaker-te-01",),
        **facts,
    }
    return Row(**made)
