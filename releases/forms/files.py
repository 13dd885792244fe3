"""Each sound as a FLAC file, and what is known of it in a line, as Hugging Face's `audiofolder` lays them out.

audio/<split>/<clip>.flac, audio/<split>/metadata.jsonl
"""

from releases.forms.folder import FormFolder
from releases.forms.source import FormRow, PulledVersion
from releases.lists import audio_path
from releases.rows import SPLITS


def write(version: PulledVersion, folder: FormFolder) -> None:
    for split in SPLITS:
        parts = version.of(split)
        if not parts:
            continue
        with folder.lines(f"audio/{split}/metadata.jsonl") as out:
            for part in parts:
                for row in part.rows():
                    put_sound(row, folder)
                    out.json(
                        {
                            "file_name": f"{row.id}.flac",
                            "id": row.id,
                            "text": row.text,
                            "language": row.language,
                            "speaker": row.speaker,
                            "gender": row.gender,
                            "age_band": row.age_band,
                            "district": row.district,
                            "duration": row.duration,
                        }
                    )


def put_sound(row: FormRow, folder: FormFolder) -> str:
    """Write a row's sound as a file; returns its path in the copy. Several forms share it."""
    path = audio_path(row.split, row.id)
    folder.put(path, row.audio)
    return path
