"""WebDataset: sound, text and facts of a row under one name, in tars that are read forward, one for each part.

webdataset/<split>-000000.tar with <clip>.flac, <clip>.txt, <clip>.json
"""

import json

from releases.forms.folder import FormFolder
from releases.forms.source import PulledVersion
from releases.rows import SPLITS


def write(version: PulledVersion, folder: FormFolder) -> None:
    for split in SPLITS:
        for number, part in enumerate(version.of(split)):
            with folder.tar(f"webdataset/{split}-{number:06}.tar") as tar:
                for row in part.rows():
                    facts = {
                        "id": row.id,
                        "text": row.text,
                        "language": row.language,
                        "speaker": row.speaker,
                        "gender": row.gender,
                        "duration": row.duration,
                        "words": [
                            {"word": w.word, "start": w.start, "end": w.end, "score": w.score}
                            for w in row.words
                        ],
                    }
                    tar.add(f"{row.id}.flac", row.audio)
                    tar.add(f"{row.id}.json", json.dumps(facts, ensure_ascii=False).encode())
                    tar.add(f"{row.id}.txt", row.text.encode())
