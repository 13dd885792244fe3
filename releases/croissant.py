"""The Croissant description: a version for machines (mlcommons.org/croissant/1.1).

With where it came from (W3C PROV-O), what its speakers allow (W3C ODRL) and what there is to be careful about
(Croissant RAI 1.0).
"""

import json
from collections.abc import Sequence
from typing import Any

from catalog.consent import Purpose
from catalog.consent_record import purpose_iri
from releases.about import GATED, About
from releases.columns import MEANINGS
from releases.figures import Figures
from releases.parquet import columns
from releases.rows import SPLITS, Split
from releases.versions import File, Part

_CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "annotation": "cr:annotation",
    "arrayShape": "cr:arrayShape",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "containedIn": "cr:containedIn",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "description": {"@container": "@language"},
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "excludes": "cr:excludes",
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isArray": "cr:isArray",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "name": {"@container": "@language"},
    "odrl": "http://www.w3.org/ns/odrl/2/",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "prov": "http://www.w3.org/ns/prov#",
    "rai": "http://mlcommons.org/croissant/RAI/",
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
_WORD = {"word": "sc:Text", "start": "sc:Float", "end": "sc:Float", "score": "sc:Float"}


def croissant(
    about: About, figures: Figures, *, dataset: str, published: str, parts: Sequence[Part]
) -> bytes:
    """croissant.json: every part with its SHA-256, and for each split its rows, with their sound.

    published: date, as 2026-11-22
    """
    licences = figures.licences or (about.licence,)
    return _written(
        {
            "@context": _CONTEXT,
            "@type": "sc:Dataset",
            "conformsTo": ["http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/RAI/1.0"],
            "name": dataset,
            "description": f"{about.title}: speech with transcripts and word times.",
            "license": [f"https://spdx.org/licenses/{licence}.html" for licence in licences],
            "url": f"urn:boli:{dataset}:{about.version}",
            "citeAs": f"{about.title} ({dataset}), version {about.version}, {published}",
            "version": about.version,
            "datePublished": published,
            "inLanguage": sorted(about.languages),
            "keywords": ["speech", "transcripts", "word alignment", *sorted(about.languages.values())],
            "creator": {"@type": "sc:Organization", "name": about.title},
            **_provenance(about, figures, dataset),
            "usageInfo": _usage(about, dataset),
            **_responsible(about, figures),
            **_contents(parts),
        }
    )


def with_parts(described: dict[str, Any], parts: Sequence[Part]) -> bytes:
    """A description again, of other parts: what is left of a version after a withdrawal."""
    return _written({**described, **_contents(parts)})


def _contents(parts: Sequence[Part]) -> dict[str, Any]:
    splits = [split for split in SPLITS if any(part.split == split for part in parts)]
    return {
        "distribution": [*(_file(part.file) for part in parts), *map(_file_set, splits)],
        "recordSet": [_records(split) for split in splits],
    }


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


def _file_set(split: Split) -> dict[str, Any]:
    """The parts of a split, as they lie beside croissant.json in a copy."""
    return {
        "@type": "cr:FileSet",
        "@id": f"{split}-parts",
        "name": f"{split}-parts",
        "encodingFormat": "application/x-parquet",
        "includes": f"data/{split}-*.parquet",
    }


def _records(split: Split) -> dict[str, Any]:
    """The rows of a split."""

    def field(column: str, kind: str, **more: Any) -> dict[str, Any]:
        source = {"fileSet": {"@id": f"{split}-parts"}, "extract": {"column": column}}
        described = {"description": MEANINGS[column], "dataType": kind, "source": source}
        return {
            "@type": "cr:Field",
            "@id": f"{split}/{column}",
            "name": f"{split}/{column}",
            **described,
            **more,
        }

    audio = field("audio", "sc:AudioObject")
    audio["source"]["transform"] = {"jsonPath": "bytes"}
    plain = [field(column, _TYPES[kind]) for column, kind in columns() if kind in _TYPES]
    tags = field("tags", "sc:Text", repeated=True)
    return {
        "@type": "cr:RecordSet",
        "@id": split,
        "name": split,
        "description": f"The clips of the split {split}.",
        "key": {"@id": f"{split}/id"},
        "field": [audio, *plain, tags, _words(split)],
    }


def _words(split: Split) -> dict[str, Any]:
    """Each word with its times, in seconds from the start of the clip."""
    name = f"{split}/words"
    subfields = [
        {
            "@type": "cr:Field",
            "@id": f"{name}/{part}",
            "name": f"{name}/{part}",
            "dataType": kind,
            "source": {
                "fileSet": {"@id": f"{split}-parts"},
                "extract": {"column": "words"},
                "transform": {"jsonPath": part},
            },
        }
        for part, kind in _WORD.items()
    ]
    described = {"description": MEANINGS["words"], "repeated": True, "subField": subfields}
    return {"@type": "cr:Field", "@id": name, "name": name, **described}


def _provenance(about: About, figures: Figures, dataset: str) -> dict[str, Any]:
    def agent(label: str) -> dict[str, str]:
        return {"@type": "prov:SoftwareAgent", "prov:label": label}

    activities = [
        (
            "Transcription by people, from guidelines",
            [{"@id": f"urn:boli:guideline:{g}"} for g in figures.guidelines],
        ),
        ("Cutting into utterances", [agent(f"recipe {recipe}") for recipe in figures.recipes]),
        ("Alignment of words", [agent(aligner) for aligner in figures.aligners]),
    ]
    if figures.models:
        activities.append(
            ("Recognition by models, held against people's texts", [*map(agent, figures.models)])
        )
    said: dict[str, Any] = {
        "prov:wasGeneratedBy": [
            {"@type": "prov:Activity", "prov:label": label, "prov:wasAssociatedWith": agents}
            for label, agents in activities
        ],
        "prov:wasAttributedTo": {"@type": "prov:Agent", "prov:label": f"project {about.project}"},
    }
    if about.parent:
        said["prov:wasDerivedFrom"] = {"@id": f"urn:boli:{dataset}:{about.parent}"}
    return said


def _usage(about: About, dataset: str) -> dict[str, Any]:
    """The offer: what the speakers said yes to, and what nobody may do with their voices (W3C ODRL 2.2).

    A purpose stands as what W3C's Data Privacy Vocabulary calls it, where it has a word.
    """
    duty = {
        "@type": "odrl:Duty",
        "odrl:action": {"@id": "odrl:delete", "name": "Drop the rows of withdrawn.jsonl"},
    }
    forbidden: list[dict[str, Any]] = [
        {"@type": "odrl:Prohibition", "odrl:action": {"@id": f"urn:boli:prohibited:{name}", "name": what}}
        for name, what in (
            ("identify", "Finding out who a speaker is"),
            *(
                ()
                if Purpose.VOICE_CLONING in about.purposes
                else (("imitate", "Imitating a speaker's voice"),)
            ),
        )
    ]
    allowed: list[dict[str, Any]]
    if about.purposes:
        allowed = [_for_purpose("Permission", purpose) | {"odrl:duty": duty} for purpose in about.purposes]
        forbidden += [
            _for_purpose("Prohibition", purpose) for purpose in Purpose if purpose not in about.purposes
        ]
    else:
        allowed = [
            {"@type": "odrl:Permission", "odrl:action": {"@id": "odrl:use", "name": scope}, "odrl:duty": duty}
            for scope in about.consent_scopes
        ]
    return {
        "@type": ["CreativeWork", "odrl:Offer"],
        "@id": f"urn:boli:{dataset}:{about.version}:offer",
        "name": "What the speakers allow",
        "description": GATED,
        "odrl:assigner": {"@id": f"urn:boli:project:{about.project}"},
        "odrl:target": {"@id": f"urn:boli:{dataset}:{about.version}"},
        "odrl:permission": allowed,
        "odrl:prohibition": forbidden,
    }


def _for_purpose(rule: str, purpose: str) -> dict[str, Any]:
    return {
        "@type": f"odrl:{rule}",
        "odrl:action": {"@id": "odrl:use", "name": purpose.replace("_", " ")},
        "odrl:constraint": {
            "@type": "odrl:Constraint",
            "odrl:leftOperand": {"@id": "odrl:purpose"},
            "odrl:operator": {"@id": "odrl:isA"},
            "odrl:rightOperand": {"@id": purpose_iri(Purpose(purpose))},
        },
    }


def _responsible(about: About, figures: Figures) -> dict[str, Any]:
    biases = [
        f"{value}: {amounts['all'].seconds / figures.total.seconds:.0%} of the time ({fact})"
        for fact in ("language", "gender", "district")
        for value, amounts in figures.by_fact[fact].items()
        if figures.total.seconds
    ]
    return {
        "rai:dataCollection": "Recorded in the field by coordinators, from speakers who were informed what for.",
        "rai:dataCollectionType": ["Audio recordings", "Manual human transcription"],
        "rai:dataAnnotationProtocol": f"Guidelines {', '.join(figures.guidelines)}; "
        + ", ".join(f"{count} texts by {origin}" for origin, count in figures.agreement.by_origin.items()),
        "rai:machineAnnotationTools": [*figures.aligners, *figures.models],
        "rai:dataBiases": biases,
        "rai:dataUseCases": ["Training and testing of speech recognition"],
        "rai:personalSensitiveInformation": [
            "Voices; gender, age band, district and dialect of pseudonymous speakers, where they gave them."
        ],
        "rai:dataReleaseMaintenancePlan": "A speaker can withdraw: their rows are then taken out of every version, and "
        "named in withdrawn.jsonl.",
    }


def _written(described: dict[str, Any]) -> bytes:
    return (json.dumps(described, ensure_ascii=False, indent=1) + "\n").encode()
