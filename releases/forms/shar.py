"""Lhotse Shar: cuts and their sounds side by side in archives that are read forward, one pair for each part.

shar/<split>/cuts.000000.jsonl.gz, shar/<split>/recording.000000.tar

CutSet.from_shar(in_dir="shar/train")
"""

import json

from releases.forms.folder import FormFolder
from releases.forms.lhotse import cut, recording
from releases.forms.source import PulledVersion
from releases.rows import SPLITS


def write(version: PulledVersion, folder: FormFolder) -> None:
    for split in SPLITS:
        for number, part in enumerate(version.of(split)):
            with (
                folder.lines(f"shar/{split}/cuts.{number:06}.jsonl.gz") as cuts,
                folder.tar(f"shar/{split}/recording.{number:06}.tar") as sounds,
            ):
                for row in part.rows():
                    heard = recording(row, {"type": "shar", "channels": [0], "source": ""})
                    cuts.json(cut(row, heard))
                    sounds.add(f"{row.id}.flac", row.audio)
                    sounds.add(f"{row.id}.json", (json.dumps(heard, ensure_ascii=False) + "\n").encode())
