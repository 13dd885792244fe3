"""Lhotse's manifests, with word alignments; paths go from the folder of the copy (`with_recording_path_prefix`).

manifests/lhotse/{recordings,supervisions,cuts}-<split>.jsonl.gz
"""

from typing import Any

from releases.forms.files import put_sound
from releases.forms.folder import FormFolder
from releases.forms.source import FormRow, PulledVersion
from releases.lists import lhotse_path
from releases.rows import SPLITS


def write(version: PulledVersion, folder: FormFolder) -> None:
    for split in SPLITS:
        parts = version.of(split)
        if not parts:
            continue
        with (
            folder.lines(lhotse_path("recordings", split)) as recordings,
            folder.lines(lhotse_path("supervisions", split)) as supervisions,
            folder.lines(lhotse_path("cuts", split)) as cuts,
        ):
            for part in parts:
                for row in part.rows():
                    heard = recording(
                        row, {"type": "file", "channels": [0], "source": put_sound(row, folder)}
                    )
                    recordings.json(heard)
                    supervisions.json(supervision(row))
                    cuts.json(cut(row, heard))


def recording(row: FormRow, source: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": row.id,
        "sources": [source],
        "sampling_rate": row.sample_rate,
        "num_samples": row.samples,
        "duration": row.duration,
        "channel_ids": [0],
    }


def supervision(row: FormRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "recording_id": row.id,
        "start": 0.0,
        "duration": row.duration,
        "channel": 0,
        "text": row.text,
        "language": row.language,
        "speaker": row.speaker,
        **({"gender": row.gender} if row.gender else {}),
        "custom": {
            "verbatim": row.verbatim,
            "original_recording": row.recording,
            "alignment_state": row.alignment,
        },
        "alignment": {
            "word": [
                [
                    word.word,
                    word.start,
                    round(word.end - word.start, 6),
                    *([word.score] if word.score is not None else []),
                ]
                for word in row.words
            ]
        },
    }


def cut(row: FormRow, heard: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": row.id,
        "start": 0.0,
        "duration": row.duration,
        "channel": 0,
        "supervisions": [supervision(row)],
        "recording": heard,
        "type": "MonoCut",
    }
