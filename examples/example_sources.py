"""Which public clips make_examples.py may use: only those whose MANIFEST.csv row says `redistribute` = yes."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from example_sound import SESSION_RATE, Samples, decode, resample, rms

NOISE_KINDS = ("birds", "rooster", "rain", "crickets", "motorbike", "wind")
SPEAKERS = {"te_6743f5": "te-01", "kn_1": "kn-01", "sw_1": "sw-01"}
LEFT_OUT = {  # a knock or a breath stands apart from the sentence, so where it starts or ends is in doubt
    "common_voice_te_43371476.mp3",
    "common_voice_te_43371502.mp3",
    "common_voice_te_43371558.mp3",
}


@dataclass(frozen=True, slots=True)
class ExampleSource:
    """One public clip: where it is, whose it is, what was read."""

    path: Path
    name: str  # path inside the data folder
    origin: str  # repository@commit:path
    licence: str
    language: str
    speaker: str
    text: str


def read_sources(data: Path) -> list[ExampleSource]:
    """The clips that may be given on, in the order of their transcripts. PermissionError if one may not."""
    with (data / "MANIFEST.csv").open(encoding="utf-8", newline="") as lines:
        manifest = {row["path"]: row for row in csv.DictReader(lines)}
    sources = []
    for folder in ("te_commonvoice", "kn_halthor", "sw_swahili"):
        table = data / "transcribed" / folder / "transcripts.tsv"
        with table.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
                name = f"transcribed/{folder}/{row['file']}"
                if row["file"] in LEFT_OUT:
                    continue
                entry = may_be_given_on(manifest[name])
                sources.append(
                    ExampleSource(
                        path=data / name,
                        name=name,
                        origin=entry["source"],
                        licence="CC0-1.0" if entry["licence"].startswith("CC0") else entry["licence"],
                        language=entry["language"],
                        speaker=SPEAKERS[entry["speaker"]],
                        text=row["text"],
                    )
                )
    return sources


def read_noises(data: Path, kinds: Iterable[str]) -> list[tuple[str, Samples]]:
    """CC0 noise clips whose names hold one of `kinds`, at the session's rate, equally loud."""
    wanted = tuple(kinds)
    found = []
    with (data / "MANIFEST.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if row["kind"] == "noise" and any(f"esc50_{kind}" in row["path"] for kind in wanted):
                may_be_given_on(row)
                samples = resample(*decode((data / row["path"]).read_bytes()), SESSION_RATE)
                found.append((row["path"], samples * np.float32(0.05 / (rms(samples) + 1e-9))))
    return found


def may_be_given_on(row: dict[str, str]) -> dict[str, str]:
    if row["redistribute"] != "yes":
        raise PermissionError(
            f"{row['path']} may not be copied into the project: redistribute is {row['redistribute']!r}, "
            "only 'yes' may. Take it out of the list."
        )
    return row


def noise_origins(data: Path) -> list[tuple[str, str, str]]:
    """(file, licence, where it comes from) of every noise clip that is used."""
    with (data / "MANIFEST.csv").open(encoding="utf-8", newline="") as lines:
        return [
            (Path(row["path"]).name, may_be_given_on(row)["licence"], row["note"])
            for row in csv.DictReader(lines)
            if row["kind"] == "noise" and any(f"esc50_{kind}" in row["path"] for kind in NOISE_KINDS)
        ]
