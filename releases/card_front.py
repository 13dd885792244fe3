"""The head of a dataset card: what Hugging Face reads at the top of README.md, as YAML."""

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from releases.about import GATED, About
from releases.figures import Figures
from releases.parquet import hub_features
from releases.rows import SPLITS
from releases.versions import Part

# Where Hugging Face's identifiers are not the SPDX ones in lower case: huggingface.co/docs/hub/repositories-licenses
_HUB_LICENCES = {"ODbL-1.0": "odbl", "PDDL-1.0": "pddl", "ODC-By-1.0": "odc-by"}
_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))


def front_matter(described: Mapping[str, Any]) -> str:
    return f"---\n{yaml.safe_dump(dict(described), allow_unicode=True, sort_keys=False, width=100)}---\n"


def sizes(stored: Sequence[Part]) -> dict[str, Any]:
    """`dataset_info`, as huggingface_hub reads it: what the columns are, and how many rows each split has."""
    splits = [
        {
            "name": split,
            "num_bytes": sum(part.size for part in stored if part.split == split),
            "num_examples": sum(part.rows for part in stored if part.split == split),
        }
        for split in SPLITS
        if any(part.split == split for part in stored)
    ]
    whole = sum(part.size for part in stored)
    info = {"features": hub_features(), "splits": splits, "download_size": whole, "dataset_size": whole}
    return {"dataset_info": info}


def front(about: About, figures: Figures) -> dict[str, Any]:
    used = [split for split in SPLITS if figures.by_split[split].clips]
    licences = [_HUB_LICENCES.get(each, each.lower()) for each in (figures.licences or (about.licence,))]
    return {
        "pretty_name": about.title,
        "language": sorted({code.split("-")[0] for code in about.languages}),
        "language_details": ", ".join(sorted(about.languages)),
        "license": licences[0] if len(licences) == 1 else licences,
        "task_categories": ["automatic-speech-recognition"],
        "annotations_creators": ["crowdsourced"],
        "multilinguality": "multilingual" if len(about.languages) > 1 else "monolingual",
        "size_categories": [_size(figures.total.clips)],
        "tags": ["speech", "word-alignment", "boli"],
        "version": about.version,
        "configs": [
            {
                "config_name": "default",
                "data_files": [{"split": split, "path": f"data/{split}-*.parquet"} for split in used],
            }
        ],
        "extra_gated_prompt": GATED,
        "extra_gated_fields": {"I agree to the terms above": "checkbox"},
    }


def _size(clips: int) -> str:
    return next((name for bound, name in _SIZES if clips < bound), "1M<n<10M")
