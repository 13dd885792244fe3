"""A selection to the files of a version, in a folder of this machine; nothing is published yet."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from catalog.store import ObjectStore
from releases.card import About, card
from releases.changes import Changes, told
from releases.croissant import croissant
from releases.figures import Figures
from releases.manifests import Manifests, audio_path
from releases.parquet import ShardWriter, record
from releases.refusals import Refusal, Refused
from releases.rows import SPLITS, Row, Split
from releases.selection import Selection
from releases.sound import sounds
from releases.versions import File
from releases.workspace import measured

SHARD_SECONDS = 5 * 3600.0
"""About 300 MB of FLAC: few enough files to list, small enough to fetch again."""

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""
TextFaults = Callable[[str, str], Sequence[str]]
"""Language and text to what is wrong with the text by that language's rules."""


@dataclass(frozen=True, slots=True)
class Built:
    """The files of a version, as they lie under `folder`.

    shard_of: by clip, the shard that holds it
    """

    folder: Path
    files: tuple[File, ...]
    clips: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Shard:
    path: str
    rows: tuple[Row, ...]


def shards(selection: Selection, split: Split, *, shard_seconds: float = SHARD_SECONDS) -> tuple[Shard, ...]:
    """The rows of a split in shards; the same selection gives the same shards."""
    parts: list[list[Row]] = []
    filled = shard_seconds
    for row in selection.of(split):
        if filled >= shard_seconds:
            parts.append([])
            filled = 0.0
        parts[-1].append(row)
        filled += row.seconds
    return tuple(
        Shard(f"data/{split}-{number:05}-of-{len(parts):05}.parquet", tuple(rows))
        for number, rows in enumerate(parts)
    )


def check_texts(selection: Selection, text_faults: TextFaults) -> tuple[Refusal, ...]:
    """Texts that leave their language's alphabet, and words that are not in time order inside the clip."""
    found = []
    for row in selection.rows:
        found += [
            Refusal("text", row.id, f"has a text that {fault}")
            for fault in text_faults(row.language, row.text)
        ]
        limit = round(row.seconds * 16_000) + 1
        last = 0
        for word in row.words:
            if not last <= word.start <= word.end <= limit:
                found.append(
                    Refusal("words", row.id, f"has the word {word.word!r} outside its place in time")
                )
                break
            last = word.start
    return tuple(found)


def build(
    selection: Selection,
    store: ObjectStore,
    folder: Path,
    *,
    about: About,
    figures: Figures,
    changes: Changes,
    text_faults: TextFaults,
    shard_seconds: float = SHARD_SECONDS,
    progress: Progress | None = None,
) -> Built:
    """Write every file of a version under `folder`, which is new or empty.

    Raises Refused with the whole list, where a file is empty, missing or damaged, a decoded duration disagrees,
    or a text leaves its alphabet.
    """
    refusals = list(check_texts(selection, text_faults))
    files: list[File] = []
    seconds = 0.0
    done = 0
    for split in SPLITS:
        parts = shards(selection, split, shard_seconds=shard_seconds)
        if not parts:
            continue
        manifests = Manifests(folder, split)
        with ExitStack() as open_files:
            open_files.callback(manifests.close)
            for part in parts:
                with ShardWriter(folder / part.path) as writer:
                    for row, heard in sounds(part.rows, store):
                        done += 1
                        if isinstance(heard, Refusal):
                            refusals.append(heard)
                            continue
                        writer.write(record(row, heard))
                        manifests.write(row, heard)
                        place = folder / audio_path(split, row.id)
                        place.parent.mkdir(parents=True, exist_ok=True)
                        place.write_bytes(heard.data)
                        files.append(File(audio_path(split, row.id), row.audio_sha256, len(heard.data)))
                        seconds += heard.seconds
                        if progress:
                            progress("clips gathered", done, len(selection.rows))
                files.append(measured(folder, part.path))
        files += [measured(folder, path) for path in manifests.paths]
    if refusals:
        raise Refused(selection.dataset, tuple(refusals))
    return Built(
        folder,
        tuple(_described(folder, files, selection, about, figures, changes)),
        len(selection.rows),
        seconds,
    )


def _described(
    folder: Path,
    files: Sequence[File],
    selection: Selection,
    about: About,
    figures: Figures,
    changes: Changes,
) -> list[File]:
    """The files, and the ones that speak of them."""
    (folder / "README.md").write_text(card(about, selection, figures), encoding="utf-8")
    (folder / "CHANGES.md").write_text(told(changes), encoding="utf-8")
    (folder / "croissant.json").write_bytes(
        croissant(
            title=about.title,
            dataset=selection.dataset,
            version=about.version,
            published=f"{selection.as_of:%Y-%m-%d}",
            licences=figures.licences or (about.licence,),
            files=files,
        )
    )
    described = [*files, *(measured(folder, name) for name in ("README.md", "CHANGES.md", "croissant.json"))]
    (folder / "checksums.sha256").write_bytes(checksums(described))
    return sorted([*described, measured(folder, "checksums.sha256")], key=lambda file: file.path)


def checksums(files: Sequence[File]) -> bytes:
    """checksums.sha256, as `sha256sum -c` reads it."""
    lines = (f"{file.sha256}  {file.path}\n" for file in sorted(files, key=lambda file: file.path))
    return "".join(lines).encode()
