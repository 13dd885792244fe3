"""The Croissant description: the version for machines (mlcommons.org/croissant/1.0)."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from releases.parquet import columns
from releases.rows import SPLITS
from releases.versions import File, Part

_CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
_TYPES = {"string": "sc:Text", "double": "sc:Float", "int32": "sc:Integer", "int64": "sc:Integer"}


def croissant(
    *, title: str, dataset: str, version: str, published: str, licences: Iterable[str], parts: Sequence[Part]
) -> bytes:
    """croissant.json; every shard with its SHA-256, every simple column as a field.

    published: date, as 2026-11-22
    """
    shards = [part.file for part in parts]
    described = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": dataset,
        "description": f"{title}: speech with transcripts and word times.",
        "license": [f"https://spdx.org/licenses/{licence}.html" for licence in licences],
        "citeAs": f"{title} ({dataset}), version {version}, {published}",
        "version": version,
        "datePublished": published,
        "creator": {"@type": "sc:Organization", "name": title},
        "distribution": [_file(shard) for shard in shards],
        "recordSet": [_records(shard) for shard in shards],
    }
    return _written(described)


def with_parts(described: dict[str, Any], parts: Sequence[Part]) -> bytes:
    """A description again, of other parts: what is left of a version after a withdrawal."""
    fresh = {
        "distribution": [_file(part.file) for part in parts],
        "recordSet": [_records(part.file) for part in parts],
    }
    return _written({**described, **fresh})


def _written(described: dict[str, Any]) -> bytes:
    return (json.dumps(described, ensure_ascii=False, indent=1) + "\n").encode()


def _file(part: File) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": part.path,
        "name": part.path,
        "contentUrl": part.path,
        "contentSize": f"{part.size} B",
        "encodingFormat": "application/x-parquet",
        "sha256": part.sha256,
    }


def _records(shard: File) -> dict[str, Any]:
    name = shard.path.removeprefix("data/").removesuffix(".parquet")
    fields = [(column, _TYPES[kind]) for column, kind in columns() if kind in _TYPES]
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "description": f"Clips of the split {next(split for split in SPLITS if name.startswith(split))}.",
        "field": [
            {
                "@type": "cr:Field",
                "@id": f"{name}/{column}",
                "name": f"{name}/{column}",
                "description": column,
                "dataType": kind,
                "source": {"fileObject": {"@id": shard.path}, "extract": {"column": column}},
            }
            for column, kind in fields
        ],
    }
