"""NeMo's manifests: an utterance a line; paths go from the manifest's own folder.

manifests/nemo/<split>.jsonl      (nemo.collections.common.parts.preprocessing.manifest)
"""

from releases.forms.files import put_sound
from releases.forms.folder import FormFolder
from releases.forms.source import PulledVersion
from releases.lists import nemo_path
from releases.rows import SPLITS


def write(version: PulledVersion, folder: FormFolder) -> None:
    for split in SPLITS:
        parts = version.of(split)
        if not parts:
            continue
        with folder.lines(nemo_path(split)) as out:
            for part in parts:
                for row in part.rows():
                    out.json(
                        {
                            "audio_filepath": f"../../{put_sound(row, folder)}",
                            "duration": row.duration,
                            "text": row.text,
                            "lang": row.language,
                            "speaker": row.speaker,
                            "id": row.id,
                        }
                    )
