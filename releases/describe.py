"""The files of a version beside its rows: what it says of itself."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from catalog.keys import part_key
from releases.about import About
from releases.card import card
from releases.card_samples import samples
from releases.changes import Changes, as_markdown
from releases.croissant import croissant
from releases.datasheet import DATASHEET, datasheet
from releases.faults import FAULTS, Code, known_faults, write_faults
from releases.figures import Figures
from releases.leaks import LEAKS, LeakReport, as_json
from releases.licence_texts import write_licences
from releases.pictures import coverage_picture, hours_picture, spread_picture
from releases.rows import SPLITS, Row, Split
from releases.selection import Selection
from releases.versions import File, Part, root
from releases.workspace import measured

LISTED = "files.json"
CHECKSUMS = "checksums.sha256"
OWN_FILES = (
    *("CHANGES.md", "README.md", DATASHEET, "croissant.json", LISTED, LEAKS, FAULTS),
    *("hours.svg", "spread.svg"),
)
"""Of every version alone, beside the licences, the picture of the quotas where there are any, and CHECKSUMS."""


@dataclass(frozen=True, slots=True)
class DescribedRows:
    """What was said of the rows, whatever parts they stand in.

    faults:  clips by what is known against them
    samples: rows that the card shows
    others:  files that were written and that not every version has
    """

    faults: Mapping[Code, int]
    samples: tuple[Row, ...]
    others: tuple[str, ...]


def describe_rows(
    folder: Path,
    selection: Selection,
    *,
    about: About,
    figures: Figures,
    changes: Changes,
    reasons: Mapping[str, Sequence[str]],
    leaks: LeakReport,
) -> DescribedRows:
    """Write the datasheet, changes, pictures, licences, and the lists of leaks and faults."""
    folder.mkdir(parents=True, exist_ok=True)
    known = write_faults(folder / FAULTS, known_faults(selection.rows, frozenset(leaks.not_their_voice)))
    (folder / DATASHEET).write_text(datasheet(about, selection, figures, known), encoding="utf-8")
    (folder / "CHANGES.md").write_text(as_markdown(changes, reasons), encoding="utf-8")
    (folder / LEAKS).write_bytes(as_json(leaks))
    (folder / "hours.svg").write_bytes(hours_picture(figures, about.languages))
    (folder / "spread.svg").write_bytes(spread_picture(figures))
    others = write_licences(folder, figures.licences or (about.licence,))
    if figures.wanted:
        (folder / "coverage.svg").write_bytes(coverage_picture(figures, about.languages))
        others = (*others, "coverage.svg")
    return DescribedRows(known, samples(selection), others)


def describe(
    folder: Path,
    selection: Selection,
    parts: Sequence[Part],
    rows: DescribedRows,
    *,
    about: About,
    figures: Figures,
) -> tuple[File, ...]:
    """Write the card, where rows lie, and the hashes of all that was written."""
    (folder / "README.md").write_text(
        card(about, selection, figures, parts, known=rows.faults, shown=rows.samples), encoding="utf-8"
    )
    (folder / "croissant.json").write_bytes(
        croissant(
            about,
            figures,
            dataset=selection.dataset,
            published=f"{selection.as_of:%Y-%m-%d}",
            parts=parts,
        )
    )
    (folder / LISTED).write_bytes(data_files(selection.dataset, parts))
    own = [measured(folder, name) for name in (*OWN_FILES, *rows.others)]
    (folder / CHECKSUMS).write_bytes(checksums([*(part.file for part in parts), *own]))
    return tuple(sorted([*own, measured(folder, CHECKSUMS)], key=lambda file: file.path))


def data_files(dataset: str, parts: Sequence[Part]) -> bytes:
    """files.json: by split, where its parts lie, from the dataset's own folder; what `data_files=` wants.

    A split without rows has an empty list.
    """
    listed: Mapping[Split, list[str]] = {split: [] for split in SPLITS}
    for part in parts:
        listed[part.split].append(part_key(dataset, part.sha256).removeprefix(f"{root(dataset)}/"))
    return (json.dumps(listed, indent=1) + "\n").encode()


def checksums(files: Sequence[File]) -> bytes:
    """checksums.sha256, as `sha256sum -c` reads it in a copy."""
    lines = (f"{file.sha256}  {file.path}\n" for file in sorted(files, key=lambda file: file.path))
    return "".join(lines).encode()
