"""ULCA's form of a speech dataset, one folder a language and split: what Bhashini takes in, zipped.

    ulca/<language>/<split>/{data.json,params.json}, ulca/<language>/<split>/audios/<clip>.flac

After dataset-schema.yml and the examples of the ULCA repository (ASRParamsSchema, ASRRowSchema). The submitter writes
their own name and account into params.json before they send it.
"""

import json
from collections import defaultdict
from typing import Any

from releases.forms.folder import FormFolder
from releases.forms.source import FormRow, PulledVersion
from releases.rows import Split


def write(version: PulledVersion, folder: FormFolder) -> None:
    lines: dict[tuple[str, Split], list[dict[str, Any]]] = defaultdict(list)
    heard: dict[tuple[str, Split], list[FormRow]] = defaultdict(list)
    for part in version.parts:
        for row in part.rows():
            where = (row.language, row.split)
            folder.put(f"ulca/{row.language}/{row.split}/audios/{row.id}.flac", row.audio)
            lines[where].append(_line(row))
            if not any(row.speaker == each.speaker and row.licence == each.licence for each in heard[where]):
                heard[where].append(row)
    for (language, split), data in lines.items():
        place = f"ulca/{language}/{split}"
        params = _params(version, language, heard[language, split])
        for name, value in (("data.json", data), ("params.json", params)):
            folder.put(f"{place}/{name}", (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode())


def _line(row: FormRow) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "audioFilename": f"audios/{row.id}.flac",
        "text": row.text,
        "speaker": row.speaker,
        "gender": row.gender,
        "age": row.age_band,
        "channel": "mono",
        "samplingRate": row.sample_rate / 1000,
        "bitsPerSample": "sixteen",
        "duration": row.duration,
    }
    if row.snr_db is not None:
        details = {"properties": [{"snr": round(row.snr_db, 1)}]}
        facts["snr"] = [{"methodType": "other", "methodDetails": [details]}]
    return {name: value for name, value in facts.items() if value is not None}


def _params(version: PulledVersion, language: str, voices: list[FormRow]) -> dict[str, Any]:
    person = {"name": "", "oauthId": {"oauthId": "", "provider": "custom"}}
    return {
        "datasetType": "asr-corpus",
        "languages": {"sourceLanguage": language},
        "collectionSource": [f"{version.dataset} {version.version}"],
        "collectionMethod": {"collectionDescription": ["manual-transcribed"]},
        "domain": ["general"],
        "license": sorted({row.licence for row in voices})[0].lower(),
        "submitter": person,
        "contributors": [person],
        "format": "flac",
        "channel": "mono",
        "samplingRate": voices[0].sample_rate / 1000,
        "bitsPerSample": "sixteen",
        "numberOfSpeakers": len({row.speaker for row in voices}),
    }
