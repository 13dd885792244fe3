"""Run in the consumers' environment: open a pulled release as lhotse and mlcroissant do, print what was found.

python open_release.py FOLDER SPLIT
"""

import json
import sys
from pathlib import Path

import mlcroissant
from lhotse import CutSet, RecordingSet, SupervisionSet, validate
from lhotse.qa import validate_recordings_and_supervisions

folder, split = Path(sys.argv[1]), sys.argv[2]
lists = folder / "manifests" / "lhotse"
recordings = (
    RecordingSet.from_file(lists / f"recordings-{split}.jsonl.gz").with_path_prefix(folder).to_eager()
)
supervisions = SupervisionSet.from_file(lists / f"supervisions-{split}.jsonl.gz").to_eager()
cuts = CutSet.from_file(lists / f"cuts-{split}.jsonl.gz").with_recording_path_prefix(folder).to_eager()
validate_recordings_and_supervisions(recordings, supervisions, read_data=True)
validate(cuts, read_data=True)

described = mlcroissant.Dataset(jsonld=str(folder / "croissant.json"))
shard = next(each for each in described.metadata.record_sets if each.uuid.startswith(split))
records = list(described.records(shard.uuid))

found = {
    "recordings": {
        each.id: {"duration": each.duration, "samples": each.load_audio().shape[1]} for each in recordings
    },
    "supervisions": {
        each.id: {
            "text": each.text,
            "words": [[w.symbol, w.start, w.duration] for w in each.alignment["word"]],
        }
        for each in supervisions
    },
    "cuts": [each.id for each in cuts],
    "croissant": [record[f"{shard.uuid}/id"].decode() for record in records],
    "warnings": described.metadata.issues.report() if described.metadata.issues.errors else "",
}
print(json.dumps(found, ensure_ascii=False))  # noqa: T201  (the answer to the test)
