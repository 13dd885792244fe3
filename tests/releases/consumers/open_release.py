"""Run in the consumers' environment: open a pulled release as its readers do, print what was found.

python open_release.py FOLDER SPLIT READER...
"""

import json
import sys
from pathlib import Path
from typing import Any

folder, split = Path(sys.argv[1]), sys.argv[2]


def lhotse() -> dict[str, Any]:
    from lhotse import CutSet, RecordingSet, SupervisionSet, validate
    from lhotse.qa import validate_recordings_and_supervisions

    lists = folder / "manifests" / "lhotse"
    recordings = RecordingSet.from_file(lists / f"recordings-{split}.jsonl.gz").with_path_prefix(folder)
    recordings = recordings.to_eager()
    supervisions = SupervisionSet.from_file(lists / f"supervisions-{split}.jsonl.gz").to_eager()
    cuts = CutSet.from_file(lists / f"cuts-{split}.jsonl.gz").with_recording_path_prefix(folder).to_eager()
    validate_recordings_and_supervisions(recordings, supervisions, read_data=True)
    validate(cuts, read_data=True)
    return {
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
    }


def shar() -> dict[str, Any]:
    from lhotse import CutSet

    cuts = CutSet.from_shar(in_dir=folder / "shar" / split)
    return {cut.id: {"samples": cut.load_audio().shape[1], "text": cut.supervisions[0].text} for cut in cuts}


def kaldi() -> dict[str, Any]:
    from lhotse.kaldi import load_kaldi_data_dir

    recordings, supervisions, _ = load_kaldi_data_dir(folder / "kaldi" / split, sampling_rate=16_000)
    assert supervisions is not None
    return {
        each.id: {
            "text": each.text,
            "speaker": each.speaker,
            "language": each.language,
            "duration": recordings[each.recording_id].duration,
            "source": recordings[each.recording_id].sources[0].source,
        }
        for each in supervisions
    }


def ctm() -> dict[str, Any]:
    from lhotse import SupervisionSet
    from lhotse.utils import fastcopy

    lists = folder / "manifests" / "lhotse"
    plain = SupervisionSet.from_file(lists / f"supervisions-{split}.jsonl.gz").to_eager()
    bare = SupervisionSet.from_segments(fastcopy(each, alignment=None) for each in plain)
    timed = bare.with_alignment_from_ctm(folder / "ctm" / f"{split}.ctm")
    return {each.id: [w.symbol for w in (each.alignment or {}).get("word", [])] for each in timed}


def commonvoice() -> dict[str, Any]:
    from lhotse.recipes.commonvoice import _prepare_part

    found = {}
    for language in sorted(each.name for each in (folder / "commonvoice").iterdir()):
        part = "dev" if split == "validation" else split
        recordings, supervisions = _prepare_part(language, part, folder / "commonvoice" / language)
        for each in supervisions:
            found[each.id] = {"text": each.text, "samples": recordings[each.recording_id].num_samples}
    return found


def croissant() -> dict[str, Any]:
    import mlcroissant

    described = mlcroissant.Dataset(jsonld=str(folder / "croissant.json"))
    records = next(each for each in described.metadata.record_sets if each.uuid == split)
    return {
        "issues": list(described.metadata.ctx.issues.errors),
        "rows": [
            {
                "id": _text(record[f"{split}/id"]),
                "text": _text(record[f"{split}/text"]),
                "sound": record[f"{split}/audio"][:4].decode(),
                "words": [_text(word[f"{split}/words/word"]) for word in record[f"{split}/words"]],
            }
            for record in described.records(records.uuid)
        ],
    }


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


if __name__ == "__main__":
    readers = {each.__name__: each for each in (lhotse, shar, kaldi, ctm, commonvoice, croissant)}
    print(json.dumps({name: readers[name]() for name in sys.argv[3:]}, ensure_ascii=False))  # noqa: T201
