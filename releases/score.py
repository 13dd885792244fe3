"""How wrong a recogniser is on a split of a version: WER, CER, and errors that no permitted spelling explains.

The spelling-aware error holds a text against the version's own lattice (column `spellings`), as OIWER does: the least
edits from any permitted way to write what was said. It is never above WER.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from catalog.errors import UserError
from catalog.store import StoreReader
from catalog.store.stored_file import StoredFile
from releases.figures import UNKNOWN
from releases.parquet import column_names, read_columns
from releases.rows import Split
from releases.versions import Version
from transcription.decisions.agreement import ErrorRates, error_rates, total
from transcription.rules.guideline import Guideline, strict
from transcription.text import comparison
from transcription.text.lattice import from_json, word_edits

SCORED_BY = ("language", "district", "gender", "device")


class NothingToScore(UserError):
    """No text of the recogniser is of a clip of the split."""


@dataclass(frozen=True, slots=True)
class Score:
    """wer, cer: edits as a share of the true words and characters; spelling_aware: as WER, by the lattices"""

    clips: int
    words: int
    wer: float
    cer: float
    spelling_aware: float


@dataclass(frozen=True, slots=True)
class Scores:
    """missing: clips of the split that the recogniser has no text of, counted as nothing heard
    unknown: texts of clips that the split doesn't hold
    by:      for each of SCORED_BY and each of its values
    """

    dataset: str
    version: str
    split: Split
    missing: int
    unknown: int
    total: Score
    by: Mapping[str, Mapping[str, Score]]


@dataclass(frozen=True, slots=True)
class ScoredText:
    """One text against its clip's."""

    rates: ErrorRates
    spelling_edits: int


class Groups:
    """Scored texts: all of them, and by each of SCORED_BY and each of its values."""

    def __init__(self) -> None:
        self._found: defaultdict[tuple[str, str], list[ScoredText]] = defaultdict(list)

    def add(self, row: Mapping[str, object], scored: ScoredText) -> None:
        for fact in ("", *SCORED_BY):
            self._found[fact, str(row[fact] or UNKNOWN) if fact else ""].append(scored)

    @property
    def total(self) -> Score:
        return _sum(self._found["", ""])

    @property
    def by(self) -> Mapping[str, Mapping[str, Score]]:
        return {
            fact: {
                value: _sum(self._found[name, value]) for name, value in sorted(self._found) if name == fact
            }
            for fact in SCORED_BY
        }


def score(
    store: StoreReader,
    version: Version,
    split: Split,
    heard: Mapping[str, str],
    guidelines: Mapping[str, Guideline],
) -> Scores:
    """Score texts by clip. guidelines: by language code. raises: NothingToScore; NotStored"""
    groups = Groups()
    known = clips = 0
    for row in scored_rows(store, version, split):
        known += row["id"] in heard
        clips += 1
        groups.add(row, scored_text(row, heard.get(str(row["id"]), ""), guidelines))
    if not known:
        raise NothingToScore(
            f"none of the {len(heard)} texts is of one of the {clips} clips of {split}.\n"
            "Name each by the clip's id, as in the column `id`, or by its audio file."
        )
    return Scores(
        dataset=version.commit.dataset,
        version=version.commit.version,
        split=split,
        missing=clips - known,
        unknown=len(heard) - known,
        total=groups.total,
        by=groups.by,
    )


def scored_rows(
    store: StoreReader, version: Version, split: Split, *more: str
) -> Iterator[Mapping[str, object]]:
    """What scoring needs of each row of a split, and `more` columns; None where a version of before has no such."""
    wanted = ("id", "text", "spellings", *SCORED_BY, *more)
    for file in version.files:
        if file.path.startswith(f"data/{split}-"):
            there = column_names(StoredFile(store, version.key(file), file.size))
            empty = dict.fromkeys(wanted)
            source = StoredFile(store, version.key(file), file.size)
            for row in read_columns(source, [name for name in wanted if name in there]):
                yield empty | row


def scored_text(row: Mapping[str, object], heard: str, guidelines: Mapping[str, Guideline]) -> ScoredText:
    """What was heard in a row's clip against its text. raises: NothingToScore where its language has no rules"""
    language, text = str(row["language"]), str(row["text"])
    if language not in guidelines:
        raise NothingToScore(
            f"there are no rules for texts in '{language}'.\nAdd the language to configs/languages."
        )
    guideline = strict(guidelines[language])
    rates = error_rates(text, heard, guideline)
    lattice = row["spellings"]
    if not lattice:
        return ScoredText(rates, rates.word_edits)
    edits = word_edits(from_json(str(lattice)), comparison(heard, guideline).split())
    return ScoredText(rates, min(rates.word_edits, edits))


def _sum(scored: Sequence[ScoredText]) -> Score:
    rates = total([each.rates for each in scored])
    edits = sum(each.spelling_edits for each in scored)
    aware = edits / rates.words if rates.words else float(bool(edits))
    return Score(len(scored), rates.words, rates.wer, rates.cer, aware)
